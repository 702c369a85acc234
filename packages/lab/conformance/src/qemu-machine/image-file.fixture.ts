import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk image in a file of its own. */
export class ImageFile implements Disposable {
  readonly #folder: string;
  readonly path: string;

  /** @param name with whatever a user's path may have in it */
  constructor(bytes: Uint8Array, name = 'disk.img') {
    this.#folder = mkdtempSync(join(tmpdir(), 'dxelab-image-'));
    this.path = join(this.#folder, name);
    writeFileSync(this.path, bytes);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(readFileSync(this.path));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Bytes that tell their position. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 9)) & 0xff);
}
