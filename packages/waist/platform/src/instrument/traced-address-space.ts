import type { AddressSpace } from '../address-space.ts';
import type { WaistAccess } from './trace-events.ts';

/** An address space that traces each access and leaves it to another. */
export class TracedAddressSpace implements AddressSpace {
  readonly #space: AddressSpace;
  readonly #onRead: (access: WaistAccess) => void;
  readonly #onWrite: (access: WaistAccess) => void;

  constructor(
    space: AddressSpace,
    onRead: (access: WaistAccess) => void,
    onWrite: (access: WaistAccess) => void,
  ) {
    this.#space = space;
    this.#onRead = onRead;
    this.#onWrite = onWrite;
  }

  read8(address: number): number {
    return this.#read(address, 1, this.#space.read8(address));
  }

  read16(address: number): number {
    return this.#read(address, 2, this.#space.read16(address));
  }

  read32(address: number): number {
    return this.#read(address, 4, this.#space.read32(address));
  }

  read64(address: number): bigint {
    return this.#read(address, 8, this.#space.read64(address));
  }

  write8(address: number, value: number): void {
    this.#onWrite({ address, size: 1, value });
    this.#space.write8(address, value);
  }

  write16(address: number, value: number): void {
    this.#onWrite({ address, size: 2, value });
    this.#space.write16(address, value);
  }

  write32(address: number, value: number): void {
    this.#onWrite({ address, size: 4, value });
    this.#space.write32(address, value);
  }

  write64(address: number, value: bigint): void {
    this.#onWrite({ address, size: 8, value });
    this.#space.write64(address, value);
  }

  #read<Value extends number | bigint>(address: number, size: number, value: Value): Value {
    this.#onRead({ address, size, value });
    return value;
  }
}
