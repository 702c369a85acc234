import { VIRTIO_F_EVENT_IDX, VIRTIO_F_IN_ORDER } from '@dxelab/virtio';
import type { IndirectTable } from '../recording/frame.ts';
import type { RingImage } from '../ring-image.ts';
import type { RingPlace } from '../ring-place.ts';
import { descriptorAt, hasNext, isIndirect, segmentOf, tableSegments } from './descriptor.ts';
import type { Segment } from './descriptor.ts';
import type { Follower, Progress } from './follower.ts';
import { availableEntry, availableIndex, readSplit, usedElement, usedIndex } from './read-split.ts';
import type { RingRequest, SplitSnapshot } from './snapshot.ts';

/** Indices of a split ring count modulo so many. */
const INDEX_MASK = 0xffff;

/** Follows requests through a split virtqueue by its two indices (virtio §2.7.13, §2.7.14). */
export class SplitFollower implements Follower {
  readonly #place: RingPlace;
  readonly #number: () => number;
  #available: number;
  #used: number;
  #inFlight: readonly RingRequest[] = [];

  /** @param number the next request's */
  constructor(place: RingPlace, image: RingImage, number: () => number) {
    this.#place = place;
    this.#number = number;
    this.#available = availableIndex(image);
    this.#used = usedIndex(image);
  }

  driverWrote(image: RingImage, tables: readonly IndirectTable[]): Progress {
    const { size } = this.#place;
    const index = availableIndex(image);
    const published: RingRequest[] = [];
    const news = (index - this.#available) & INDEX_MASK;
    // Of an index that cannot be, only a ring of it is believed.
    for (let left = Math.min(news, size); left > 0; left--) {
      const entry = this.#available % size;
      this.#available = (this.#available + 1) & INDEX_MASK;
      published.push(this.#request(image, tables, entry, availableEntry(image, entry)));
    }
    this.#available = index;
    this.#inFlight = [...this.#inFlight, ...published];
    return { published, completed: [] };
  }

  deviceWrote(image: RingImage): Progress {
    const { size, features } = this.#place;
    const index = usedIndex(image);
    const news = Math.min((index - this.#used) & INDEX_MASK, size);
    const inOrder = (features & VIRTIO_F_IN_ORDER) !== 0n;
    const completed: RingRequest[] = [];
    for (let count = 0; count < news;) {
      const usedEntry = (this.#used + count) % size;
      const { id, length } = usedElement(image, usedEntry);
      const at = this.#inFlight.findIndex((request) => request.id === id);
      const found = this.#inFlight[at];
      // With IN_ORDER one element may stand for a batch: all up to its id are used (virtio §2.7.9).
      const batch = inOrder
        ? this.#inFlight.slice(0, at + 1)
        : this.#inFlight.filter((_, place) => place === at);
      for (const request of batch) {
        completed.push(
          request === found
            ? { ...request, written: length, usedEntry }
            : { ...request, written: 0, usedEntry: undefined },
        );
      }
      this.#inFlight = this.#inFlight.filter((request) => !batch.includes(request));
      // An element that answers nothing is one of them, too.
      count += Math.max(batch.length, 1);
    }
    this.#used = index;
    return { published: [], completed };
  }

  snapshot(image: RingImage, prepared: readonly number[]): SplitSnapshot {
    const { size, features } = this.#place;
    return {
      format: 'split',
      size,
      eventIdx: (features & VIRTIO_F_EVENT_IDX) !== 0n,
      ...readSplit(this.#place, image),
      inFlight: this.#inFlight,
      prepared,
    };
  }

  #request(
    { descriptors }: RingImage,
    tables: readonly IndirectTable[],
    entry: number,
    id: number,
  ): RingRequest {
    const slots: number[] = [];
    const segments: Segment[] = [];
    for (let at = id; at < this.#place.size && slots.length < this.#place.size;) {
      const descriptor = descriptorAt(descriptors, 'split', at);
      const table = tables.find((each) => each.descriptor === at);
      slots.push(at);
      if (!isIndirect(descriptor)) segments.push(segmentOf(descriptor));
      else if (table !== undefined) segments.push(...tableSegments(table.bytes, 'split'));
      if (!hasNext(descriptor)) break;
      at = descriptor.nextOrId;
    }
    const number = this.#number();
    return { number, id, slots, entry, segments, written: undefined, usedEntry: undefined };
  }
}
