import { Dma } from '@dxelab/emulated-machine';
import type { MachineFinding } from '@dxelab/emulated-machine';
import type { QueueFault } from './queue-fault.ts';
import type { QueueOwner } from './virtqueue.ts';

/** RAM begins here for the device, so that address 0 is none. */
export const RAM_BASE = 0x1000;
/** Bytes before and behind RAM that no device may touch. */
const MARGIN = 64;

export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;

/** RAM for a ring, what was negotiated, and what the device says of its driver. */
export abstract class TestMemory {
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
  readonly ram: Uint8Array;
  readonly view: DataView;
  protected readonly owner: QueueOwner = {
    fault: (fault) => this.faults.push(fault),
    remark: (fault) => this.remarks.push(fault),
  };
  readonly #storage: Uint8Array;

  /** @param ramSize in bytes */
  constructor(ramSize: number) {
    this.#storage = new Uint8Array(ramSize + 2 * MARGIN).fill(0xc5);
    this.ram = this.#storage.subarray(MARGIN, MARGIN + ramSize).fill(0);
    this.view = new DataView(this.ram.buffer, this.ram.byteOffset, ramSize);
    const range = { base: RAM_BASE, bytes: this.ram };
    const space = {
      window: range,
      find: (address: number, length: number) =>
        address >= RAM_BASE && address + length <= RAM_BASE + ramSize ? range : undefined,
    };
    this.dma = new Dma('test', space, (finding) => this.findings.push(finding));
  }

  /** The sections of the faults so far. */
  get broken(): string[] {
    return this.faults.map(({ section }) => section);
  }

  /** The sections of what was remarked on so far. */
  get remarked(): string[] {
    return this.remarks.map(({ section }) => section);
  }

  /** Whether nothing outside RAM was touched. */
  get marginsIntact(): boolean {
    const before = this.#storage.subarray(0, MARGIN);
    const behind = this.#storage.subarray(-MARGIN);
    return [...before, ...behind].every((byte) => byte === 0xc5);
  }
}
