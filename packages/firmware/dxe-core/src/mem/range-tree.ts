import { PageRange } from './page-range.ts';

/**
 * Ranges of pages in ascending order, found by page or by how many free pages they have, in
 * logarithmic time: a treap, threaded by a list. What it costs does not grow with the number of
 * allocations, and it never touches guest RAM.
 */
export class RangeTree {
  #root: PageRange | undefined;
  #first: PageRange | undefined;
  #random = 0x2545f491;

  /** The lowest range. */
  get first(): PageRange | undefined {
    return this.#first;
  }

  /** The range that holds a page. */
  find(page: number): PageRange | undefined {
    const node = this.floor(page);
    return node !== undefined && page < node.end ? node : undefined;
  }

  /** The last range that begins at or before a page. */
  floor(page: number): PageRange | undefined {
    let node = this.#root;
    let found: PageRange | undefined;
    while (node !== undefined) {
      if (page < node.start) {
        node = node.left;
      } else {
        found = node;
        node = node.right;
      }
    }
    return found;
  }

  /**
   * The highest page from which `pages` pages are free.
   * @param limit the page after the last that may be given away
   */
  highestFree(pages: number, limit: number): number | undefined {
    return highestFreeIn(this.#root, pages, limit);
  }

  /** Adds a range after `previous`, or as the first. */
  insertAfter(
    previous: PageRange | undefined,
    start: number,
    end: number,
    kind: Pick<PageRange, 'type' | 'pool'>,
  ): PageRange {
    const node = new PageRange(start, end, kind.type, kind.pool, this.#nextRandom());
    node.largest = node.free;
    const next = previous === undefined ? this.#first : previous.next;
    node.previous = previous;
    node.next = next;
    if (next !== undefined) next.previous = node;
    if (previous === undefined) this.#first = node;
    else previous.next = node;
    // Of two neighbours one has no child on the side of the other: there is the place of the new one.
    if (previous !== undefined && previous.right === undefined) {
      previous.right = node;
      node.parent = previous;
    } else if (next !== undefined) {
      next.left = node;
      node.parent = next;
    } else {
      this.#root = node;
    }
    while (node.parent !== undefined && node.parent.priority < node.priority) this.#rotateUp(node);
    this.update(node);
    return node;
  }

  remove(node: PageRange): void {
    for (let child = higher(node); child !== undefined; child = higher(node)) this.#rotateUp(child);
    const { parent } = node;
    this.#replaceChild(parent, node, undefined);
    if (parent !== undefined) this.update(parent);
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next !== undefined) node.next.previous = node.previous;
  }

  /** A range's bounds or kind have changed: what its ancestors know of it is brought up to date. */
  update(changed: PageRange): void {
    for (let node: PageRange | undefined = changed; node !== undefined; node = node.parent) {
      const largest = largestOf(node);
      // An ancestor can only have been wrong if this one was, but for the first, which may be new.
      if (largest === node.largest && node !== changed) return;
      node.largest = largest;
    }
  }

  /** Puts a node into the place of its parent, which becomes its child. */
  #rotateUp(node: PageRange): void {
    const { parent } = node;
    if (parent === undefined) return;
    const above = parent.parent;
    if (parent.left === node) {
      parent.left = node.right;
      if (node.right !== undefined) node.right.parent = parent;
      node.right = parent;
    } else {
      parent.right = node.left;
      if (node.left !== undefined) node.left.parent = parent;
      node.left = parent;
    }
    this.#replaceChild(above, parent, node);
    parent.parent = node;
    parent.largest = largestOf(parent);
    node.largest = largestOf(node);
  }

  #replaceChild(
    parent: PageRange | undefined,
    child: PageRange,
    replacement: PageRange | undefined,
  ): void {
    if (parent === undefined) this.#root = replacement;
    else if (parent.left === child) parent.left = replacement;
    else parent.right = replacement;
    if (replacement !== undefined) replacement.parent = parent;
  }

  /** Marsaglia's xorshift: the same tree in every run. */
  #nextRandom(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return x;
  }
}

function largestOf(node: PageRange): number {
  let largest = node.free;
  if (node.left !== undefined && node.left.largest > largest) largest = node.left.largest;
  if (node.right !== undefined && node.right.largest > largest) largest = node.right.largest;
  return largest;
}

/** The child with the higher priority. */
function higher({ left, right }: PageRange): PageRange | undefined {
  if (left === undefined) return right;
  if (right === undefined) return left;
  return left.priority > right.priority ? left : right;
}

/** Looks to the right first, and only where there is enough: at most one path leads nowhere. */
function highestFreeIn(
  node: PageRange | undefined,
  pages: number,
  limit: number,
): number | undefined {
  if (node === undefined || node.largest < pages) return undefined;
  if (node.start < limit) {
    const above = highestFreeIn(node.right, pages, limit);
    if (above !== undefined) return above;
    const start = Math.min(node.end, limit) - pages;
    if (node.free >= pages && start >= node.firstFree) return start;
  }
  return highestFreeIn(node.left, pages, limit);
}
