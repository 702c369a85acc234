import type { PhysicalAddress } from '@dxelab/uefi';
import type { RamStorage } from '../ram-storage.ts';
import type { Tracer } from '../tracer.ts';

/** RAM that traces each access and leaves it to another. */
export class TracedRam implements RamStorage {
  readonly #ram: RamStorage;
  readonly #trace: Tracer;

  constructor(ram: RamStorage, trace: Tracer) {
    this.#ram = ram;
    this.#trace = trace;
  }

  readUint8(address: PhysicalAddress): number {
    return this.#read(address, 1, this.#ram.readUint8(address));
  }

  readUint16(address: PhysicalAddress): number {
    return this.#read(address, 2, this.#ram.readUint16(address));
  }

  readUint32(address: PhysicalAddress): number {
    return this.#read(address, 4, this.#ram.readUint32(address));
  }

  writeUint8(address: PhysicalAddress, value: number): void {
    this.#ram.writeUint8(address, value);
    this.#trace('waist_ram_write', { address, size: 1, value });
  }

  writeUint16(address: PhysicalAddress, value: number): void {
    this.#ram.writeUint16(address, value);
    this.#trace('waist_ram_write', { address, size: 2, value });
  }

  writeUint32(address: PhysicalAddress, value: number): void {
    this.#ram.writeUint32(address, value);
    this.#trace('waist_ram_write', { address, size: 4, value });
  }

  readBytes(address: PhysicalAddress, target: Uint8Array): void {
    this.#ram.readBytes(address, target);
    this.#trace('waist_ram_read_bytes', { address, length: target.length });
  }

  writeBytes(address: PhysicalAddress, source: Uint8Array): void {
    this.#ram.writeBytes(address, source);
    this.#trace('waist_ram_write_bytes', { address, length: source.length });
  }

  fill(address: PhysicalAddress, length: number, value: number): void {
    this.#ram.fill(address, length, value);
    this.#trace('waist_ram_fill', { address, length, value });
  }

  copy(destination: PhysicalAddress, source: PhysicalAddress, length: number): void {
    this.#ram.copy(destination, source, length);
    this.#trace('waist_ram_copy', { address: destination, length, source });
  }

  #read(address: number, size: number, value: number): number {
    this.#trace('waist_ram_read', { address, size, value });
    return value;
  }
}
