import { Dma } from '@dxelab/emulated-machine';
import type { MachineFinding } from '@dxelab/emulated-machine';
import type { QueueFault } from './queue-fault.ts';
import { SplitVirtqueue } from './split-virtqueue.ts';

/** RAM begins here for the device, so that address 0 is none. */
export const RAM_BASE = 0x1000;
export const RAM_SIZE = 0x10000;
const DESC = RAM_BASE;
const DRIVER = RAM_BASE + 0x4000;
const DEVICE = RAM_BASE + 0x6000;
/** Where tests put buffers. */
export const BUFFERS = RAM_BASE + 0x8000;
/** Bytes before and behind RAM that no device may touch. */
const MARGIN = 64;

export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;

/** A ring in RAM, written as a driver does it, and the device's queue over it. */
export class TestRing {
  readonly features = {
    indirect: false,
    eventIdx: false,
    notifyOnEmpty: false,
    packed: false,
    inOrder: false,
    notificationData: false,
  };
  readonly faults: QueueFault[] = [];
  readonly remarks: QueueFault[] = [];
  readonly findings: MachineFinding[] = [];
  readonly dma: Dma;
  readonly queue: SplitVirtqueue;
  readonly ram: Uint8Array;
  readonly view: DataView;
  readonly size: number;
  readonly #storage = new Uint8Array(RAM_SIZE + 2 * MARGIN).fill(0xc5);

  constructor(size = 8) {
    this.size = size;
    this.ram = this.#storage.subarray(MARGIN, MARGIN + RAM_SIZE).fill(0);
    this.view = new DataView(this.ram.buffer, this.ram.byteOffset, RAM_SIZE);
    const range = { base: RAM_BASE, bytes: this.ram };
    const space = {
      window: range,
      find: (address: number, length: number) =>
        address >= RAM_BASE && address + length <= RAM_BASE + RAM_SIZE ? range : undefined,
    };
    this.dma = new Dma('test', space, (finding) => this.findings.push(finding));
    this.queue = new SplitVirtqueue(this.dma, this.features, {
      fault: (fault) => this.faults.push(fault),
      remark: (fault) => this.remarks.push(fault),
    });
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

  /** The sections of the faults so far. */
  get broken(): string[] {
    return this.faults.map(({ section }) => section);
  }

  /** Whether nothing outside RAM was touched. */
  get marginsIntact(): boolean {
    const before = this.#storage.subarray(0, MARGIN);
    const behind = this.#storage.subarray(MARGIN + RAM_SIZE);
    return [...before, ...behind].every((byte) => byte === 0xc5);
  }
}
