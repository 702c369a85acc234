import type { RingAddresses } from './ring.ts';

/** A queue as a driver has published it. */
export interface PublishedRing extends RingAddresses {
  /** VIRTIO_F_RING_PACKED was accepted (virtio §2.8). */
  readonly packed: boolean;
  /** All feature bits that the driver has accepted. */
  readonly features: bigint;
}

/**
 * Who wants to know what becomes of queues, whichever transport they are set up over. It is called while no
 * time passes, so that it may look into guest RAM; what it throws would reach the driver.
 */
export interface QueueWatcher {
  /** @param device as reports call it: `virtio-blk 02.0` */
  queueSetUp(device: string, queue: number, ring: PublishedRing): void;
  /** A driver is about to tell the device that something is new; a broken one may name any queue. */
  queueNotified(device: string, queue: number): void;
  /** The driver is about to take a queue back, alone or by a reset of its device. */
  queueTakenBack(device: string, queue: number): void;
}
