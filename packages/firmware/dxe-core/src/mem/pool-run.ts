import type { EfiMemoryType, PhysicalAddress } from '@dxelab/uefi';
import type { HeldMemory } from './held-memory.ts';

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
  /** By block: the image that has it, and how many bytes it asked for. */
  readonly #owners: (string | undefined)[] = [];
  readonly #sizes: number[] = [];
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

  /**
   * Takes the lowest free block; with the last one, the run leaves its bin.
   * @param size in bytes, as it was asked for
   */
  take(owner: string, size: number): PhysicalAddress {
    const lowest = this.#free & -this.#free;
    this.#free ^= lowest;
    if (this.#free === 0) this.leave();
    const block = 31 - Math.clz32(lowest);
    this.#owners[block] = owner;
    this.#sizes[block] = size;
    return this.address + block * this.blockSize;
  }

  /** Whether a block that is out begins at an address within the run. */
  isOut(address: PhysicalAddress): boolean {
    const block = (address - this.address) / this.blockSize;
    return Number.isInteger(block) && block < 32 && (this.#all & ~this.#free & (1 << block)) !== 0;
  }

  /** Puts a block back; says whether now all of the run is free. */
  putBack(address: PhysicalAddress): boolean {
    if (this.#free === 0) this.#enter();
    const block = (address - this.address) / this.blockSize;
    this.#free |= 1 << block;
    this.#owners[block] = undefined;
    return this.#free === this.#all;
  }

  /** The blocks that are out and have an owner. */
  held(): readonly HeldMemory[] {
    return this.#owners.flatMap((image, block) => {
      const address = this.address + block * this.blockSize;
      return image === undefined ? [] : [{ image, address, length: this.#sizes[block] ?? 0 }];
    });
  }

  disown(address: PhysicalAddress): void {
    this.#owners[(address - this.address) / this.blockSize] = undefined;
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
