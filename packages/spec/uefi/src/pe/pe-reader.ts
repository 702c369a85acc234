import { viewOf } from '../bytes.ts';
import { EfiError } from '../status/efi-error.ts';

/** Little-endian fields of a file that is not trusted: what lies outside it is a status. */
export class PeReader {
  readonly size: number;
  readonly #view: DataView;

  constructor(file: Uint8Array) {
    this.size = file.length;
    this.#view = viewOf(file);
  }

  /** @param what is being read, for the message. @throws EFI_UNSUPPORTED outside the file */
  uint8(at: number, what: string): number {
    this.require(at, 1, what);
    return this.#view.getUint8(at);
  }

  uint16(at: number, what: string): number {
    this.require(at, 2, what);
    return this.#view.getUint16(at, true);
  }

  uint32(at: number, what: string): number {
    this.require(at, 4, what);
    return this.#view.getUint32(at, true);
  }

  uint64(at: number, what: string): bigint {
    this.require(at, 8, what);
    return this.#view.getBigUint64(at, true);
  }

  /** @throws EFI_UNSUPPORTED unless all of the range is in the file */
  require(at: number, length: number, what: string): void {
    if (at + length <= this.size) return;
    throw new EfiError(
      'EFI_UNSUPPORTED',
      `${what} at ${at} (${length} bytes) is outside the file, which has ${this.size} bytes`,
    );
  }
}
