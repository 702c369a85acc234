import { SplitVirtqueue } from '../queue/split-virtqueue.ts';
import type { QueueOwner, RingFeatures } from '../queue/split-virtqueue.ts';
import type { Dma } from '@dxelab/emulated-machine';
import { uint64 } from '@dxelab/platform';

/** The 64-bit address of `half` 0 (lower) or 1 of each part; in the order of the registers. */
export const QUEUE_DESC = 0;
export const QUEUE_DRIVER = 2;
export const QUEUE_DEVICE = 4;

/** One queue as a driver sets it up: its registers, its rings, and what was seen of it for reports. */
export class VirtioQueue {
  readonly index: number;
  /** 0 if there is no such queue. */
  readonly maxSize: number;
  readonly ring: SplitVirtqueue;
  /** In descriptors: what the driver has chosen. */
  size: number;
  enabled = false;
  /** Lower and upper halves of the addresses of descriptor table, available and used ring. */
  readonly addresses: Uint32Array = new Uint32Array(6);
  /** When the driver last notified, in nanoseconds since power-on; -1 before the first time. */
  lastNotification = -1;
  /** How many chains were taken and given back since power-on. */
  taken = 0;
  used = 0;

  constructor(index: number, maxSize: number, dma: Dma, features: RingFeatures, owner: QueueOwner) {
    this.index = index;
    this.maxSize = maxSize;
    this.size = maxSize;
    this.ring = new SplitVirtqueue(dma, features, owner);
  }

  enable(): void {
    this.enabled = true;
    this.ring.start(this.size, {
      desc: this.#address(QUEUE_DESC),
      driver: this.#address(QUEUE_DRIVER),
      device: this.#address(QUEUE_DEVICE),
    });
  }

  /** Back to the state after power-on (virtio §2.6.1.1.1). */
  reset(): void {
    this.ring.stop();
    this.enabled = false;
    this.size = this.maxSize;
    this.addresses.fill(0);
  }

  /** A line for the report of a boot that does not end. */
  describe(): string {
    const { index, size, ring, taken, used } = this;
    const waiting = ring.unnoticed();
    const notified =
      this.lastNotification < 0
        ? 'never notified'
        : `last notified at ${(this.lastNotification / 1e6).toFixed(3)} ms`;
    return [
      `  queue ${index} of ${size}: ${taken + waiting} made available, ${taken} taken, ${used} used`,
      notified,
      ...(waiting > 0 ? [`${waiting} made available without notification`] : []),
      ...(ring.pending > 0 ? [`${ring.pending} in work`] : []),
    ].join(', ');
  }

  /** From 2^53 on it is rounded: no device can reach that, and Dma refuses it. */
  #address(part: number): number {
    return uint64(this.addresses[part] ?? 0, this.addresses[part + 1] ?? 0);
  }
}
