import { checkRange, checkWritable } from './backend-error.ts';
import type { BlockBackend } from './block-backend.ts';

/** Default: it can be written. */
export interface MemoryBackendOptions {
  readonly readOnly?: boolean;
}

/** A disk in an array. */
export class MemoryBackend implements BlockBackend {
  readonly size: number;
  readonly readOnly: boolean;
  private readonly contents: Uint8Array;

  /** @param bytes the disk itself, not a copy of it; or its size in bytes, for a disk of zeros */
  constructor(bytes: Uint8Array | number, options: MemoryBackendOptions = {}) {
    this.contents = typeof bytes === 'number' ? new Uint8Array(bytes) : bytes;
    this.size = this.contents.length;
    this.readOnly = options.readOnly ?? false;
  }

  read(position: number, target: Uint8Array, offset: number, length: number): void {
    checkRange('the memory disk', this.size, position, length);
    copy(this.contents, position, target, offset, length);
  }

  write(position: number, source: Uint8Array, offset: number, length: number): void {
    checkWritable('the memory disk', this.readOnly);
    checkRange('the memory disk', this.size, position, length);
    copy(source, offset, this.contents, position, length);
  }

  /** Memory has nothing behind it. */
  flush(): void {}

  writeZeroes(position: number, length: number): void {
    checkWritable('the memory disk', this.readOnly);
    checkRange('the memory disk', this.size, position, length);
    this.contents.fill(0, position, position + length);
  }
}

function copy(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  length: number,
): void {
  // Not `subarray`: it asks what kind of array is wanted, a fifth of what it takes to copy a sector.
  target.set(new Uint8Array(source.buffer, source.byteOffset + from, length), to);
}
