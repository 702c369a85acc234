import { VIRTIO_F_RING_RESET, VIRTIO_MSI_NO_VECTOR } from '@dxelab/virtio';
import type { VirtioDeviceCore } from '../../core/virtio-device-core.ts';
import type { VirtioQueue } from '../../core/virtio-queue.ts';
import type { VirtioPciInterrupts } from './interrupts.ts';

// struct virtio_pci_common_cfg (virtio §4.1.4.3): constants of this file, because imported ones are
// slow in a `switch` under Vitest.
const DEVICE_FEATURE_SELECT = 0x00;
const DEVICE_FEATURE = 0x04;
const DRIVER_FEATURE_SELECT = 0x08;
const DRIVER_FEATURE = 0x0c;
const CONFIG_MSIX_VECTOR = 0x10;
const NUM_QUEUES = 0x12;
const DEVICE_STATUS = 0x14;
const CONFIG_GENERATION = 0x15;
const QUEUE_SELECT = 0x16;
const QUEUE_SIZE = 0x18;
const QUEUE_MSIX_VECTOR = 0x1a;
const QUEUE_ENABLE = 0x1c;
const QUEUE_NOTIFY_OFF = 0x1e;
const QUEUE_DESC = 0x20;
const QUEUE_RESET = 0x3a;

/** How wide the register at each offset is, in bytes; 0 where none begins. */
const WIDTHS = widths({
  1: [DEVICE_STATUS, CONFIG_GENERATION],
  2: [
    CONFIG_MSIX_VECTOR,
    NUM_QUEUES,
    QUEUE_SELECT,
    QUEUE_SIZE,
    QUEUE_MSIX_VECTOR,
    QUEUE_ENABLE,
    QUEUE_NOTIFY_OFF,
    QUEUE_RESET,
  ],
  // The three addresses are two registers each (virtio §4.1.3).
  4: [
    DEVICE_FEATURE_SELECT,
    DEVICE_FEATURE,
    DRIVER_FEATURE_SELECT,
    DRIVER_FEATURE,
    0x20,
    0x24,
    0x28,
    0x2c,
    0x30,
    0x34,
  ],
});

/** The common configuration structure: what a driver initialises the device with. */
export class CommonConfig {
  readonly #core: VirtioDeviceCore;
  readonly #interrupts: VirtioPciInterrupts;
  #deviceFeatureSelect = 0;
  #driverFeatureSelect = 0;
  #queueSelect = 0;

  constructor(core: VirtioDeviceCore, interrupts: VirtioPciInterrupts) {
    this.#core = core;
    this.#interrupts = interrupts;
  }

