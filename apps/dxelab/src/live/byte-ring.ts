/** Bytes that wait; a power of two, so that positions may overflow. */
const CAPACITY = 1 << 16;
/** Before them stand the positions: how many were written, and how many read, each modulo 2^32. */
const HEADER_SIZE = 2 * Int32Array.BYTES_PER_ELEMENT;
const WRITTEN = 0;
const READ = 1;

/** A queue of bytes from one thread to another: one end writes, one reads, and both may wait. */
export class ByteRing {
  readonly #positions: Int32Array;
  readonly #bytes: Uint8Array;

  /** @param memory from `ByteRing.memory`; each of both threads has a ring of its own on it */
  constructor(memory: SharedArrayBuffer) {
    this.#positions = new Int32Array(memory, 0, 2);
    this.#bytes = new Uint8Array(memory, HEADER_SIZE);
  }

  /** What a ring lies in. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(HEADER_SIZE + CAPACITY);
  }

  /** Changes with each byte that is written. */
  get written(): number {
    return Atomics.load(this.#positions, WRITTEN);
  }

  /** @returns whether there was room */
  write(byte: number): boolean {
    const written = this.written;
    if (((written - this.#read) | 0) >= CAPACITY) return false;
    this.#bytes[written & (CAPACITY - 1)] = byte;
    Atomics.store(this.#positions, WRITTEN, (written + 1) | 0);
    Atomics.notify(this.#positions, WRITTEN);
    return true;
  }

  /** Whether what was written last is all that waits: then its reader may not know of it. */
  get holdsOne(): boolean {
    return ((this.written - this.#read) | 0) === 1;
  }

  /** The next byte; `undefined` if none waits. */
  read(): number | undefined {
    const read = this.#read;
    if (read === this.written) return undefined;
    const byte = this.#bytes[read & (CAPACITY - 1)];
    Atomics.store(this.#positions, READ, (read + 1) | 0);
    Atomics.notify(this.#positions, READ);
    return byte;
  }

  /** All that wait. */
  readAll(): Uint8Array {
    const all: number[] = [];
    for (let byte = this.read(); byte !== undefined; byte = this.read()) all.push(byte);
    return Uint8Array.from(all);
  }

  /** Lets this thread sleep until more is written than `written` was, but no longer than this. */
  waitForMore(written: number, milliseconds: number): void {
    Atomics.wait(this.#positions, WRITTEN, written, milliseconds);
  }

  /** Lets this thread sleep until there is room. */
  waitForRoom(): void {
    const read = this.#read;
    if (((this.written - read) | 0) >= CAPACITY) Atomics.wait(this.#positions, READ, read);
  }

  get #read(): number {
    return Atomics.load(this.#positions, READ);
  }
}
