import { Region } from './region.ts';

const NOWHERE = new Region('', 0, 0, { read: () => 0, write: () => {} });

/**
 * Which region answers at which address. Where two regions would answer, the one that was there first
 * keeps the whole of its range and the other waits until it is gone; what really happens on a bus is
 * undefined, but a driver may well place a BAR so, on its way to somewhere else.
 */
export class RegionMap {
  private readonly conflict: (waiting: Region, holder: Region) => void;
  /** Ascending, without overlap. */
  private readonly mapped: Region[] = [];
  /** In the order in which they came. */
  private waiting: Region[] = [];
  private last: Region = NOWHERE;

  /** @param conflict told when a region must wait for another */
  constructor(conflict: (waiting: Region, holder: Region) => void = () => {}) {
    this.conflict = conflict;
  }

  /** All that answer somewhere, by address. */
  get regions(): readonly Region[] {
    return this.mapped;
  }

  add(region: Region): void {
    const holder = this.map(region);
    if (holder === undefined) return;
    this.waiting.push(region);
    this.conflict(region, holder);
  }

  /** Removes a region that was added. */
  remove(region: Region): void {
    this.last = NOWHERE;
    const index = this.mapped.indexOf(region);
    if (index >= 0) this.mapped.splice(index, 1);
    this.waiting = this.waiting.filter(
      (other) => other !== region && this.map(other) !== undefined,
    );
  }

  /** Who answers at `address`, if anyone does. */
  find(address: number): Region | undefined {
    const last = this.last;
    if (address >= last.base && address < last.end) return last;
    const region = this.mapped[this.position(address) - 1];
    if (region === undefined || address >= region.end) return undefined;
    this.last = region;
    return region;
  }

  /** Maps a region, unless another holds some of its addresses: that one is returned. */
  private map(region: Region): Region | undefined {
    const position = this.position(region.base);
    const before = this.mapped[position - 1];
    if (before !== undefined && before.end > region.base) return before;
    const after = this.mapped[position];
    if (after !== undefined && after.base < region.end) return after;
    this.mapped.splice(position, 0, region);
    return undefined;
  }

  /** How many regions begin at or below `address`. */
  private position(address: number): number {
    let low = 0;
    let high = this.mapped.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.mapped[middle] ?? NOWHERE).base <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
