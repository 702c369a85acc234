import type { GuestRange } from './guest-bytes.ts';

/** Where the parts of a virtqueue are: of a packed one, its descriptors and two structures (virtio §2.6). */
export interface RingAddresses {
  readonly descriptors: number;
  readonly driver: number;
  readonly device: number;
  /** In descriptors. */
  readonly size: number;
}

/** A piece of a request's buffer. */
export interface Segment extends GuestRange {
  /** Whether the device writes it. */
  readonly writable: boolean;
}

/** A chain that a driver has made available. */
export interface AvailableChain {
  /** The number of its first descriptor, or the buffer id of a packed ring. */
  readonly id: number;
  readonly segments: readonly Segment[];
}

/** A chain that a device has used. */
export interface UsedChain {
  readonly id: number;
  /** In bytes; of one that an in-order batch skips all that it could write. */
  readonly length: number;
}

/** Looks at a ring in guest RAM, as the other side does, and remembers how far it has come. */
export interface Ring {
  /** What the driver has made available since the last time: no more than a ring holds. */
  available(): Iterable<AvailableChain>;
  /** What the device has used since the last time: no more than a ring holds. */
  used(): Iterable<UsedChain>;
  /** Whether a piece of RAM is where a driver looks for what is used next. */
  isPolled(address: number, length: number): boolean;
}
