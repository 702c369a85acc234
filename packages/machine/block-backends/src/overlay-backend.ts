import { checkRange } from './backend-error.ts';
import type { BlockBackend } from './block-backend.ts';

/** What is copied on the first write into it, in bytes. */
const CHUNK = 0x10000;

/** Stands for a chunk that was zeroed as a whole and has not been written since. */
const ZEROES = new Uint8Array(0);

/**
 * Copy-on-write over any other backend: the base is never changed. Memory is used only for the chunks
 * that were written.
 */
export class OverlayBackend implements BlockBackend {
  readonly size: number;
  readonly readOnly = false;
  readonly #base: BlockBackend;
  readonly #chunks = new Map<number, Uint8Array>();

  /** @param base what is read where nothing was written; its `readOnly` does not matter */
  constructor(base: BlockBackend) {
    this.#base = base;
    this.size = base.size;
  }

  /** How many bytes the overlay holds. */
  get written(): number {
    let bytes = 0;
    for (const chunk of this.#chunks.values()) bytes += chunk.length;
    return bytes;
  }

  read(position: number, target: Uint8Array, offset: number, length: number): void {
    checkRange('the overlay', this.size, position, length);
    if (this.#chunks.size === 0) {
      this.#base.read(position, target, offset, length);
      return;
    }
    const end = position + length;
    let to = offset;
    for (let at = position; at < end;) {
      const index = Math.floor(at / CHUNK);
      const piece = Math.min(end, (index + 1) * CHUNK) - at;
      const chunk = this.#chunks.get(index);
      if (chunk === undefined) this.#base.read(at, target, to, piece);
      else if (chunk === ZEROES) target.fill(0, to, to + piece);
      else {
        const from = at - index * CHUNK;
        target.set(chunk.subarray(from, from + piece), to);
      }
      at += piece;
      to += piece;
    }
  }

  write(position: number, source: Uint8Array, offset: number, length: number): void {
    this.#copyUp(position, length);
    const end = position + length;
    let from = offset;
    for (let at = position; at < end;) {
      const index = Math.floor(at / CHUNK);
      const piece = Math.min(end, (index + 1) * CHUNK) - at;
      this.#chunk(index).set(source.subarray(from, from + piece), at - index * CHUNK);
      at += piece;
      from += piece;
    }
  }

  /** The overlay itself is volatile: it ends with the machine. */
  flush(): void {}

  discard(position: number, length: number): void {
    this.writeZeroes(position, length);
  }

  writeZeroes(position: number, length: number): void {
    this.#copyUp(position, length);
    const end = position + length;
    for (let at = position; at < end;) {
      const index = Math.floor(at / CHUNK);
      const next = Math.min(end, (index + 1) * CHUNK);
      if (this.#covers(index, position, end)) this.#chunks.set(index, ZEROES);
      else this.#chunk(index).fill(0, at - index * CHUNK, next - index * CHUNK);
      at = next;
    }
  }

  nextData(position: number): number {
    let next = this.#base.nextData?.(position) ?? position;
    for (const [index, chunk] of this.#chunks) {
      const begin = index * CHUNK;
      const written = chunk !== ZEROES && begin + chunk.length > position;
      if (written) next = Math.min(next, Math.max(begin, position));
    }
    return next;
  }

  /**
   * Copies up the chunks at the two ends of a range that is about to be written. Only they read the
   * base, which may fail, so it is done before anything changes.
   */
  #copyUp(position: number, length: number): void {
    checkRange('the overlay', this.size, position, length);
    if (length === 0) return;
    const end = position + length;
    const first = Math.floor(position / CHUNK);
    const last = Math.floor((end - 1) / CHUNK);
    if (!this.#covers(first, position, end)) this.#copy(first);
    if (!this.#covers(last, position, end)) this.#copy(last);
  }

  #copy(index: number): void {
    if (this.#chunks.has(index)) return;
    const chunk = this.#fresh(index);
    this.#base.read(index * CHUNK, chunk, 0, chunk.length);
    this.#chunks.set(index, chunk);
  }

  /** Whether the whole chunk lies in `[start, end)`. */
  #covers(index: number, start: number, end: number): boolean {
    return start <= index * CHUNK && end >= Math.min((index + 1) * CHUNK, this.size);
  }

  /** The chunk, with memory of its own to write into. */
  #chunk(index: number): Uint8Array {
    const held = this.#chunks.get(index);
    if (held !== undefined && held !== ZEROES) return held;
    const chunk = this.#fresh(index);
    this.#chunks.set(index, chunk);
    return chunk;
  }

  /** Zeros for a chunk; the last one ends where the backend does. */
  #fresh(index: number): Uint8Array {
    return new Uint8Array(Math.min(CHUNK, this.size - index * CHUNK));
  }
}
