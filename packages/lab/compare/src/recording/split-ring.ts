import type { GuestRam } from '@dxelab/platform';
import { PlatformFault } from '@dxelab/platform';
import { VRING_DESC_F_INDIRECT, VRING_DESC_F_NEXT, VRING_DESC_F_WRITE } from '@dxelab/virtio';
import { ChainsInFlight } from './chains-in-flight.ts';
import type { AvailableChain, Ring, RingAddresses, Segment, UsedChain } from './ring.ts';

const DESCRIPTOR_SIZE = 16;
const USED_ELEMENT_SIZE = 8;
const INDEX = 2;
const ENTRIES = 4;
/** Indices count modulo so many, less one. */
const INDEX_MASK = 0xffff;

/** A split virtqueue (virtio §2.7). */
export class SplitRing implements Ring {
  readonly #ram: GuestRam;
  readonly #addresses: RingAddresses;
  readonly #inFlight: ChainsInFlight;
  #available = 0;
  #used = 0;

  constructor(ram: GuestRam, addresses: RingAddresses, inOrder: boolean) {
    this.#ram = ram;
    this.#addresses = addresses;
    this.#inFlight = new ChainsInFlight(inOrder);
  }

  *available(): Generator<AvailableChain> {
    const { driver, size } = this.#addresses;
    const news = (this.#ram.readUint16(driver + INDEX) - this.#available) & INDEX_MASK;
    // A driver cannot have more than a ring of them: of an index that is wrong only so much is believed.
    for (let left = Math.min(news, size); left > 0; left--) {
      const id = this.#ram.readUint16(driver + ENTRIES + (this.#available % size) * 2);
      this.#available = (this.#available + 1) & INDEX_MASK;
      const chain = { id, segments: this.#segments(id) };
      this.#inFlight.add(chain, 1);
      yield chain;
    }
  }

  *used(): Generator<UsedChain> {
    const { device, size } = this.#addresses;
    const news = (this.#ram.readUint16(device + INDEX) - this.#used) & INDEX_MASK;
    for (let left = Math.min(news, size); left > 0;) {
      const at = device + ENTRIES + (this.#used % size) * USED_ELEMENT_SIZE;
      const id = this.#ram.readUint32(at);
      const { chains } = this.#inFlight.use(id, this.#ram.readUint32(at + 4));
      this.#used = (this.#used + chains.length) & INDEX_MASK;
      left -= chains.length;
      yield* chains;
    }
  }

  /** At the index that the device advances. */
  isPolled(address: number, length: number): boolean {
    const { device } = this.#addresses;
    return address < device + ENTRIES && address + length > device + INDEX;
  }

  /** The chain that begins with a descriptor; one that never ends is cut. */
  #segments(head: number): readonly Segment[] {
    const { descriptors, size } = this.#addresses;
    try {
      return [...this.#walk(descriptors, size, head)];
    } catch (caught) {
      // A table that is not in RAM: the device has no chain there either.
      if (caught instanceof PlatformFault) return [];
      throw caught;
    }
  }

  *#walk(table: number, size: number, head: number): Generator<Segment> {
    const ram = this.#ram;
    let at = head;
    for (let count = 0; count < size && at < size; count++) {
      const descriptor = table + at * DESCRIPTOR_SIZE;
      const address = Number(ram.readBigUint64(descriptor));
      const length = ram.readUint32(descriptor + 8);
      const flags = ram.readUint16(descriptor + 12);
      if ((flags & VRING_DESC_F_INDIRECT) === 0) {
        yield { address, length, writable: (flags & VRING_DESC_F_WRITE) !== 0 };
      } else if (table === this.#addresses.descriptors) {
        yield* this.#walk(address, Math.floor(length / DESCRIPTOR_SIZE), 0);
      }
      if ((flags & VRING_DESC_F_NEXT) === 0) return;
      at = ram.readUint16(descriptor + 14);
    }
  }
}
