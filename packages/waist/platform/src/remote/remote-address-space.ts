import type { AddressSpace } from '../address-space.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { RemoteChannel } from './remote-channel.ts';
import { REQUEST } from './wire.ts';

/** MMIO or ports at the other end of the wire. */
export class RemoteAddressSpace implements AddressSpace {
  readonly #channel: RemoteChannel;
  readonly #space: number;

  /** @param space `SPACE_MMIO` or `SPACE_PORTS` */
  constructor(channel: RemoteChannel, space: number) {
    this.#channel = channel;
    this.#space = space;
  }

  read8(address: number): number {
    return this.#channel.call(this.#request(REQUEST.read8, address)).uint8();
  }

  read16(address: number): number {
    return this.#channel.call(this.#request(REQUEST.read16, address)).uint16();
  }

  read32(address: number): number {
    return this.#channel.call(this.#request(REQUEST.read32, address)).uint32();
  }

  read64(address: number): bigint {
    return this.#channel.call(this.#request(REQUEST.read64, address)).uint64();
  }

  write8(address: number, value: number): void {
    this.#channel.call(this.#request(REQUEST.write8, address).uint8(value));
  }

  write16(address: number, value: number): void {
    this.#channel.call(this.#request(REQUEST.write16, address).uint16(value));
  }

  write32(address: number, value: number): void {
    this.#channel.call(this.#request(REQUEST.write32, address).uint32(value));
  }

  write64(address: number, value: bigint): void {
    this.#channel.call(this.#request(REQUEST.write64, address).uint64(value));
  }

  #request(code: number, address: number): ByteWriter {
    return this.#channel.request(code).uint8(this.#space).float64(address);
  }
}
