import type { RamStorage } from '@dxelab/platform';
import { Cycles, GuestRam } from '@dxelab/platform';
import type { PhysicalAddress } from '@dxelab/uefi';
import type { MemoryGuard } from './memory-guard.ts';

/** One image's view of guest RAM, which a guard watches. */
export function guardedRam(ram: GuestRam, guard: MemoryGuard, image: string): GuestRam {
  // The RAM behind it counts the accesses; these would count twice.
  const uncounted = new Cycles(() => {});
  return new GuestRam(uncounted, new GuardedStorage(ram, guard, image));
}

class GuardedStorage implements RamStorage {
  readonly #ram: GuestRam;
  readonly #guard: MemoryGuard;
  readonly #image: string;

  constructor(ram: GuestRam, guard: MemoryGuard, image: string) {
    this.#ram = ram;
    this.#guard = guard;
    this.#image = image;
  }

  readUint8(address: PhysicalAddress): number {
    this.#guard.check(this.#image, 'read', address, 1);
    return this.#ram.readUint8(address);
  }

  readUint16(address: PhysicalAddress): number {
    this.#guard.check(this.#image, 'read', address, 2);
    return this.#ram.readUint16(address);
  }

  readUint32(address: PhysicalAddress): number {
    this.#guard.check(this.#image, 'read', address, 4);
    return this.#ram.readUint32(address);
  }

  writeUint8(address: PhysicalAddress, value: number): void {
    this.#guard.check(this.#image, 'wrote', address, 1);
    this.#ram.writeUint8(address, value);
  }

  writeUint16(address: PhysicalAddress, value: number): void {
    this.#guard.check(this.#image, 'wrote', address, 2);
    this.#ram.writeUint16(address, value);
  }

  writeUint32(address: PhysicalAddress, value: number): void {
    this.#guard.check(this.#image, 'wrote', address, 4);
    this.#ram.writeUint32(address, value);
  }

  readBytes(address: PhysicalAddress, target: Uint8Array): void {
    this.#guard.check(this.#image, 'read', address, target.length);
    this.#ram.readBytes(address, target);
  }

  writeBytes(address: PhysicalAddress, source: Uint8Array): void {
    this.#guard.check(this.#image, 'wrote', address, source.length);
    this.#ram.writeBytes(address, source);
  }

  fill(address: PhysicalAddress, length: number, value: number): void {
    this.#guard.check(this.#image, 'wrote', address, length);
    this.#ram.fill(address, length, value);
  }

  copy(destination: PhysicalAddress, source: PhysicalAddress, length: number): void {
    this.#guard.check(this.#image, 'read', source, length);
    this.#guard.check(this.#image, 'wrote', destination, length);
    this.#ram.copy(destination, source, length);
  }
}
