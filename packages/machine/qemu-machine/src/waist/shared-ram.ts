import { readSync, writeSync } from 'node:fs';
import type { RamStorage } from '@dxelab/platform';
import type { PhysicalAddress } from '@dxelab/uefi';
import type { RamPiece } from '../chipset/ram-layout.ts';
import { pieceOf } from '../chipset/ram-layout.ts';
import type { QtestLink } from '../qtest/qtest-link.ts';

/** Moves bytes between a file and memory; returns how many. */
type Move = (
  file: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number,
) => number;

/** How much is filled or copied at a time, in bytes. */
const CHUNK = 0x1_0000;

/**
 * Guest RAM in a file of shared memory that QEMU has mapped: what one writes the other reads, at once.
 * A value of up to 32 bits is aligned, so the host's CPU moves it in one piece.
 */
export class SharedRam implements RamStorage {
  readonly #file: number;
  readonly #pieces: readonly RamPiece[];
  readonly #link: QtestLink;
  readonly #word = new Uint8Array(4);
  readonly #view = new DataView(this.#word.buffer);

  constructor(file: number, pieces: readonly RamPiece[], link: QtestLink) {
    this.#file = file;
    this.#pieces = pieces;
    this.#link = link;
  }

  readUint8(address: PhysicalAddress): number {
    this.#transfer(readSync, address, this.#word, 0, 1);
    return this.#view.getUint8(0);
  }

  readUint16(address: PhysicalAddress): number {
    this.#transfer(readSync, address, this.#word, 0, 2);
    return this.#view.getUint16(0, true);
  }

  readUint32(address: PhysicalAddress): number {
    this.#transfer(readSync, address, this.#word, 0, 4);
    return this.#view.getUint32(0, true);
  }

  writeUint8(address: PhysicalAddress, value: number): void {
    this.#view.setUint8(0, value);
    this.#transfer(writeSync, address, this.#word, 0, 1);
  }

  writeUint16(address: PhysicalAddress, value: number): void {
    this.#view.setUint16(0, value, true);
    this.#transfer(writeSync, address, this.#word, 0, 2);
  }

  writeUint32(address: PhysicalAddress, value: number): void {
    this.#view.setUint32(0, value, true);
    this.#transfer(writeSync, address, this.#word, 0, 4);
  }

  readBytes(address: PhysicalAddress, target: Uint8Array): void {
    this.#transfer(readSync, address, target, 0, target.length);
  }

  writeBytes(address: PhysicalAddress, source: Uint8Array): void {
    this.#transfer(writeSync, address, source, 0, source.length);
  }

  fill(address: PhysicalAddress, length: number, value: number): void {
    const bytes = new Uint8Array(Math.min(length, CHUNK)).fill(value);
    for (let done = 0; done < length; done += CHUNK) {
      this.#transfer(writeSync, address + done, bytes, 0, Math.min(CHUNK, length - done));
    }
  }

  copy(destination: PhysicalAddress, source: PhysicalAddress, length: number): void {
    const bytes = new Uint8Array(length);
    this.readBytes(source, bytes);
    this.writeBytes(destination, bytes);
  }

  #transfer(
    move: Move,
    address: PhysicalAddress,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void {
    // A posted write may have been one that a device answers in RAM.
    this.#link.settle();
    const position = address + pieceOf(this.#pieces, address, length).toBackend;
    for (let done = 0; done < length;) {
      done += move(this.#file, bytes, offset + done, length - done, position + done);
    }
  }
}
