import type { NonVolatileStorage } from './non-volatile-storage.ts';

/** A storage in the memory of the host: it lives as long as the object. */
export class MemoryStorage implements NonVolatileStorage {
  /** What is stored; a copy of it is an image of the flash. */
  readonly bytes: Uint8Array;

  /** @param content its size, erased, or what it holds; the array is used, not copied */
  constructor(content: number | Uint8Array) {
    this.bytes = typeof content === 'number' ? new Uint8Array(content).fill(0xff) : content;
  }

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.slice(offset, offset + length);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }
}
