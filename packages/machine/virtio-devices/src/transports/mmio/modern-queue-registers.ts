import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import { SelectedQueue } from '../selected-queue.ts';
import type { QueueRegisters } from './queue-registers.ts';

// Registers of version 2 (virtio §4.2.2): constants of this file for the `switch`.
const QUEUE_SIZE_MAX = 0x034;
const QUEUE_SIZE = 0x038;
const QUEUE_READY = 0x044;
const QUEUE_DESC_LOW = 0x080;
const QUEUE_DESC_HIGH = 0x084;
const QUEUE_DRIVER_LOW = 0x090;
const QUEUE_DRIVER_HIGH = 0x094;
const QUEUE_DEVICE_LOW = 0x0a0;
const QUEUE_DEVICE_HIGH = 0x0a4;
const SHM_SEL = 0x0ac;
const SHM_LEN_LOW = 0x0b0;
const SHM_LEN_HIGH = 0x0b4;
const SHM_BASE_LOW = 0x0b8;
const SHM_BASE_HIGH = 0x0bc;
const QUEUE_RESET = 0x0c0;
const CONFIG_GENERATION = 0x0fc;

const ALL_ONES = 0xffff_ffff;

/** Version 2: queues in three parts with 64-bit addresses, shared memory, and a configuration with versions. */
export class ModernQueueRegisters implements QueueRegisters {
  readonly #core: VirtioDeviceCore;
  readonly #selected: SelectedQueue;

  /** @param section where the specification says what drivers may do to the registers */
  constructor(core: VirtioDeviceCore, section: string) {
    this.#core = core;
    this.#selected = new SelectedQueue(core, section);
  }

  select(queueIndex: number): void {
    this.#selected.index = queueIndex;
  }

  read(offset: number): number | undefined {
    const { queue } = this.#selected;
    switch (offset) {
      case QUEUE_SIZE_MAX:
        return queue?.maxSize ?? 0;
      case QUEUE_READY:
        return queue?.enabled === true ? 1 : 0;
      case QUEUE_RESET:
        // Complete when its write returns.
        return 0;
      case CONFIG_GENERATION:
        return this.#core.configGeneration;
      case SHM_LEN_LOW:
      case SHM_LEN_HIGH:
      case SHM_BASE_LOW:
      case SHM_BASE_HIGH:
        // No device here shares memory: every region is one that does not exist.
        return ALL_ONES;
      default:
        return undefined;
    }
  }

  write(offset: number, value: number): boolean {
    const selected = this.#selected;
    switch (offset) {
      case QUEUE_SIZE:
        selected.resize(value);
        return true;
      case QUEUE_READY:
        // In contrast to PCI a queue can be taken out of use without being reset.
        if (value === 0) selected.disable();
        else selected.enable(value);
        return true;
      case QUEUE_DESC_LOW:
      case QUEUE_DESC_HIGH:
      case QUEUE_DRIVER_LOW:
      case QUEUE_DRIVER_HIGH:
      case QUEUE_DEVICE_LOW:
      case QUEUE_DEVICE_HIGH:
        // Two registers every 16 bytes: 0, 1, 2 and so on.
        selected.setAddress(((offset - QUEUE_DESC_LOW) >> 3) + ((offset >> 2) & 1), value);
        return true;
      case QUEUE_RESET:
        selected.reset(value);
        return true;
      case SHM_SEL:
        return true;
      default:
        return false;
    }
  }
}
