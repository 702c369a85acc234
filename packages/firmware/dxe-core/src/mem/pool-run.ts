import type { EfiMemoryType, PhysicalAddress } from '@dxelab/uefi';

/** Pages of the pool, cut into blocks of one size. */
export class PoolRun {
  readonly type: EfiMemoryType;
  readonly address: PhysicalAddress;
  readonly pages: number;
  /** Addresses of blocks that are free; the one that was freed last is given out first. */
  readonly free: PhysicalAddress[] = [];
  readonly blocks: number;
  /** The runs of its size and type that have free blocks; a run of a single block is in none. */
  readonly bin: PoolRun[] | undefined;
  /** Its place in the bin, or -1. */
  position = -1;

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
    this.bin = bin;
    this.blocks = bin === undefined ? 1 : Math.floor((pages * 4096) / blockSize);
    // The lowest is taken first.
    for (let block = this.blocks - 1; block >= 0; block--)
      this.free.push(address + block * blockSize);
  }

  /** Takes a block; the run leaves its bin with the last one. */
  take(): PhysicalAddress | undefined {
    const block = this.free.pop();
    if (this.free.length === 0) this.leave();
    return block;
  }

  /** Puts a block back; says whether now all of the run is free. */
  putBack(block: PhysicalAddress): boolean {
    this.free.push(block);
    if (this.position < 0) this.enter();
    return this.free.length === this.blocks;
  }

  enter(): void {
    if (this.bin === undefined) return;
    this.position = this.bin.length;
    this.bin.push(this);
  }

  leave(): void {
    const last = this.bin?.pop();
    if (last !== undefined && last !== this && this.bin !== undefined) {
      this.bin[this.position] = last;
      last.position = this.position;
    }
    this.position = -1;
  }
}
