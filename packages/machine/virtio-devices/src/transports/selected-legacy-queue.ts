import { uint64, upperHalf } from '@dxelab/platform';
import { QUEUE_DESC, QUEUE_DEVICE, QUEUE_DRIVER } from '../core/virtio-queue.ts';
import { legacyRing } from '../queue/legacy-ring.ts';
import { SelectedQueue } from './selected-queue.ts';

/** The queue that a driver has selected through a legacy interface: it has one address, in pages. */
export class SelectedLegacyQueue extends SelectedQueue {
  /** Where the queue is, in pages; 0 if it is not in use. */
  pageNumber(pageSize: number): number {
    const { queue } = this;
    if (queue?.enabled !== true) return 0;
    const [low = 0, high = 0] = queue.addresses;
    return Math.floor(uint64(low, high) / pageSize);
  }

  /**
   * Puts the queue into use where the driver has put it, or, at page 0, out of use.
   * @param pageSize in bytes
   * @param alignment of the used ring, in bytes
   */
  place(pageNumber: number, pageSize: number, alignment: number): void {
    if (pageNumber === 0) {
      this.existing()?.reset();
      return;
    }
    const queue = this.idle();
    if (queue === undefined) return;
    const { desc, driver, device } = legacyRing(pageNumber * pageSize, queue.size, alignment);
    this.#setAddress(QUEUE_DESC, desc);
    this.#setAddress(QUEUE_DRIVER, driver);
    this.#setAddress(QUEUE_DEVICE, device);
    this.enable(1);
  }

  #setAddress(part: number, address: number): void {
    this.setAddress(part, address >>> 0);
    this.setAddress(part + 1, upperHalf(address));
  }
}
