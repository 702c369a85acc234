import type { EfiMemoryType } from '@dxelab/uefi';
import type { PageRange } from './page-range.ts';
import { RangeTree } from './range-tree.ts';

/**
 * Which pages there are, and what each is used for. Neighbours of one kind are one range, and most
 * allocations only move the border between two. MdeModulePkg/Core/Dxe/Mem/Page.c (gMemoryMap).
 */
export class PageMap {
  readonly #tree = new RangeTree();

  /** The lowest range; `next` leads to the others. */
  get first(): PageRange | undefined {
    return this.#tree.first;
  }

  /** The range that holds a page. */
  find(page: number): PageRange | undefined {
    return this.#tree.find(page);
  }

  /** The highest page below `limit` from which `pages` pages are free. */
  highestFree(pages: number, limit: number): number | undefined {
    return this.#tree.highestFree(pages, limit);
  }

  /** Whether all pages from `start` to before `end` are there and satisfy a condition. */
  every(start: number, end: number, condition: (range: PageRange) => boolean): boolean {
    let page = start;
    for (let range = this.find(page); range !== undefined; range = range.next) {
      if (range.start > page || !condition(range)) return false;
      if (range.end >= end) return true;
      page = range.end;
    }
    return false;
  }

  /** Adds pages that were not there. @throws RangeError if some were: a HOB list that contradicts itself */
  add(start: number, end: number, type: EfiMemoryType): void {
    const previous = this.#tree.floor(start);
    const next = previous === undefined ? this.first : previous.next;
    if ((previous?.end ?? 0) > start || (next?.start ?? end) < end) {
      throw new RangeError(`pages ${start} to ${end} are described twice`);
    }
    this.#tree.insertAfter(previous, start, end, { type, pool: false });
  }

  /** Gives pages, all of which are there, another use. */
  convert(start: number, end: number, type: EfiMemoryType, pool: boolean): void {
    let page = start;
    while (page < end) {
      const range = this.find(page);
      if (range === undefined) throw new RangeError(`page ${page} is not in the map`);
      const upTo = Math.min(range.end, end);
      this.#convertWithin(range, page, upTo, type, pool);
      page = upTo;
    }
  }

  #convertWithin(
    range: PageRange,
    start: number,
    end: number,
    type: EfiMemoryType,
    pool: boolean,
  ): void {
    const { previous, next } = range;
    if (range.is(type, pool)) return;
    if (start === range.start && previous?.end === start && previous.is(type, pool)) {
      previous.end = end;
      range.start = end;
      this.#settle(range, previous);
    } else if (end === range.end && next?.start === end && next.is(type, pool)) {
      next.start = start;
      range.end = start;
      this.#settle(range, next);
    } else {
      this.#carve(range, start, end, type, pool);
    }
  }

  /** A border has moved from `range` into `grown`; what is empty goes, and its neighbours may meet. */
  #settle(range: PageRange, grown: PageRange): void {
    if (range.start < range.end) {
      this.#tree.update(range);
    } else {
      this.#tree.remove(range);
      const { next, previous } = grown;
      if (next?.start === grown.end && next.is(grown.type, grown.pool)) {
        this.#tree.remove(next);
        grown.end = next.end;
      }
      if (previous?.end === grown.start && previous.is(grown.type, grown.pool)) {
        this.#tree.remove(previous);
        grown.start = previous.start;
      }
    }
    this.#tree.update(grown);
  }

  /** Cuts a range in up to three, of which the middle changes. */
  #carve(range: PageRange, start: number, end: number, type: EfiMemoryType, pool: boolean): void {
    const { start: first, end: last } = range;
    if (end < last) {
      range.end = end;
      this.#tree.update(range);
      this.#tree.insertAfter(range, end, last, range);
    }
    if (start > first) {
      range.end = start;
      this.#tree.update(range);
      this.#tree.insertAfter(range, start, end, { type, pool });
    } else {
      range.type = type;
      range.pool = pool;
      this.#tree.update(range);
    }
  }
}
