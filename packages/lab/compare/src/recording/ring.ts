import type { GuestRam } from '@dxelab/platform';
import { PlatformFault } from '@dxelab/platform';
import { VRING_DESC_F_INDIRECT, VRING_DESC_F_NEXT, VRING_DESC_F_WRITE } from '@dxelab/virtio';
import type { GuestRange } from './guest-bytes.ts';

/** Where the parts of a split virtqueue are (virtio §2.7). */
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

const DESCRIPTOR_SIZE = 16;
const USED_ELEMENT_SIZE = 8;
const INDEX = 2;
const ENTRIES = 4;

/** Looks at a ring in guest RAM, as a device would. */
export class Ring {
  readonly addresses: RingAddresses;
  readonly #ram: GuestRam;

  constructor(ram: GuestRam, addresses: RingAddresses) {
    this.#ram = ram;
    this.addresses = addresses;
  }

  /** How many chains the driver has made available, modulo 2^16. */
  get availableIndex(): number {
    return this.#ram.readUint16(this.addresses.driver + INDEX);
  }

  /** How many of them the device has used, modulo 2^16. */
  get usedIndex(): number {
    return this.#ram.readUint16(this.addresses.device + INDEX);
  }

  /** The first descriptor of an available chain. */
  head(index: number): number {
    const { driver, size } = this.addresses;
    return this.#ram.readUint16(driver + ENTRIES + (index % size) * 2);
  }

  usedElement(index: number): { readonly id: number; readonly length: number } {
    const { device, size } = this.addresses;
    const at = device + ENTRIES + (index % size) * USED_ELEMENT_SIZE;
    return { id: this.#ram.readUint32(at), length: this.#ram.readUint32(at + 4) };
  }

  /** The chain that begins with a descriptor; one that never ends is cut. */
  chain(head: number): readonly Segment[] {
    const { descriptors, size } = this.addresses;
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
      } else if (table === this.addresses.descriptors) {
        yield* this.#walk(address, Math.floor(length / DESCRIPTOR_SIZE), 0);
      }
      if ((flags & VRING_DESC_F_NEXT) === 0) return;
      at = ram.readUint16(descriptor + 14);
    }
  }
}
