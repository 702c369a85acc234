import type { EfiMemoryType } from '@dxelab/uefi';

/**
 * A run of pages of one kind, as a node of the tree and a link of the list that the page map keeps.
 * Pages are counted from address 0.
 */
export class PageRange {
  /** The first page. */
  start: number;
  /** The page after the last. */
  end: number;
  type: EfiMemoryType;
  /** Whether the pool has it: then FreePages cannot. */
  pool: boolean;
  previous: PageRange | undefined = undefined;
  next: PageRange | undefined = undefined;
  parent: PageRange | undefined = undefined;
  left: PageRange | undefined = undefined;
  right: PageRange | undefined = undefined;
  /** Random; no child's is higher, which keeps the tree balanced. */
  readonly priority: number;
  /** The most pages that one range of this subtree can give away. */
  largest = 0;

  constructor(start: number, end: number, type: EfiMemoryType, pool: boolean, priority: number) {
    this.start = start;
    this.end = end;
    this.type = type;
    this.pool = pool;
    this.priority = priority;
  }

  /** The first page that can be given away: page 0 never is. */
  get firstFree(): number {
    return this.start === 0 ? 1 : this.start;
  }

  /** How many pages it can give away. */
  get free(): number {
    return this.type === 'EfiConventionalMemory' ? this.end - this.firstFree : 0;
  }

  is(type: EfiMemoryType, pool: boolean): boolean {
    return this.type === type && this.pool === pool;
  }
}
