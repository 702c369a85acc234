import type { PhysicalAddress } from '@dxelab/uefi';
import { PlatformFault } from './platform-fault.ts';
import type { RamRange, RamStorage } from './ram-storage.ts';

interface Range extends RamRange {
  readonly end: number;
  readonly view: DataView;
}

/** RAM in typed arrays of this process: one or more ranges, below and above 4 GiB. */
export class LocalRam implements RamStorage {
  /** Ascending, without overlap. */
  readonly ranges: readonly RamRange[];
  readonly #ranges: readonly Range[];

  /** @throws RangeError if ranges overlap */
  constructor(ranges: readonly RamRange[]) {
    this.#ranges = ranges
      .map(({ base, bytes }) => ({
        base,
        bytes,
        end: base + bytes.length,
        view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
      }))
      .toSorted((a, b) => a.base - b.base);
    this.ranges = this.#ranges;
    for (const [index, range] of this.#ranges.entries()) {
      const next = this.#ranges[index + 1];
      if (next !== undefined && next.base < range.end) {
        throw new RangeError(
          `RAM ranges overlap at 0x${next.base.toString(16)}: each address belongs to one range`,
        );
      }
    }
  }

  /** The range that holds all of `[address, address + length)`, if one does. */
  find(address: PhysicalAddress, length: number): RamRange | undefined {
    return this.#search(address, length);
  }

  readUint8(address: PhysicalAddress): number {
    const range = this.#range(address, 1);
    return range.view.getUint8(address - range.base);
  }

  readUint16(address: PhysicalAddress): number {
    const range = this.#range(address, 2);
    return range.view.getUint16(address - range.base, true);
  }

  readUint32(address: PhysicalAddress): number {
    const range = this.#range(address, 4);
    return range.view.getUint32(address - range.base, true);
  }

  writeUint8(address: PhysicalAddress, value: number): void {
    const range = this.#range(address, 1);
    range.view.setUint8(address - range.base, value);
  }

  writeUint16(address: PhysicalAddress, value: number): void {
    const range = this.#range(address, 2);
    range.view.setUint16(address - range.base, value, true);
  }

  writeUint32(address: PhysicalAddress, value: number): void {
    const range = this.#range(address, 4);
    range.view.setUint32(address - range.base, value, true);
  }

  readBytes(address: PhysicalAddress, target: Uint8Array): void {
    const { base, bytes } = this.#range(address, target.length);
    target.set(bytes.subarray(address - base, address - base + target.length));
  }

  writeBytes(address: PhysicalAddress, source: Uint8Array): void {
    const { base, bytes } = this.#range(address, source.length);
    bytes.set(source, address - base);
  }

  fill(address: PhysicalAddress, length: number, value: number): void {
    const { base, bytes } = this.#range(address, length);
    bytes.fill(value, address - base, address - base + length);
  }

  copy(destination: PhysicalAddress, source: PhysicalAddress, length: number): void {
    const from = this.#range(source, length);
    const to = this.#range(destination, length);
    const start = source - from.base;
    if (from === to) to.bytes.copyWithin(destination - to.base, start, start + length);
    else to.bytes.set(from.bytes.subarray(start, start + length), destination - to.base);
  }

  #search(address: number, length: number): Range | undefined {
    for (const range of this.#ranges) {
      if (address >= range.base && address + length <= range.end) return range;
    }
    return undefined;
  }

  #range(address: number, length: number): Range {
    const range = this.#search(address, length);
    if (range !== undefined) return range;
    const ram = this.#ranges.map(({ base, end }) => `0x${base.toString(16)}-0x${end.toString(16)}`);
    throw new PlatformFault(
      `${length} bytes at 0x${address.toString(16)} are not in RAM (${ram.join(', ')})`,
    );
  }
}
