import type { PhysicalAddress } from '@dxelab/uefi';
import type { CallSite } from '../misc/call-site.ts';

/** Who did it, and where in his code. */
export interface Origin {
  readonly image: string;
  readonly site: CallSite | undefined;
}

/** An allocation, or what was one. */
export interface GuardedBlock {
  readonly address: PhysicalAddress;
  /** In bytes. */
  readonly length: number;
  readonly allocated: Origin;
  /** Absent while it is in use. */
  readonly freed: Origin | undefined;
}

/** What was allocated and freed, by address; no two overlap. */
export class GuardedBlocks {
  /** In ascending order. */
  #blocks: GuardedBlock[] = [];

  /** Puts a block in the place of whatever was there before. */
  add(block: GuardedBlock): void {
    this.#cut(block.address, block.length);
    this.#insert(block);
  }

  /** What of a range was allocated is free from now on. */
  free(address: PhysicalAddress, length: number, freed: Origin): void {
    for (const part of this.#cut(address, length)) this.#insert({ ...part, freed });
  }

  /** The block that holds an address. */
  at(address: PhysicalAddress): GuardedBlock | undefined {
    const block = this.before(address);
    return block !== undefined && address < endOf(block) ? block : undefined;
  }

  /** The last block that begins at an address or before it. */
  before(address: PhysicalAddress): GuardedBlock | undefined {
    return this.#blocks[this.#firstAfter(address) - 1];
  }

  /** Takes a range out; what sticks out of it on either side stays. Returns what was within. */
  #cut(address: PhysicalAddress, length: number): GuardedBlock[] {
    const end = address + Math.max(length, 1);
    const within: GuardedBlock[] = [];
    const previous = this.at(address);
    const from =
      previous === undefined ? this.#firstAfter(address) : this.#blocks.indexOf(previous);
    let to = from;
    const rest: GuardedBlock[] = [];
    for (let block = this.#blocks[to]; block !== undefined && block.address < end;) {
      const start = Math.max(block.address, address);
      const stop = Math.min(endOf(block), end);
      if (block.address < start) rest.push({ ...block, length: start - block.address });
      within.push({
        ...block,
        address: start,
        length: Math.min(stop, block.address + block.length) - start,
      });
      if (endOf(block) > stop) rest.push({ ...block, address: stop, length: endOf(block) - stop });
      block = this.#blocks[++to];
    }
    this.#blocks.splice(from, to - from, ...rest);
    return within;
  }

  #insert(block: GuardedBlock): void {
    this.#blocks.splice(this.#firstAfter(block.address), 0, block);
  }

  #firstAfter(address: PhysicalAddress): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.address ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A block of 0 bytes still has its address to itself. */
function endOf({ address, length }: GuardedBlock): PhysicalAddress {
  return address + Math.max(length, 1);
}
