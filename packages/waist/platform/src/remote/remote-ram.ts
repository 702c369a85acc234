import type { PhysicalAddress } from '@dxelab/uefi';
import type { RamStorage } from '../ram-storage.ts';
import type { RemoteChannel } from './remote-channel.ts';
import { REQUEST } from './wire.ts';

/** Guest RAM at the other end of the wire. */
export class RemoteRam implements RamStorage {
  readonly #channel: RemoteChannel;

  constructor(channel: RemoteChannel) {
    this.#channel = channel;
  }

  readUint8(address: PhysicalAddress): number {
    return this.#channel.call(this.#channel.request(REQUEST.ramRead8).float64(address)).uint8();
  }

  readUint16(address: PhysicalAddress): number {
    return this.#channel.call(this.#channel.request(REQUEST.ramRead16).float64(address)).uint16();
  }

  readUint32(address: PhysicalAddress): number {
    return this.#channel.call(this.#channel.request(REQUEST.ramRead32).float64(address)).uint32();
  }

  writeUint8(address: PhysicalAddress, value: number): void {
    this.#channel.call(this.#channel.request(REQUEST.ramWrite8).float64(address).uint8(value));
  }

  writeUint16(address: PhysicalAddress, value: number): void {
    this.#channel.call(this.#channel.request(REQUEST.ramWrite16).float64(address).uint16(value));
  }

  writeUint32(address: PhysicalAddress, value: number): void {
    this.#channel.call(this.#channel.request(REQUEST.ramWrite32).float64(address).uint32(value));
  }

  readBytes(address: PhysicalAddress, target: Uint8Array): void {
    const request = this.#channel.request(REQUEST.ramReadBytes);
    target.set(this.#channel.call(request.float64(address).float64(target.length)).bytes());
  }

  writeBytes(address: PhysicalAddress, source: Uint8Array): void {
    const request = this.#channel.request(REQUEST.ramWriteBytes);
    this.#channel.call(request.float64(address).bytes(source));
  }

  fill(address: PhysicalAddress, length: number, value: number): void {
    const request = this.#channel.request(REQUEST.ramFill);
    this.#channel.call(request.float64(address).float64(length).uint8(value));
  }

  copy(destination: PhysicalAddress, source: PhysicalAddress, length: number): void {
    const request = this.#channel.request(REQUEST.ramCopy);
    this.#channel.call(request.float64(destination).float64(source).float64(length));
  }
}
