import type { RamStorage } from '@dxelab/platform';
import type { AccessWidth, RegionHandler } from './region.ts';

/** RAM as the memory bus sees it: an MMIO access to an address of RAM reaches it, as on real hardware. */
export class RamRegion implements RegionHandler {
  readonly #storage: RamStorage;
  readonly #base: number;

  constructor(storage: RamStorage, base: number) {
    this.#storage = storage;
    this.#base = base;
  }

  read(offset: number, width: AccessWidth): number {
    const address = this.#base + offset;
    if (width === 1) return this.#storage.readUint8(address);
    if (width === 2) return this.#storage.readUint16(address);
    return this.#storage.readUint32(address);
  }

  write(offset: number, width: AccessWidth, value: number): void {
    const address = this.#base + offset;
    if (width === 1) this.#storage.writeUint8(address, value);
    else if (width === 2) this.#storage.writeUint16(address, value);
    else this.#storage.writeUint32(address, value);
  }
}
