import type { AddressSpace } from '@dxelab/platform';

/** An address space that notes what is done to it (`W16 c000 = 1234`), and reads what was written. */
export class FakeSpace implements AddressSpace {
  readonly log: string[] = [];
  readonly #bytes = new Map<number, number>();

  read8(address: number): number {
    return Number(this.#read(8, address));
  }

  read16(address: number): number {
    return Number(this.#read(16, address));
  }

  read32(address: number): number {
    return Number(this.#read(32, address));
  }

  read64(address: number): bigint {
    return this.#read(64, address);
  }

  write8(address: number, value: number): void {
    this.#write(8, address, BigInt(value));
  }

  write16(address: number, value: number): void {
    this.#write(16, address, BigInt(value));
  }

  write32(address: number, value: number): void {
    this.#write(32, address, BigInt(value));
  }

  write64(address: number, value: bigint): void {
    this.#write(64, address, value);
  }

  /** What was noted since the last time. */
  taken(): readonly string[] {
    return this.log.splice(0);
  }

  #read(bits: number, address: number): bigint {
    this.log.push(`R${bits} ${address.toString(16)}`);
    let value = 0n;
    for (let byte = 0; byte < bits / 8; byte++) {
      value |= BigInt(this.#bytes.get(address + byte) ?? 0) << BigInt(8 * byte);
    }
    return value;
  }

  #write(bits: number, address: number, value: bigint): void {
    this.log.push(`W${bits} ${address.toString(16)} = ${value.toString(16)}`);
    for (let byte = 0; byte < bits / 8; byte++) {
      this.#bytes.set(address + byte, Number((value >> BigInt(8 * byte)) & 0xffn));
    }
  }
}
