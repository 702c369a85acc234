import type { EfiMemoryType, PhysicalAddress } from '@dxelab/uefi';

/** Pages of the pool, cut into at most 32 blocks of one size. */
export class PoolRun {
  readonly type: EfiMemoryType;
  readonly address: PhysicalAddress;
  readonly pages: number;
  /** In bytes. */
  readonly blockSize: number;
  /** The runs of its type and size that have a free block; one of a single block is in none. */
  readonly bin: PoolRun[] | undefined;
  /** Its place in the bin, or -1. */
  #position = -1;
  /** Bit n is set while block n is free. */
  #free: number;
  readonly #all: number;

  constructor(
    type: EfiMemoryType,
    address: PhysicalAddress,
    pages: number,
    blockSize: number,
    bin: PoolRun[] | undefined,
  ) {
    this.type = type;
    this.address = address;
    this.pages = pages;
    this.blockSize = blockSize;
    this.bin = bin;
    this.#all = bin === undefined ? 1 : (-1 >>> (32 - (pages * 4096) / blockSize)) | 0;
    this.#free = this.#all;
    this.#enter();
  }

  /** Takes the lowest free block; with the last one, the run leaves its bin. */
  take(): PhysicalAddress {
    const lowest = this.#free & -this.#free;
    this.#free ^= lowest;
    if (this.#free === 0) this.leave();
    return this.address + (31 - Math.clz32(lowest)) * this.blockSize;
  }

  /** Whether a block that is out begins at an address within the run. */
  isOut(address: PhysicalAddress): boolean {
    const block = (address - this.address) / this.blockSize;
    return Number.isInteger(block) && block < 32 && (this.#all & ~this.#free & (1 << block)) !== 0;
  }

  /** Puts a block back; says whether now all of the run is free. */
  putBack(address: PhysicalAddress): boolean {
    if (this.#free === 0) this.#enter();
    this.#free |= 1 << ((address - this.address) / this.blockSize);
    return this.#free === this.#all;
  }

  /** Leaves its bin: nothing more is taken from it. */
  leave(): void {
    if (this.bin === undefined || this.#position < 0) return;
    const last = this.bin.pop();
    if (last !== undefined && last !== this) {
      this.bin[this.#position] = last;
      last.#position = this.#position;
    }
    this.#position = -1;
  }

  #enter(): void {
    if (this.bin === undefined) return;
    this.#position = this.bin.length;
    this.bin.push(this);
  }
}
