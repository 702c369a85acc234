const SMALL = 0x4000_0000;

/**
 * What a driver remembers of its chains, by id: the head's index on a split ring, the buffer id on a
 * packed one. The device cannot reach it, so whatever it writes can be held against this.
 */
export class ChainBook {
  inFlight = 0;
  /** Descriptors of the chain in the ring; 0: there is no such chain in flight. */
  readonly descriptors: Uint16Array;
  readonly tokens: Int32Array;
  /** How many bytes the device may write; as many as 32 bits hold. */
  readonly writable: Uint32Array;
  private readonly size: number;
  /** The ids in the order of submission, for devices that keep it. */
  private readonly order: Uint16Array;
  private readonly places: Uint16Array;
  private first = 0;
  private next = 0;

  constructor(size: number) {
    this.size = size;
    this.descriptors = new Uint16Array(size);
    this.tokens = new Int32Array(size);
    this.writable = new Uint32Array(size);
    this.order = new Uint16Array(size);
    this.places = new Uint16Array(size);
  }

  add(id: number, token: number, descriptors: number, writable: number): void {
    this.descriptors[id] = descriptors;
    this.tokens[id] = token;
    // the smaller of two doubles, where nearly always a small integer would do
    this.writable[id] = writable < SMALL ? writable : Math.min(writable, 0xffff_ffff);
    this.order[this.next] = id;
    this.places[id] = this.next;
    this.next = this.after(this.next);
    this.inFlight += 1;
  }

  /** Forgets a chain: with VIRTIO_F_IN_ORDER the oldest one. @returns how many descriptors it had */
  remove(id: number): number {
    const descriptors = this.descriptors[id] ?? 0;
    this.descriptors[id] = 0;
    this.first = this.after(this.first);
    this.inFlight -= 1;
    return descriptors;
  }

  /** The id that was submitted first of those in flight, if all are used in order. */
  oldest(): number {
    return this.order[this.first] ?? 0;
  }

  /** How many chains are used if `id` is the last of an in-order batch. */
  batch(id: number): number {
    const distance = (this.places[id] ?? 0) - this.first;
    return (distance < 0 ? distance + this.size : distance) + 1;
  }

  /** Why the device cannot have used chain `id` and written `length` bytes; undefined if it can. */
  complaint(id: number, length: number): string | undefined {
    // ids outside the ring have no entry at all
    if ((this.descriptors[id] ?? 0) === 0) return `has used id ${id}, which is not in flight`;
    const writable = this.writable[id] ?? 0;
    if (length <= writable) return undefined;
    return `has used length ${length}, but ${writable} bytes were writable`;
  }

  clear(): void {
    this.descriptors.fill(0);
    this.inFlight = 0;
    this.first = 0;
    this.next = 0;
  }

  private after(place: number): number {
    return place + 1 >= this.size ? 0 : place + 1;
  }
}
