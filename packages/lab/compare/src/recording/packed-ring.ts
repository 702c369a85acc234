import type { GuestRam } from '@dxelab/platform';
import { PlatformFault } from '@dxelab/platform';
import {
  VIRTQ_DESC_F_AVAIL,
  VIRTQ_DESC_F_USED,
  VIRTQ_PACKED_DESC,
  VIRTQ_PACKED_DESC_SIZE,
  VRING_DESC_F_INDIRECT,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
} from '@dxelab/virtio';
import { ChainsInFlight } from './chains-in-flight.ts';
import type { AvailableChain, Ring, RingAddresses, Segment, UsedChain } from './ring.ts';

/** Where a side goes on, and what AVAIL and USED are there when it is its turn. */
interface Place {
  at: number;
  marks: number;
}

const BOTH_MARKS = VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED;

/**
 * A packed virtqueue (virtio §2.8). A used descriptor is written over what was available, so what the
 * driver makes available has to be looked at before the device gets to it.
 */
export class PackedRing implements Ring {
  readonly #ram: GuestRam;
  readonly #addresses: RingAddresses;
  readonly #inFlight: ChainsInFlight;
  /** Both wrap counters begin as 1 (virtio §2.8.1). */
  readonly #available: Place = { at: 0, marks: VIRTQ_DESC_F_AVAIL };
  readonly #used: Place = { at: 0, marks: BOTH_MARKS };

  constructor(ram: GuestRam, addresses: RingAddresses, inOrder: boolean) {
    this.#ram = ram;
    this.#addresses = addresses;
    this.#inFlight = new ChainsInFlight(inOrder);
  }

  *available(): Generator<AvailableChain> {
    // A driver cannot have more descriptors than are free.
    for (;;) {
      const free = this.#addresses.size - this.#inFlight.slots;
      if (free <= 0 || !this.#isMarked(this.#available)) return;
      const { chain, slots } = this.#list(free);
      this.#advance(this.#available, slots);
      this.#inFlight.add(chain, slots);
      yield chain;
    }
  }

  *used(): Generator<UsedChain> {
    while (this.#inFlight.count > 0 && this.#isMarked(this.#used)) {
      const descriptor = this.#descriptor(this.#used.at);
      const id = this.#ram.readUint16(descriptor + VIRTQ_PACKED_DESC.id);
      const length = this.#ram.readUint32(descriptor + VIRTQ_PACKED_DESC.length);
      const { chains, slots } = this.#inFlight.use(id, length);
      // an id that nobody has leaves open where the next one is
      this.#advance(this.#used, Math.max(slots, 1));
      yield* chains;
    }
  }

  /** At the flags of the descriptor that the device uses next. */
  isPolled(address: number, length: number): boolean {
    const flags = this.#descriptor(this.#used.at) + VIRTQ_PACKED_DESC.flags;
    return address < flags + 2 && address + length > flags;
  }

  #isMarked({ at, marks }: Place): boolean {
    return (this.#flags(this.#descriptor(at)) & BOTH_MARKS) === marks;
  }

  /** The list that begins where the driver goes on; its id is in the last descriptor (virtio §2.8.6). */
  #list(most: number): { readonly chain: AvailableChain; readonly slots: number } {
    const segments: Segment[] = [];
    for (let { at } = this.#available, slots = 1; ; slots++) {
      const descriptor = this.#descriptor(at);
      const flags = this.#flags(descriptor);
      if ((flags & VRING_DESC_F_INDIRECT) === 0) segments.push(this.#segment(descriptor));
      else segments.push(...this.#table(this.#segment(descriptor)));
      if ((flags & VRING_DESC_F_NEXT) === 0 || slots >= most) {
        const id = this.#ram.readUint16(descriptor + VIRTQ_PACKED_DESC.id);
        return { chain: { id, segments }, slots };
      }
      at = at + 1 < this.#addresses.size ? at + 1 : 0;
    }
  }

  /** An indirect table, from its beginning to its end (virtio §2.8.7). */
  #table({ address, length }: Segment): readonly Segment[] {
    const count = Math.min(Math.floor(length / VIRTQ_PACKED_DESC_SIZE), this.#addresses.size);
    try {
      return Array.from({ length: count }, (_, entry) =>
        this.#segment(address + entry * VIRTQ_PACKED_DESC_SIZE),
      );
    } catch (caught) {
      // A table that is not in RAM: the device has no list there either.
      if (caught instanceof PlatformFault) return [];
      throw caught;
    }
  }

  #segment(descriptor: number): Segment {
    return {
      address: Number(this.#ram.readBigUint64(descriptor)),
      length: this.#ram.readUint32(descriptor + VIRTQ_PACKED_DESC.length),
      writable: (this.#flags(descriptor) & VRING_DESC_F_WRITE) !== 0,
    };
  }

  #descriptor(at: number): number {
    return this.#addresses.descriptors + at * VIRTQ_PACKED_DESC_SIZE;
  }

  #flags(descriptor: number): number {
    return this.#ram.readUint16(descriptor + VIRTQ_PACKED_DESC.flags);
  }

  #advance(place: Place, by: number): void {
    place.at += by;
    if (place.at < this.#addresses.size) return;
    place.at -= this.#addresses.size;
    place.marks ^= BOTH_MARKS;
  }
}
