import type { IndirectTable } from '../recording/frame.ts';
import type { RingImage } from '../ring-image.ts';
import type { RingRequest, RingSnapshot } from './snapshot.ts';

/** What has become of requests in one frame. */
export interface Progress {
  readonly published: readonly RingRequest[];
  readonly completed: readonly RingRequest[];
}

/**
 * Follows requests through the bytes of one virtqueue. What a driver or a device wrote is not to be
 * trusted: whatever it is, a follower ends, and throws nothing.
 */
export interface Follower {
  /** Looks for requests that were made available, with the indirect tables that were there. */
  driverWrote(image: RingImage, tables: readonly IndirectTable[]): Progress;
  /** Looks for requests that were used. */
  deviceWrote(image: RingImage): Progress;
  snapshot(image: RingImage, prepared: readonly number[]): RingSnapshot;
}