  read(offset: number, width: number): number {
    if (WIDTHS[offset] !== width) this.#reportWidth('read', offset, width);
    const core = this.#core;
    switch (offset) {
      case QUEUE_SELECT:
        return this.#queueSelect;
      case DEVICE_STATUS:
        return core.status;
      case DEVICE_FEATURE_SELECT:
        return this.#deviceFeatureSelect;
      case DEVICE_FEATURE:
        return core.features.deviceFeature(this.#deviceFeatureSelect);
      case DRIVER_FEATURE_SELECT:
        return this.#driverFeatureSelect;
      case DRIVER_FEATURE:
        return core.features.driverFeature(this.#driverFeatureSelect);
      case CONFIG_MSIX_VECTOR:
        return this.#interrupts.configVector;
      case NUM_QUEUES:
        return core.queues.length;
      case CONFIG_GENERATION:
        return core.configGeneration;
      default:
        return this.#readQueue(offset);
    }
  }

  write(offset: number, width: number, value: number): void {
    if (WIDTHS[offset] !== width) this.#reportWidth('written', offset, width);
    switch (offset) {
      case QUEUE_SELECT:
        this.#queueSelect = value & 0xffff;
        return;
      case DEVICE_STATUS:
        this.#writeStatus(value & 0xff);
        return;
      case DEVICE_FEATURE_SELECT:
        this.#deviceFeatureSelect = value;
        return;
      case DRIVER_FEATURE_SELECT:
        this.#driverFeatureSelect = value;
        return;
      case DRIVER_FEATURE:
        this.#core.acceptFeatures(this.#driverFeatureSelect, value);
        return;
      case CONFIG_MSIX_VECTOR:
        this.#checkVector(this.#interrupts.mapConfig(value & 0xffff), value & 0xffff);
        return;
      case DEVICE_FEATURE:
      case NUM_QUEUES:
      case CONFIG_GENERATION:
      case QUEUE_NOTIFY_OFF:
        this.#broke('a read-only register was written', offset, value);
        return;
      default:
        this.#writeQueue(offset, value);
    }
  }

  /** What a device reset does here. */
  reset(): void {
    this.#deviceFeatureSelect = 0;
    this.#driverFeatureSelect = 0;
    this.#queueSelect = 0;
    this.#interrupts.reset();
  }

  #readQueue(offset: number): number {
    const queue = this.#core.queues[this.#queueSelect];
    if (queue === undefined) return offset === QUEUE_MSIX_VECTOR ? VIRTIO_MSI_NO_VECTOR : 0;
    switch (offset) {
      case QUEUE_NOTIFY_OFF:
        return queue.index;
      case QUEUE_SIZE:
        return queue.size;
      case QUEUE_MSIX_VECTOR:
        return this.#interrupts.queueVector(queue.index);
      case QUEUE_ENABLE:
        return queue.enabled ? 1 : 0;
      default:
        // A queue reset is complete when its write returns, so that queue_reset always reads 0.
        return offset < QUEUE_DESC ? 0 : (queue.addresses[(offset - QUEUE_DESC) / 4] ?? 0);
    }
  }

  #writeQueue(offset: number, value: number): void {
    if (WIDTHS[offset] === undefined || WIDTHS[offset] === 0) return;
    const queue = this.#core.queues[this.#queueSelect];
    if (queue === undefined || queue.maxSize === 0) {
      this.#broke(`queue ${this.#queueSelect} does not exist, and was configured`, offset, value);
      return;
    }
    switch (offset) {
      case QUEUE_MSIX_VECTOR:
        this.#checkVector(this.#interrupts.mapQueue(queue.index, value & 0xffff), value & 0xffff);
        return;
      case QUEUE_RESET:
        this.#resetQueue(queue, value);
        return;
      default:
        if (queue.enabled) {
          this.#broke(`queue ${queue.index} is enabled, and was configured`, offset, value);
        } else if (offset === QUEUE_ENABLE) this.#enableQueue(queue, value);
        else if (offset === QUEUE_SIZE) this.#resizeQueue(queue, value & 0xffff);
        else queue.addresses[(offset - QUEUE_DESC) / 4] = value;
    }
  }

  #writeStatus(value: number): void {
    this.#core.writeStatus(value);
    if (value === 0) this.reset();
  }

  #enableQueue(queue: VirtioQueue, value: number): void {
    if (value === 1) this.#core.enableQueue(queue);
    else this.#broke(`queue_enable can only be written with 1`, QUEUE_ENABLE, value);
  }

  #resizeQueue(queue: VirtioQueue, size: number): void {
    const isPowerOfTwo = size > 0 && (size & (size - 1)) === 0;
    if (isPowerOfTwo && size <= queue.maxSize) queue.size = size;
    else this.#broke(`queue_size is a power of two up to ${queue.maxSize}`, QUEUE_SIZE, size);
  }

  #resetQueue(queue: VirtioQueue, value: number): void {
    if ((this.#core.features.accepted & VIRTIO_F_RING_RESET) === 0n) {
      this.#broke('queue_reset exists only with VIRTIO_F_RING_RESET', QUEUE_RESET, value);
    } else if (value === 1) {
      queue.reset();
      this.#interrupts.mapQueue(queue.index, VIRTIO_MSI_NO_VECTOR);
    } else this.#broke('queue_reset can only be written with 1', QUEUE_RESET, value);
  }

  #checkVector(mapped: boolean, vector: number): void {
    if (mapped) return;
    const message = `vector ${vector} is outside the MSI-X table`;
    this.#core.report('4.1.5.1.2.2', message, { vector });
  }

  #reportWidth(what: string, offset: number, width: number): void {
    const message = `the common configuration at 0x${offset.toString(16)} was ${what} with ${width} bytes`;
    const expected = WIDTHS[offset] ?? 0;
    const wanted = expected === 0 ? 'no register begins there' : `the register has ${expected}`;
    this.#core.report('4.1.3.1', `${message}: ${wanted}`, { offset, width });
  }

  #broke(message: string, offset: number, value: number): void {
    this.#core.report('4.1.4.3.2', message, { offset, value });
  }
}

function widths(registers: Readonly<Record<number, readonly number[]>>): Uint8Array {
  const table = new Uint8Array(QUEUE_RESET + 2);
  for (const [width, offsets] of Object.entries(registers)) {
    for (const offset of offsets) table[offset] = Number(width);
  }
  return table;
}
