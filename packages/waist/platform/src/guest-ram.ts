import type { PhysicalAddress } from '@dxelab/uefi';
import type { Cycles } from './cycles.ts';
import type { RamRange, RamStorage } from './ram-storage.ts';
import { upperHalf } from './uint64.ts';

/**
 * The CPU's view of guest RAM, by physical address. Firmware reaches RAM through this one class and
 * never through an array that a device also holds. Values are little-endian.
 *
 * What stores the bytes stands behind `storage`: a typed array, a file, a pipe, an instrument. The
 * *window* is the range of it that may be reached without asking the storage; an instrument that
 * wants to see every access, or a remote memory, gives none.
 */
export class GuestRam {
  private readonly cycles: Cycles;
  private readonly storage: RamStorage;
  private readonly base: number;
  private readonly size: number;
  private readonly view: DataView;

  /** @param window the range that is reached directly; it must belong to `storage` */
  constructor(cycles: Cycles, storage: RamStorage, window?: RamRange) {
    this.cycles = cycles;
    this.storage = storage;
    this.base = window?.base ?? 0;
    this.size = window?.bytes.length ?? 0;
    const bytes = window?.bytes ?? new Uint8Array(0);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  readUint8(address: PhysicalAddress): number {
    this.cycles.access();
    const offset = address - this.base;
    if (offset >= 0 && offset < this.size) return this.view.getUint8(offset);
    return this.storage.readUint8(address);
  }

  readUint16(address: PhysicalAddress): number {
    this.cycles.access();
    const offset = address - this.base;
    if (offset >= 0 && offset + 2 <= this.size) return this.view.getUint16(offset, true);
    return this.storage.readUint16(address);
  }

  readUint32(address: PhysicalAddress): number {
    this.cycles.access();
    const offset = address - this.base;
    if (offset >= 0 && offset + 4 <= this.size) return this.view.getUint32(offset, true);
    return this.storage.readUint32(address);
  }

  /** Two accesses of 32 bits, the lower half first. */
  readBigUint64(address: PhysicalAddress): bigint {
    const low = this.readUint32(address);
    return (BigInt(this.readUint32(address + 4)) << 32n) | BigInt(low);
  }

  writeUint8(address: PhysicalAddress, value: number): void {
    this.cycles.access();
    const offset = address - this.base;
    if (offset >= 0 && offset < this.size) this.view.setUint8(offset, value);
    else this.storage.writeUint8(address, value);
  }

  writeUint16(address: PhysicalAddress, value: number): void {
    this.cycles.access();
    const offset = address - this.base;
    if (offset >= 0 && offset + 2 <= this.size) this.view.setUint16(offset, value, true);
    else this.storage.writeUint16(address, value);
  }

  writeUint32(address: PhysicalAddress, value: number): void {
    this.cycles.access();
    const offset = address - this.base;
    if (offset >= 0 && offset + 4 <= this.size) this.view.setUint32(offset, value, true);
    else this.storage.writeUint32(address, value);
  }

  /**
   * Writes 16 bytes, such as a descriptor: four accesses of 32 bits, in ascending order. Of each value
   * the lower 32 bits count.
   */
  writeUint32x4(
    address: PhysicalAddress,
    first: number,
    second: number,
    third: number,
    fourth: number,
  ): void {
    const { view } = this;
    const offset = address - this.base;
    // What a CPU does in four steps need not be looked at in four: to do so cost queues a tenth.
    if (offset >= 0 && offset + 16 <= this.size && this.cycles.accessAtOnce(4)) {
      // `| 0` for V8, which would take a value of unknown kind through a double.
      view.setUint32(offset, first | 0, true);
      view.setUint32(offset + 4, second | 0, true);
      view.setUint32(offset + 8, third | 0, true);
      view.setUint32(offset + 12, fourth | 0, true);
      return;
    }
    this.writeUint32(address, first >>> 0);
    this.writeUint32(address + 4, second >>> 0);
    this.writeUint32(address + 8, third >>> 0);
    this.writeUint32(address + 12, fourth >>> 0);
  }

  /** Writes a non-negative safe integer as 64 bits: two accesses, the lower half first. */
  writeUint64(address: PhysicalAddress, value: number): void {
    this.writeUint32(address, value >>> 0);
    this.writeUint32(address + 4, upperHalf(value));
  }

  /** Two accesses of 32 bits, the lower half first. */
  writeBigUint64(address: PhysicalAddress, value: bigint): void {
    this.writeUint32(address, Number(BigInt.asUintN(32, value)));
    this.writeUint32(address + 4, Number(BigInt.asUintN(32, value >> 32n)));
  }

  /** Reads `target.length` bytes. One access, as a copy loop of the CPU is one thing to the machine. */
  readBytes(address: PhysicalAddress, target: Uint8Array): void {
    this.cycles.access();
    this.storage.readBytes(address, target);
  }

  writeBytes(address: PhysicalAddress, source: Uint8Array): void {
    this.cycles.access();
    this.storage.writeBytes(address, source);
  }

  fill(address: PhysicalAddress, length: number, value: number): void {
    this.cycles.access();
    this.storage.fill(address, length, value);
  }

  /** Copies within RAM; the two ranges may overlap. */
  copy(destination: PhysicalAddress, source: PhysicalAddress, length: number): void {
    this.cycles.access();
    this.storage.copy(destination, source, length);
  }
}
