import type { RingRequest, RingSnapshot } from './snapshot/snapshot.ts';

/** A queue of a run, with what can be asked for. */
export interface QueueSummary {
  /** As reports call it: `virtio-blk 02.0`. */
  readonly device: string;
  readonly queue: number;
  /** How many requests were made available on it. */
  readonly requests: number;
}

/** One step on the way of a request. */
export interface RingStep {
  /** From 1. */
  readonly number: number;
  /** What has just happened, in a sentence or two. */
  readonly caption: string;
  /** Since power-on, in nanoseconds; of a QEMU in real time. */
  readonly time: number;
}

/** A queue at one moment of a run, right after a step of one of its requests. Plain data. */
export interface RingPicture {
  readonly device: string;
  readonly queue: number;
  /** The request that is followed, as it became in the end. */
  readonly request: RingRequest;
  readonly step: RingStep;
  /** How many steps the request has. */
  readonly steps: number;
  /** Who has just acted. */
  readonly actor: 'driver' | 'device';
  /** Whether the driver has just notified the device. */
  readonly notifies: boolean;
  /** Requests that have come back with this step. */
  readonly completed: readonly RingRequest[];
  /** What was just written, whether it became another or not: `descriptor 0`, `used-index`. */
  readonly fresh: readonly string[];
  readonly snapshot: RingSnapshot;
}

/** What there is of a request: its steps, and pictures of some of them. */
export interface RingStory {
  readonly device: string;
  readonly queue: number;
  readonly request: number;
  readonly steps: readonly RingStep[];
  readonly pictures: readonly RingPicture[];
}
