import type { Descriptor, Segment } from './descriptor.ts';

/** A chain of descriptors that the driver made available: what a virtio device calls a request. */
export interface RingRequest {
  /** From 1, in the order in which they were made available on this queue since power-on. */
  readonly number: number;
  /** Of a split ring the first descriptor, of a packed one the buffer id: what the device answers with. */
  readonly id: number;
  /** Descriptors that it takes in the table or in the ring, in their order. */
  readonly slots: readonly number[];
  /** Where in the available ring it stands; of a packed ring the same as its first descriptor. */
  readonly entry: number;
  /** Its buffers, those in indirect tables too. */
  readonly segments: readonly Segment[];
  /** How many bytes the device says that it wrote; `undefined` while it has the request. */
  readonly written: number | undefined;
  /** Where the device said so; `undefined` if it did not, or (with IN_ORDER) by that of a later one. */
  readonly usedEntry: number | undefined;
}

export interface UsedElement {
  readonly id: number;
  /** In bytes. */
  readonly length: number;
}

/** What both rings have. */
interface SnapshotOfAny {
  readonly size: number;
  /** VIRTIO_F_EVENT_IDX was negotiated: the event fields count. */
  readonly eventIdx: boolean;
  /** Of all descriptors, by their index. */
  readonly descriptors: readonly Descriptor[];
  /** Requests that the device has, oldest first. */
  readonly inFlight: readonly RingRequest[];
  /** Descriptors that the driver has written, and not made available yet. */
  readonly prepared: readonly number[];
}

/** A split virtqueue at one moment (virtio §2.7). */
export interface SplitSnapshot extends SnapshotOfAny {
  readonly format: 'split';
  readonly available: {
    readonly flags: number;
    /** Counts on beyond the size, modulo 2^16. */
    readonly index: number;
    readonly entries: readonly number[];
    readonly usedEvent: number;
  };
  readonly used: {
    readonly flags: number;
    readonly index: number;
    readonly elements: readonly UsedElement[];
    readonly availableEvent: number;
  };
}

/** Where a side of a packed virtqueue goes on (virtio §2.8.1). */
export interface RingPosition {
  readonly offset: number;
  /** The wrap counter. */
  readonly wrap: 0 | 1;
}

/** Which notifications a side of a packed virtqueue wants (virtio §2.8.10). */
export interface EventSuppression extends RingPosition {
  readonly flags: number;
}

/** A packed virtqueue at one moment (virtio §2.8). */
export interface PackedSnapshot extends SnapshotOfAny {
  readonly format: 'packed';
  readonly driverEvent: EventSuppression;
  readonly deviceEvent: EventSuppression;
  /** Where the driver makes the next list available. */
  readonly nextAvailable: RingPosition;
  /** Where the device writes the next used descriptor. */
  readonly nextUsed: RingPosition;
}

export type RingSnapshot = SplitSnapshot | PackedSnapshot;
