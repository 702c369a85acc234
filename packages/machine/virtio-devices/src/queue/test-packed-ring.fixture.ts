import { PackedVirtqueue } from './packed-virtqueue.ts';
import { NEXT, RAM_BASE, TestMemory } from './test-memory.fixture.ts';

const AVAIL = 1 << 7;
const USED = 1 << 15;

/** One element of a buffer, as a driver describes it. */
export interface TestElement {
  readonly address: number;
  readonly length: number;
  readonly flags?: number;
}

/** A packed ring in RAM, written as a driver does it, and the device's queue over it. */
export class TestPackedRing extends TestMemory {
  readonly queue: PackedVirtqueue;
  readonly size: number;
  readonly driver: number;
  readonly device: number;
  /** Where tests put buffers. */
  readonly buffers: number;
  /** Where the driver writes the next descriptor, and where it looks for the next used one. */
  nextAvail = 0;
  nextUsed = 0;
  /** The wrap counters of the two. */
  availWrap = 1;
  usedWrap = 1;

  constructor(size = 8) {
    const ring = Math.ceil((16 * size) / 0x1000) * 0x1000;
    super(ring + 0x4000);
    this.size = size;
    this.driver = RAM_BASE + ring;
    this.device = this.driver + 0x100;
    this.buffers = this.driver + 0x1000;
    this.queue = new PackedVirtqueue(this.dma, this.features, this.owner);
    this.start();
    this.queue.locate();
  }

  start(addresses: { desc?: number; driver?: number; device?: number } = {}): void {
    const { driver, device } = this;
    this.queue.start(this.size, { desc: RAM_BASE, driver, device, ...addresses });
  }

  /** Writes a descriptor of the ring, or of an indirect table, with these flags and no others. */
  desc(
    index: number,
    address: number,
    length: number,
    id: number,
    flags: number,
    table = RAM_BASE,
  ): void {
    const at = table - RAM_BASE + 16 * index;
    this.view.setBigUint64(at, BigInt(address), true);
    this.view.setUint32(at + 8, length, true);
    this.view.setUint16(at + 12, id, true);
    this.view.setUint16(at + 14, flags, true);
  }

  /** Makes a list available, its head last (virtio §2.8.21). @returns where it begins */
  offer(id: number, ...elements: readonly TestElement[]): number {
    const first = this.nextAvail;
    let headFlags = 0;
    for (const [position, { address, length, flags = 0 }] of elements.entries()) {
      const isLast = position === elements.length - 1;
      const lap = this.availWrap === 1 ? AVAIL : USED;
      const all = flags | lap | (isLast ? 0 : NEXT);
      // Until the head is written its flags are those of the lap before.
      if (position === 0) headFlags = all;
      const before = this.flags(this.nextAvail);
      this.desc(this.nextAvail, address, length, isLast ? id : 0, position === 0 ? before : all);
      this.nextAvail++;
      if (this.nextAvail >= this.size) {
        this.nextAvail = 0;
        this.availWrap ^= 1;
      }
    }
    this.view.setUint16(16 * first + 14, headFlags, true);
    return first;
  }

  /** Makes `count` descriptors of one buffer available, all readable but the last. */
  offerList(id: number, count: number): number {
    return this.offer(
      id,
      ...Array.from({ length: count }, (_, index) => ({
        address: this.buffers + 16 * (index % 16),
        length: 4,
        flags: index === count - 1 ? 2 : 0,
      })),
    );
  }

  /** The next used descriptor, over whose list the driver skips (virtio §2.8.6). */
  takeUsed(slots: number): { id: number; length: number; written: boolean } | undefined {
    const at = 16 * this.nextUsed;
    const flags = this.flags(this.nextUsed);
    const isUsed = (flags & AVAIL) === 0 ? (flags & USED) === 0 : (flags & USED) !== 0;
    if (!isUsed || ((flags & USED) !== 0) !== (this.usedWrap === 1)) return undefined;
    this.nextUsed += slots;
    if (this.nextUsed >= this.size) {
      this.nextUsed -= this.size;
      this.usedWrap ^= 1;
    }
    return {
      id: this.view.getUint16(at + 12, true),
      length: this.view.getUint32(at + 8, true),
      written: (flags & 2) !== 0,
    };
  }

  flags(index: number): number {
    return this.view.getUint16(16 * index + 14, true);
  }

  /** The driver event suppression structure (virtio §2.8.14). */
  suppress(flags: number, offset = 0, wrap = 0): void {
    const at = this.driver - RAM_BASE;
    this.view.setUint16(at, offset | (wrap << 15), true);
    this.view.setUint16(at + 2, flags, true);
  }

  /** The device event suppression structure. */
  get deviceEvent(): { flags: number; offset: number; wrap: number } {
    const at = this.device - RAM_BASE;
    const descriptor = this.view.getUint16(at, true);
    const flags = this.view.getUint16(at + 2, true);
    return { flags, offset: descriptor & 0x7fff, wrap: descriptor >>> 15 };
  }
}
