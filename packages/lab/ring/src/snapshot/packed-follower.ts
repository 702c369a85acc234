import { VIRTIO_F_EVENT_IDX, VIRTIO_F_IN_ORDER } from '@dxelab/virtio';
import type { IndirectTable } from '../recording/frame.ts';
import type { RingImage } from '../ring-image.ts';
import type { RingPlace } from '../ring-place.ts';
import { descriptorAt, hasNext, isIndirect, segmentOf, tableSegments } from './descriptor.ts';
import type { Segment } from './descriptor.ts';
import type { Follower, Progress } from './follower.ts';
import { isAvailable, isUsed, readPacked } from './read-packed.ts';
import type { PackedSnapshot, RingPosition, RingRequest } from './snapshot.ts';

/** Both sides begin at the first descriptor with a wrap counter of 1 (virtio §2.8.1). */
const BEGINNING: RingPosition = { offset: 0, wrap: 1 };

/** Follows requests through a packed virtqueue by its wrap counters (virtio §2.8.1, §2.8.6). */
export class PackedFollower implements Follower {
  readonly #place: RingPlace;
  readonly #number: () => number;
  readonly #inOrder: boolean;
  #available = BEGINNING;
  #used = BEGINNING;
  #inFlight: readonly RingRequest[] = [];

  /** @param number the next request's */
  constructor(place: RingPlace, number: () => number) {
    this.#place = place;
    this.#number = number;
    this.#inOrder = (place.features & VIRTIO_F_IN_ORDER) !== 0n;
  }

  driverWrote({ descriptors }: RingImage, tables: readonly IndirectTable[]): Progress {
    const published: RingRequest[] = [];
    for (let left = this.#free(); left > 0;) {
      const { offset, wrap } = this.#available;
      if (!isAvailable(descriptorAt(descriptors, 'packed', offset), wrap)) break;
      const request = this.#request(descriptors, tables, left);
      published.push(request);
      left -= request.slots.length;
      this.#available = this.#advance(this.#available, request.slots.length);
    }
    this.#inFlight = [...this.#inFlight, ...published];
    return { published, completed: [] };
  }

  deviceWrote({ descriptors }: RingImage): Progress {
    const completed: RingRequest[] = [];
    for (let left = this.#inFlight.length; left > 0; left--) {
      const { offset: usedEntry, wrap } = this.#used;
      const descriptor = descriptorAt(descriptors, 'packed', usedEntry);
      if (!isUsed(descriptor, wrap)) break;
      const at = this.#inFlight.findIndex(({ id }) => id === descriptor.nextOrId);
      const found = this.#inFlight[at];
      if (found === undefined) break;
      // With IN_ORDER one used descriptor may stand for all up to its id; else each has its own.
      const batch = this.#inOrder ? this.#inFlight.slice(0, at + 1) : [found];
      for (const request of batch) {
        completed.push(
          request === found
            ? { ...request, written: descriptor.length, usedEntry }
            : { ...request, written: 0, usedEntry: undefined },
        );
      }
      this.#inFlight = this.#inFlight.filter((request) => !batch.includes(request));
      const length = batch.reduce((sum, { slots }) => sum + slots.length, 0);
      this.#used = this.#advance(this.#used, length);
    }
    return { published: [], completed };
  }

  snapshot(image: RingImage, prepared: readonly number[]): PackedSnapshot {
    const { size, features } = this.#place;
    return {
      format: 'packed',
      size,
      eventIdx: (features & VIRTIO_F_EVENT_IDX) !== 0n,
      ...readPacked(this.#place, image),
      nextAvailable: this.#available,
      nextUsed: this.#used,
      inFlight: this.#inFlight,
      prepared,
    };
  }

  #free(): number {
    return this.#inFlight.reduce((free, { slots }) => free - slots.length, this.#place.size);
  }

  /** The list that begins where the driver goes on. @param most as many descriptors as can be free */
  #request(descriptors: Uint8Array, tables: readonly IndirectTable[], most: number): RingRequest {
    const { offset: entry } = this.#available;
    const slots: number[] = [];
    const segments: Segment[] = [];
    let id = 0;
    for (let more = true, at = entry; more && slots.length < most;) {
      const descriptor = descriptorAt(descriptors, 'packed', at);
      const table = tables.find((each) => each.descriptor === at);
      slots.push(at);
      if (!isIndirect(descriptor)) segments.push(segmentOf(descriptor));
      else if (table !== undefined) segments.push(...tableSegments(table.bytes, 'packed'));
      // The last one's counts (virtio §2.8.6).
      id = descriptor.nextOrId;
      more = hasNext(descriptor);
      at = (at + 1) % this.#place.size;
    }
    const number = this.#number();
    return { number, id, slots, entry, segments, written: undefined, usedEntry: undefined };
  }

  #advance({ offset, wrap }: RingPosition, by: number): RingPosition {
    const next = offset + by;
    if (next < this.#place.size) return { offset: next, wrap };
    return { offset: next - this.#place.size, wrap: wrap === 1 ? 0 : 1 };
  }
}
