import { SplitVirtqueue } from './split-virtqueue.ts';
import { RAM_BASE, TestMemory } from './test-memory.fixture.ts';

export { INDIRECT, NEXT, RAM_BASE, WRITE } from './test-memory.fixture.ts';

export const RAM_SIZE = 0x10000;
const DESC = RAM_BASE;
const DRIVER = RAM_BASE + 0x4000;
const DEVICE = RAM_BASE + 0x6000;
/** Where tests put buffers. */
export const BUFFERS = RAM_BASE + 0x8000;

/** A split ring in RAM, written as a driver does it, and the device's queue over it. */
export class TestRing extends TestMemory {
  readonly queue: SplitVirtqueue;
  readonly size: number;

  constructor(size = 8) {
    super(RAM_SIZE);
    this.size = size;
    this.queue = new SplitVirtqueue(this.dma, this.features, this.owner);
    this.start();
    this.queue.locate();
  }

  start(addresses: { desc?: number; driver?: number; device?: number } = {}): void {
    this.queue.start(this.size, { desc: DESC, driver: DRIVER, device: DEVICE, ...addresses });
  }

  /** Writes descriptor `index` of the table, or of another one. */
  desc(index: number, address: number, length: number, flags = 0, next = 0, table = DESC): void {
    const at = table - RAM_BASE + 16 * index;
    this.view.setBigUint64(at, BigInt(address), true);
    this.view.setUint32(at + 8, length, true);
    this.view.setUint16(at + 12, flags, true);
    this.view.setUint16(at + 14, next, true);
  }

  /** Makes chains available. */
  offer(...heads: number[]): void {
    for (const head of heads) {
      this.view.setUint16(DRIVER - RAM_BASE + 4 + 2 * (this.availIndex % this.size), head, true);
      this.availIndex = (this.availIndex + 1) & 0xffff;
    }
  }

  get availIndex(): number {
    return this.view.getUint16(DRIVER - RAM_BASE + 2, true);
  }

  set availIndex(value: number) {
    this.view.setUint16(DRIVER - RAM_BASE + 2, value, true);
  }

  set availFlags(value: number) {
    this.view.setUint16(DRIVER - RAM_BASE, value, true);
  }

  set usedEvent(value: number) {
    this.view.setUint16(DRIVER - RAM_BASE + 4 + 2 * this.size, value, true);
  }

  get usedFlags(): number {
    return this.view.getUint16(DEVICE - RAM_BASE, true);
  }

  get usedIndex(): number {
    return this.view.getUint16(DEVICE - RAM_BASE + 2, true);
  }

  get availEvent(): number {
    return this.view.getUint16(DEVICE - RAM_BASE + 4 + 8 * this.size, true);
  }

  usedElement(slot: number): { id: number; length: number } {
    const at = DEVICE - RAM_BASE + 4 + 8 * slot;
    return { id: this.view.getUint32(at, true), length: this.view.getUint32(at + 4, true) };
  }
}
