import type { RamStorage } from '@dxelab/platform';
import type { PhysicalAddress } from '@dxelab/uefi';
import type { RamPiece } from '../chipset/ram-layout.ts';
import { pieceOf } from '../chipset/ram-layout.ts';
import type { AccessWidth } from '../qtest/commands.ts';
import { base64ReadCommand, base64WriteCommand, fillCommand } from '../qtest/commands.ts';
import { readCommand, writeCommand } from '../qtest/commands.ts';
import type { QtestLink } from '../qtest/qtest-link.ts';

/** Bytes of one command: a multiple of 3, so that base64 needs no padding, and well below a batch. */
const CHUNK = 0x6000;

/** Guest RAM inside QEMU, reached by commands: where there is no memory to share. */
export class QtestRam implements RamStorage {
  readonly #pieces: readonly RamPiece[];
  readonly #link: QtestLink;

  constructor(pieces: readonly RamPiece[], link: QtestLink) {
    this.#pieces = pieces;
    this.#link = link;
  }

  readUint8(address: PhysicalAddress): number {
    return this.#read(address, 1);
  }

  readUint16(address: PhysicalAddress): number {
    return this.#read(address, 2);
  }

  readUint32(address: PhysicalAddress): number {
    return this.#read(address, 4);
  }

  writeUint8(address: PhysicalAddress, value: number): void {
    this.#write(address, 1, value & 0xff);
  }

  writeUint16(address: PhysicalAddress, value: number): void {
    this.#write(address, 2, value & 0xffff);
  }

  writeUint32(address: PhysicalAddress, value: number): void {
    this.#write(address, 4, value);
  }

  readBytes(address: PhysicalAddress, target: Uint8Array): void {
    pieceOf(this.#pieces, address, target.length);
    const starts = startsOf(target.length);
    const commands = starts.map((start) =>
      base64ReadCommand(address + start, Math.min(CHUNK, target.length - start)),
    );
    for (const [index, text] of this.#link.askAll(commands).entries()) {
      target.set(Buffer.from(text, 'base64'), starts[index]);
    }
  }

  writeBytes(address: PhysicalAddress, source: Uint8Array): void {
    pieceOf(this.#pieces, address, source.length);
    for (const start of startsOf(source.length)) {
      this.#link.post(base64WriteCommand(address + start, source.subarray(start, start + CHUNK)));
    }
  }

  fill(address: PhysicalAddress, length: number, value: number): void {
    pieceOf(this.#pieces, address, length);
    if (length > 0) this.#link.post(fillCommand(address, length, value));
  }

  copy(destination: PhysicalAddress, source: PhysicalAddress, length: number): void {
    const bytes = new Uint8Array(length);
    this.readBytes(source, bytes);
    this.writeBytes(destination, bytes);
  }

  #read(address: PhysicalAddress, width: AccessWidth): number {
    pieceOf(this.#pieces, address, width);
    return Number(this.#link.ask(readCommand(address, width)));
  }

  #write(address: PhysicalAddress, width: AccessWidth, value: number): void {
    pieceOf(this.#pieces, address, width);
    this.#link.post(writeCommand(address, width, value));
  }
}

/** Where the chunks of so many bytes begin. */
function startsOf(length: number): number[] {
  return Array.from({ length: Math.ceil(length / CHUNK) }, (_, index) => index * CHUNK);
}
