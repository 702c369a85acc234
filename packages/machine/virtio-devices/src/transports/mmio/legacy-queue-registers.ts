import { VIRTIO_PAGE_SIZE } from '@dxelab/virtio';
import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import { SelectedLegacyQueue } from '../selected-legacy-queue.ts';
import type { QueueRegisters } from './queue-registers.ts';

// Registers of version 1 (virtio §4.2.4): constants of this file for the `switch`.
const GUEST_PAGE_SIZE = 0x028;
const QUEUE_SIZE_MAX = 0x034;
const QUEUE_SIZE = 0x038;
const QUEUE_ALIGN = 0x03c;
const QUEUE_PFN = 0x040;

/** Version 1: a queue lies in pages of a size that the driver says, its used ring at an alignment that it says. */
export class LegacyQueueRegisters implements QueueRegisters {
  readonly #core: VirtioDeviceCore;
  readonly #section: string;
  readonly #selected: SelectedLegacyQueue;
  /** By queue; 0 for one that the driver has not yet aligned. */
  readonly #alignments: Uint32Array;
  /** 0 before the driver has said it. */
  #pageSize = 0;

  /** @param section where the specification says what drivers may do to the registers */
  constructor(core: VirtioDeviceCore, section: string) {
    this.#core = core;
    this.#section = section;
    this.#selected = new SelectedLegacyQueue(core, section);
    this.#alignments = new Uint32Array(core.queues.length);
    core.onReset(() => {
      this.#pageSize = 0;
      this.#alignments.fill(0);
    });
  }

  select(queueIndex: number): void {
    this.#selected.index = queueIndex;
  }

  read(offset: number): number | undefined {
    switch (offset) {
      case QUEUE_SIZE_MAX:
        return this.#readMaxSize();
      case QUEUE_PFN:
        return this.#selected.pageNumber(this.#pageSize);
      default:
        return undefined;
    }
  }

  write(offset: number, value: number): boolean {
    switch (offset) {
      case GUEST_PAGE_SIZE:
        if (this.#isPowerOfTwo('GuestPageSize', value)) this.#pageSize = value;
        return true;
      case QUEUE_SIZE:
        this.#selected.resize(value);
        return true;
      case QUEUE_ALIGN:
        if (this.#selected.idle() !== undefined && this.#isPowerOfTwo('QueueAlign', value)) {
          this.#alignments[this.#selected.index] = value;
        }
        return true;
      case QUEUE_PFN:
        this.#place(value);
        return true;
      default:
        return false;
    }
  }

  #readMaxSize(): number {
    const { index, queue } = this.#selected;
    if (queue?.enabled === true) {
      const message = `QueueSizeMax was read while queue ${index} is in use`;
      this.#core.report(this.#section, message, { queue: index });
    }
    return queue?.maxSize ?? 0;
  }

  #place(pageNumber: number): void {
    const { index } = this.#selected;
    const alignment = this.#alignments[index] ?? 0;
    if (pageNumber !== 0 && this.#pageSize === 0) {
      this.#core.report(this.#section, `queue ${index} was placed before GuestPageSize was set`);
      return;
    }
    if (pageNumber !== 0 && alignment === 0) {
      this.#core.report(this.#section, `queue ${index} was placed before QueueAlign was set`);
    }
    this.#selected.place(pageNumber, this.#pageSize, alignment || VIRTIO_PAGE_SIZE);
  }

  #isPowerOfTwo(register: string, value: number): boolean {
    if (value > 0 && Number.isInteger(Math.log2(value))) return true;
    this.#core.report(this.#section, `${register} is a power of two, not ${value}`, { value });
    return false;
  }
}
