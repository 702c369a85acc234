import type { AddressSpace, Cycles } from '@dxelab/platform';
import type { AccessWidth, PortWidth } from '../qtest/commands.ts';
import { inCommand, outCommand, readCommand, writeCommand } from '../qtest/commands.ts';
import type { QtestLink } from '../qtest/qtest-link.ts';

/** Memory-mapped I/O: each access is one transaction of its width on QEMU's bus. */
export class QtestMmio implements AddressSpace {
  readonly #cycles: Cycles;
  readonly #link: QtestLink;

  constructor(cycles: Cycles, link: QtestLink) {
    this.#cycles = cycles;
    this.#link = link;
  }

  read8(address: number): number {
    return Number(this.#read(address, 1));
  }

  read16(address: number): number {
    return Number(this.#read(address, 2));
  }

  read32(address: number): number {
    return Number(this.#read(address, 4));
  }

  read64(address: number): bigint {
    return BigInt(this.#read(address, 8));
  }

  write8(address: number, value: number): void {
    this.#write(address, 1, value & 0xff);
  }

  write16(address: number, value: number): void {
    this.#write(address, 2, value & 0xffff);
  }

  write32(address: number, value: number): void {
    this.#write(address, 4, value);
  }

  write64(address: number, value: bigint): void {
    this.#write(address, 8, value);
  }

  #read(address: number, width: AccessWidth): string {
    this.#cycles.access();
    return this.#link.ask(readCommand(address, width));
  }

  #write(address: number, width: AccessWidth, value: number | bigint): void {
    this.#cycles.access();
    this.#link.post(writeCommand(address, width, value));
  }
}

/** Port I/O. The CPU has no access of 64 bits: it is two of 32, the lower half first. */
export class QtestPorts implements AddressSpace {
  readonly #cycles: Cycles;
  readonly #link: QtestLink;

  constructor(cycles: Cycles, link: QtestLink) {
    this.#cycles = cycles;
    this.#link = link;
  }

  read8(port: number): number {
    return this.#read(port, 1);
  }

  read16(port: number): number {
    return this.#read(port, 2);
  }

  read32(port: number): number {
    return this.#read(port, 4);
  }

  read64(port: number): bigint {
    const low = this.read32(port);
    return (BigInt(this.read32(port + 4)) << 32n) | BigInt(low);
  }

  write8(port: number, value: number): void {
    this.#write(port, 1, value & 0xff);
  }

  write16(port: number, value: number): void {
    this.#write(port, 2, value & 0xffff);
  }

  write32(port: number, value: number): void {
    this.#write(port, 4, value);
  }

  write64(port: number, value: bigint): void {
    this.write32(port, Number(BigInt.asUintN(32, value)));
    this.write32(port + 4, Number(BigInt.asUintN(32, value >> 32n)));
  }

  #read(port: number, width: PortWidth): number {
    this.#cycles.access();
    return Number(this.#link.ask(inCommand(port, width)));
  }

  #write(port: number, width: PortWidth, value: number): void {
    this.#cycles.access();
    this.#link.post(outCommand(port, width, value));
  }
}
