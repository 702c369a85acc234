import { VIRTIO_F_RING_RESET } from '@dxelab/virtio';
import type { VirtioDeviceCore } from '../core/virtio-device-core.ts';
import type { VirtioQueue } from '../core/virtio-queue.ts';

/**
 * The queue that a driver has selected, and what it may do to it. Every transport has these registers,
 * each at offsets of its own; the rules are the same (virtio §2.6, §2.7).
 */
export class SelectedQueue {
  /** As the driver wrote it: there need be no such queue. */
  index = 0;
  readonly #core: VirtioDeviceCore;
  readonly #section: string;

  /** @param section where the specification says what drivers may do to the transport's registers */
  constructor(core: VirtioDeviceCore, section: string) {
    this.#core = core;
    this.#section = section;
    core.onReset(() => {
      this.index = 0;
    });
  }

  /** `undefined` if there is no such queue. */
  get queue(): VirtioQueue | undefined {
    return this.#core.queues[this.index];
  }

  /** The queue, for being configured; without one that is reported. */
  existing(): VirtioQueue | undefined {
    const { queue } = this;
    if (queue !== undefined && queue.maxSize > 0) return queue;
    this.#broke('does not exist, and was configured');
    return undefined;
  }

  /** The queue, for what cannot be changed while it is in use; if that is the case it is reported. */
  idle(): VirtioQueue | undefined {
    const queue = this.existing();
    if (queue?.enabled !== true) return queue;
    this.#broke('is enabled, and was configured');
    return undefined;
  }

  /** Chooses the size, in descriptors. */
  resize(size: number): void {
    const queue = this.idle();
    if (queue === undefined) return;
    const { packed } = this.#core.ringFeatures;
    const isSize = size > 0 && (packed || (size & (size - 1)) === 0);
    if (isSize && size <= queue.maxSize) queue.size = size;
    else {
      const sizes = packed ? '1' : 'a power of two';
      this.#broke(`has ${sizes} up to ${queue.maxSize} descriptors, not ${size}`);
    }
  }

  /** @param half in the order of the registers: lower and upper half of each of the three addresses */
  setAddress(half: number, value: number): void {
    const queue = this.idle();
    if (queue !== undefined) queue.addresses[half] = value;
  }

  enable(value: number): void {
    const queue = this.idle();
    if (queue === undefined) return;
    if (value === 1) this.#core.enableQueue(queue);
    else this.#broke(`is enabled by a 1, not ${value}`);
  }

  /** Takes the queue out of use; what was configured stays. */
  disable(): void {
    this.existing()?.disable();
  }

  /**
   * Resets the queue alone (virtio §2.6.1). That is complete when this returns: a driver that asks
   * whether it goes on always reads 0.
   * @returns whether it did
   */
  reset(value: number): boolean {
    const queue = this.existing();
    if (queue === undefined) return false;
    if ((this.#core.features.accepted & VIRTIO_F_RING_RESET) === 0n) {
      this.#broke('can only be reset with VIRTIO_F_RING_RESET');
      return false;
    }
    if (value !== 1) {
      this.#broke(`is reset by a 1, not ${value}`);
      return false;
    }
    queue.reset();
    return true;
  }

  #broke(problem: string): void {
    const { index } = this;
    this.#core.report(this.#section, `queue ${index} ${problem}`, { queue: index });
  }
}
