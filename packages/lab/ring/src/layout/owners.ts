import type { RingPicture } from '../picture.ts';
import type { RingRequest } from '../snapshot/snapshot.ts';
import type { LayoutRequest, RowState } from './layout.ts';
import { segmentsText } from './words.ts';

/** More requests than these are not named one by one. */
const MOST_TAGS = 3;

/** Whose something is, and what is the matter with it. */
export interface Owned {
  readonly state: RowState;
  readonly tag: string;
}

/** Knows whose the descriptors are at one moment. */
export class Owners {
  readonly #slots = new Map<number, Owned>();

  constructor({ snapshot, completed }: RingPicture) {
    for (const slot of snapshot.prepared) {
      this.#slots.set(slot, { state: 'prepared', tag: '' });
    }
    this.#take(completed, 'used');
    this.#take(snapshot.inFlight, 'in-flight');
  }

  of(slot: number): Owned {
    return this.#slots.get(slot) ?? { state: 'idle', tag: '' };
  }

  /** Descriptors that somebody has. */
  get slots(): Iterable<number> {
    return this.#slots.keys();
  }

  #take(requests: readonly RingRequest[], state: RowState): void {
    for (const { slots, number } of requests) {
      for (const slot of slots) {
        const before = this.#slots.get(slot);
        const tag = before?.state === state ? joined(before.tag, tagOf(number)) : tagOf(number);
        this.#slots.set(slot, { state, tag });
      }
    }
  }
}

/** Of many requests the first and the last one say enough. */
function joined(tags: string, last: string): string {
  const all = [...tags.split(' '), last];
  return all.length <= MOST_TAGS ? all.join(' ') : `${all[0]} … ${last}`;
}

/** What stands at a row that is a request's. */
export function tagOf(request: number | undefined): string {
  return request === undefined ? '' : `r${request}`;
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
