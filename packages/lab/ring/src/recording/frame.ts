import type { RingChange, RingImage } from '../ring-image.ts';
import type { RingPart } from '../ring-part.ts';
import type { RingPlace } from '../ring-place.ts';

/** An indirect table as it was when the driver made it available (virtio §2.7.5.3, §2.8.7). */
export interface IndirectTable {
  /** Of the descriptor that refers to it. */
  readonly descriptor: number;
  readonly bytes: Uint8Array;
}

/** Something that happened to a virtqueue. What it changed is told against the frame before. */
export type Frame =
  | {
      readonly kind: 'set-up';
      readonly time: number;
      readonly place: RingPlace;
      readonly image: RingImage;
    }
  /** The driver has written a part, or several at once. */
  | {
      readonly kind: 'driver';
      readonly time: number;
      readonly parts: readonly RingPart[];
      readonly changes: readonly RingChange[];
      readonly tables: readonly IndirectTable[];
    }
  /** What the device has written has come to the driver's sight. */
  | { readonly kind: 'device'; readonly time: number; readonly changes: readonly RingChange[] }
  /** The driver is about to notify the device. */
  | { readonly kind: 'notify'; readonly time: number }
  /** The queue is no more the device's. */
  | { readonly kind: 'taken-back'; readonly time: number };

/** What happened to one queue from power-on, in its order. */
export interface QueueRecording {
  /** As reports call it: `virtio-blk 02.0`. */
  readonly device: string;
  readonly queue: number;
  readonly frames: readonly Frame[];
}
