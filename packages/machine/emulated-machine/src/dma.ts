import { uint64, upperHalf } from '@dxelab/platform';
import type { RamRange } from '@dxelab/platform';
import type { DeviceAddress } from '@dxelab/uefi';
import type { MachineFinding } from './machine-finding.ts';

/** What lies behind device addresses: RAM itself, or an IOMMU that translates. */
export interface DmaSpace {
  /** The range that needs no translation and may be reached without asking; none with an IOMMU. */
  readonly window: RamRange | undefined;
  /**
   * The memory behind all of `[address, address + length)`, `base` being the device address of its
   * first byte; `undefined` if any of it may not be reached.
   */
  find(address: DeviceAddress, length: number): RamRange | undefined;
  /** Why `find` found nothing; `undefined` if there is no RAM. */
  refusal?(address: DeviceAddress, length: number): DmaRefusal | undefined;
}

/** Why a transaction did not reach what is there. */
export interface DmaRefusal {
  readonly rule: string;
  /** What the transaction does that it must not. */
  readonly problem: string;
}

/** What a `Dma` works for when it is for no queue. */
const NO_QUEUE = -1;

const NO_BYTES = new Uint8Array(0);

/**
 * One device's view of RAM. Values are little-endian. A device must not believe the addresses that a
 * driver gave it: what may not be reached reads as all-ones, swallows writes, is counted and reported.
 */
export class Dma {
  /** Whose transactions these are. */
  readonly requester: string;
  /** Where in the array that `locate` returned the range begins. */
  offset = 0;
  /** How many transactions were refused: a device looks whether it has grown. */
  refused = 0;
  /** How many transactions there were. */
  accesses = 0;
  /** Which of the requester's queues it works for, as reports show it; -1 for none. */
  queue: number = NO_QUEUE;
  private readonly space: DmaSpace;
  private readonly report: (finding: MachineFinding) => void;
  private isEnabled = true;
  private base = 0;
  /** 0 while the device may not be bus master: so the fast path needs no other test. */
  private size = 0;
  private bytes: Uint8Array = NO_BYTES;
  private view: DataView = new DataView(NO_BYTES.buffer);

  constructor(requester: string, space: DmaSpace, report: (finding: MachineFinding) => void) {
    this.requester = requester;
    this.space = space;
    this.report = report;
    this.open(space.window);
  }

  /** Whether the device may be bus master. */
  get enabled(): boolean {
    return this.isEnabled;
  }

  setEnabled(enabled: boolean): void {
    if (enabled === this.isEnabled) return;
    this.isEnabled = enabled;
    this.open(enabled ? this.space.window : undefined);
  }

  /**
   * Returns the array that holds the whole range, which begins there at `this.offset`; `undefined` if
   * any of it may not be reached.
   */
  locate(address: DeviceAddress, length: number): Uint8Array | undefined {
    this.accesses++;
    const offset = address - this.base;
    if (offset >= 0 && offset + length <= this.size) {
      this.offset = offset;
      return this.bytes;
    }
    return this.locateSlowly(address, length);
  }

  /**
   * A full barrier: what the device did before is seen before what it does after. Here a device and the
   * CPU take turns, so that it does nothing; but it says where a device on a CPU of its own needs one,
   * and whoever tries the two in every order goes by it.
   */
  barrier(): void {}

  readUint8(address: DeviceAddress): number {
    const offset = address - this.base;
    if (offset >= 0 && offset < this.size) {
      this.accesses++;
      return this.view.getUint8(offset);
    }
    return this.readSlowly(address, 1);
  }

  readUint16(address: DeviceAddress): number {
    const offset = address - this.base;
    if (offset >= 0 && offset + 2 <= this.size) {
      this.accesses++;
      return this.view.getUint16(offset, true);
    }
    return this.readSlowly(address, 2);
  }

  readUint32(address: DeviceAddress): number {
    const offset = address - this.base;
    if (offset >= 0 && offset + 4 <= this.size) {
      this.accesses++;
      return this.view.getUint32(offset, true);
    }
    return this.readSlowly(address, 4);
  }

  /** Reads 64 bits as a number: rounded from 2^53 on, where there is no RAM. */
  readUint64(address: DeviceAddress): number {
    return uint64(this.readUint32(address), this.readUint32(address + 4));
  }

  writeUint8(address: DeviceAddress, value: number): void {
    const offset = address - this.base;
    if (offset >= 0 && offset < this.size) {
      this.accesses++;
      this.view.setUint8(offset, value);
    } else this.writeSlowly(address, 1, value);
  }

  writeUint16(address: DeviceAddress, value: number): void {
    const offset = address - this.base;
    if (offset >= 0 && offset + 2 <= this.size) {
      this.accesses++;
      this.view.setUint16(offset, value, true);
    } else this.writeSlowly(address, 2, value);
  }

  writeUint32(address: DeviceAddress, value: number): void {
    const offset = address - this.base;
    if (offset >= 0 && offset + 4 <= this.size) {
      this.accesses++;
      this.view.setUint32(offset, value, true);
    } else this.writeSlowly(address, 4, value);
  }

  /** Writes a non-negative safe integer as 64 bits, the lower half first. */
  writeUint64(address: DeviceAddress, value: number): void {
    this.writeUint32(address, value >>> 0);
    this.writeUint32(address + 4, upperHalf(value));
  }

  private open(window: RamRange | undefined): void {
    this.base = window?.base ?? 0;
    this.size = window?.bytes.length ?? 0;
    this.bytes = window?.bytes ?? NO_BYTES;
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  private locateSlowly(address: DeviceAddress, length: number): Uint8Array | undefined {
    const range = this.isEnabled ? this.space.find(address, length) : undefined;
    if (range === undefined) {
      this.refuse(address, length);
      return undefined;
    }
    this.offset = address - range.base;
    return range.bytes;
  }

  private readSlowly(address: DeviceAddress, width: number): number {
    this.accesses++;
    const bytes = this.locateSlowly(address, width);
    let value = 0;
    // From the top, so that a shift by 8 moves what is already there.
    for (let index = width - 1; index >= 0; index--) {
      value = ((value << 8) | (bytes?.[this.offset + index] ?? 0xff)) >>> 0;
    }
    return value;
  }

  private writeSlowly(address: DeviceAddress, width: number, value: number): void {
    this.accesses++;
    const bytes = this.locateSlowly(address, width);
    if (bytes === undefined) return;
    for (let index = 0; index < width; index++) bytes[this.offset + index] = value >>> (8 * index);
  }

  private refuse(address: DeviceAddress, length: number): void {
    this.refused++;
    const { rule, problem } = this.refusal(address, length);
    const isForQueue = this.queue !== NO_QUEUE;
    const whose = isForQueue ? ` for queue ${this.queue}` : '';
    this.report({
      rule,
      device: this.requester,
      message: `DMA of ${length} bytes at 0x${address.toString(16)}${whose} ${problem}`,
      fields: { address, length, ...(isForQueue ? { queue: this.queue } : {}) },
    });
  }

  private refusal(address: DeviceAddress, length: number): DmaRefusal {
    if (!this.isEnabled) {
      const problem = 'while the device may not be bus master (command register, bit 2)';
      return { rule: 'PCI-3.0 6.2.2', problem };
    }
    const problem = 'reaches outside the RAM that the device may use';
    return this.space.refusal?.(address, length) ?? { rule: 'machine dma-outside-ram', problem };
  }
}
