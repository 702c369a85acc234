import type { Piece, TestDriver } from './test-driver.fixture.ts';

const BUFFERS = 0x400000;
const AVAIL = 1 << 7;
const USED = 1 << 15;

/** What a device wrote into the ring. */
export interface UsedChain {
  readonly id: number;
  readonly length: number;
}

/**
 * Queue 0 as a driver of one kind of ring uses it, with many chains in flight. Descriptors are used in
 * ring order on either, and their buffers never overlap.
 */
export class RingDriver {
  readonly driver: TestDriver;
  readonly packed: boolean;
  readonly inOrder: boolean;
  readonly eventIdx: boolean;
  readonly size: number;
  /** Where the next descriptor goes, and which lap it is in. */
  next = 0;
  wrap = 1;
  #available = 0;
  #usedIndex = 0;
  #nextUsed = 0;
  #usedWrap = 1;
  readonly #inFlight: { readonly id: number; readonly slots: number }[] = [];

  /** @param features of the rings; VIRTIO_F_VERSION_1 comes with them */
  constructor(driver: TestDriver, features: bigint, size = 16) {
    this.driver = driver;
    this.packed = (features & (1n << 34n)) !== 0n;
    this.inOrder = (features & (1n << 35n)) !== 0n;
    this.eventIdx = (features & (1n << 29n)) !== 0n;
    this.size = size;
    driver.negotiate(features | (1n << 32n));
    driver.machine.platform.ram.fill(driver.rings(0).desc, 0x10000, 0);
    driver.select(0);
    driver.place(size, driver.rings(0));
    driver.status = driver.steps.at(-1) ?? 0;
  }

  /** Makes a chain available, and does not notify. @returns its id */
  add(...pieces: readonly Piece[]): number {
    const { ram } = this.driver.machine.platform;
    const first = this.next;
    const head: { at: number; flags: number }[] = [];
    for (const [position, piece] of pieces.entries()) {
      const at = this.driver.rings(0).desc + 16 * this.next;
      const isLast = position === pieces.length - 1;
      const address = this.buffer(this.next);
      if (typeof piece !== 'number') ram.writeBytes(address, piece);
      ram.writeUint64(at, address);
      ram.writeUint32(at + 8, typeof piece === 'number' ? piece : piece.length);
      const flags = (typeof piece === 'number' ? 2 : 0) | (isLast ? 0 : 1);
      const lap = this.wrap === 1 ? AVAIL : USED;
      this.#advance();
      if (this.packed) {
        ram.writeUint16(at + 12, first);
        if (position === 0) head.push({ at, flags: flags | lap });
        else ram.writeUint16(at + 14, flags | lap);
      } else {
        ram.writeUint16(at + 12, flags);
        ram.writeUint16(at + 14, this.next);
      }
    }
    for (const { at, flags } of head) ram.writeUint16(at + 14, flags);
    if (!this.packed) this.#publish(first);
    this.#inFlight.push({ id: first, slots: pieces.length });
    return first;
  }

  /** What notification data say of where this driver is (virtio §2.9). */
  get position(): number {
    return this.packed ? this.next | (this.wrap << 15) : this.#available & 0xffff;
  }

  /** Whether the device wants to be notified of the one descriptor, or chain, that was added last. */
  mustNotify(): boolean {
    const { ram } = this.driver.machine.platform;
    const { device } = this.driver.rings(0);
    if (!this.packed) {
      const event = ram.readUint16(device + 4 + 8 * this.size);
      if (this.eventIdx) return ((this.#available - event - 1) & 0xffff) === 0;
      return (ram.readUint16(device) & 1) === 0;
    }
    const flags = ram.readUint16(device + 2);
    if (flags !== 2) return flags === 0;
    // The device waits where the last chain begins, or does not.
    const event = ram.readUint16(device);
    const last = this.#inFlight.at(-1)?.id ?? 0;
    return (event & 0x7fff) === last;
  }

  notify(): void {
    this.driver.notify(0);
  }

  /** What the device has written since this was last asked, element by element. */
  used(): UsedChain[] {
    const found: UsedChain[] = [];
    for (let left = this.size; left > 0; left--) {
      const used = this.packed ? this.#usedDescriptor() : this.#usedElement();
      if (used === undefined) break;
      found.push(used);
      this.#skip(used.id);
    }
    return found;
  }

  /** How many chains are not given back. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** Where the buffer of a descriptor is. */
  buffer(index: number): number {
    return BUFFERS + 0x1000 * index;
  }

  #advance(): void {
    this.next++;
    if (this.next < this.size) return;
    this.next = 0;
    this.wrap ^= 1;
  }

  #publish(head: number): void {
    const { ram } = this.driver.machine.platform;
    const { driver } = this.driver.rings(0);
    ram.writeUint16(driver + 4 + 2 * (this.#available % this.size), head);
    this.#available++;
    ram.writeUint16(driver + 2, this.#available & 0xffff);
  }

  #usedElement(): UsedChain | undefined {
    const { ram } = this.driver.machine.platform;
    const { device } = this.driver.rings(0);
    if (ram.readUint16(device + 2) === (this.#usedIndex & 0xffff)) return undefined;
    const element = device + 4 + 8 * (this.#usedIndex % this.size);
    return { id: ram.readUint32(element), length: ram.readUint32(element + 4) };
  }

  #usedDescriptor(): UsedChain | undefined {
    const { ram } = this.driver.machine.platform;
    const at = this.driver.rings(0).desc + 16 * this.#nextUsed;
    const flags = ram.readUint16(at + 14) & (AVAIL | USED);
    if (flags !== (this.#usedWrap === 1 ? AVAIL | USED : 0)) return undefined;
    return { id: ram.readUint16(at + 12), length: ram.readUint32(at + 8) };
  }

  /** Behind what one used element or descriptor stands for: with in-order all chains up to `id`. */
  #skip(id: number): void {
    const at = this.#inFlight.findIndex((chain) => chain.id === id);
    const gone = this.inOrder ? this.#inFlight.splice(0, at + 1) : this.#inFlight.splice(at, 1);
    this.#usedIndex += gone.length;
    for (const { slots } of gone) this.#nextUsed += slots;
    if (this.#nextUsed < this.size) return;
    this.#nextUsed -= this.size;
    this.#usedWrap ^= 1;
  }
}
