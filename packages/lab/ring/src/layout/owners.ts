import type { RingPicture } from '../picture.ts';
import type { RingRequest } from '../snapshot/snapshot.ts';
import type { LayoutRequest, RowState } from './layout.ts';
import { segmentsText } from './words.ts';

/** Whose something is, and what is the matter with it. */
export interface Owned {
  readonly state: RowState;
  readonly request: number | undefined;
}

/** Knows whose the descriptors are at one moment. */
export class Owners {
  readonly #slots = new Map<number, Owned>();

  constructor({ snapshot, completed }: RingPicture) {
    for (const slot of snapshot.prepared) {
      this.#slots.set(slot, { state: 'prepared', request: undefined });
    }
    this.#take(completed, 'used');
    this.#take(snapshot.inFlight, 'in-flight');
  }

  of(slot: number): Owned {
    return this.#slots.get(slot) ?? { state: 'idle', request: undefined };
  }

  /** Descriptors that somebody has. */
  get slots(): Iterable<number> {
    return this.#slots.keys();
  }

  #take(requests: readonly RingRequest[], state: RowState): void {
    for (const { slots, number } of requests) {
      for (const slot of slots) this.#slots.set(slot, { state, request: number });
    }
  }
}

/** A line about each request that the device has, or that has just come back. */
export function requestLines({ snapshot, completed }: RingPicture): readonly LayoutRequest[] {
  return [
    ...completed.map(({ number, segments, written }): LayoutRequest => {
      const text = `${segmentsText(segments)}; ${written ?? 0} B were written`;
      return { number, state: 'used', text };
    }),
    ...snapshot.inFlight.map(({ number, segments }): LayoutRequest => {
      return { number, state: 'in-flight', text: segmentsText(segments) };
    }),
  ];
}
