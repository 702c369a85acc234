import { checkRange, checkWritable } from './backend-error.ts';
import type { BlockBackend } from './block-backend.ts';
import { OverlayBackend } from './overlay-backend.ts';

/** Zeros, as many as one likes, that nothing can be written to. */
class Zeros implements BlockBackend {
  readonly size: number;
  readonly readOnly = true;

  constructor(size: number) {
    this.size = size;
  }

  read(position: number, target: Uint8Array, offset: number, length: number): void {
    checkRange('the zeros', this.size, position, length);
    target.fill(0, offset, offset + length);
  }

  write(): void {
    checkWritable('the zeros', true);
  }

  flush(): void {}

  nextData(): number {
    return this.size;
  }
}

/** A disk of zeros of any size that holds only what was written. */
export class SparseBackend extends OverlayBackend {
  /** @param size in bytes */
  constructor(size: number) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError(`a disk's size is a whole number of bytes, and not ${size}`);
    }
    super(new Zeros(size));
  }
}
