import { PairMemo, TupleTable } from './tuple-table.fixture.ts';

/** What a cell holds that nobody may read: its chain is over. */
export const DEAD = 0xdead;

/**
 * Memory as two processors see it that reorder as much as they may. It consists of *cells* of 16 bits. What
 * a processor stores goes into a *buffer* of its own, and from there into memory in any order, but in its
 * own order within a cell, and at the latest at its next fence. Images of memory, and buffers, are numbers
 * here: equal ones have the same, so that a state of both processors is a handful of integers.
 *
 * When a store reaches memory is of no importance before the other side looks: so it is decided there.
 */
export class WeakMemory {
  readonly cells: number;
  private readonly images: TupleTable;
  private readonly scratch: Int32Array;
  /** What is stored: cell, how many cells (1 or 2), value. */
  private readonly stores = new TupleTable(3);
  private readonly store = new Int32Array(3);
  /** A buffer is another one and a store behind it; 0 is empty. */
  private readonly buffers = new TupleTable(2);
  private readonly link = new Int32Array(2);
  private readonly contents: (readonly number[])[] = [];
  private readonly written = new PairMemo((image, store) => this.computeWrite(image, store));
  private readonly flushed = new PairMemo((image, buffer) => this.computeFlush(image, buffer));
  private readonly sets: (readonly number[])[] = [];
  private readonly setIds = new Map<string, number>();
  private readonly killed = new PairMemo((image, set) => this.computeKill(image, set));

  /** @param cells how many there are */
  constructor(cells: number) {
    this.cells = cells;
    this.images = new TupleTable(cells);
    this.scratch = new Int32Array(cells);
    this.link.set([-1, -1]);
    this.buffers.add(this.link);
    this.contents.push([]);
  }

  /** @param values of all cells @returns the image */
  image(values: Int32Array): number {
    return this.images.add(values);
  }

  /** @param width in cells */
  read(image: number, cell: number, width: number): number {
    const low = this.images.at(image, cell);
    return width === 1 ? low : (low | (this.images.at(image, cell + 1) << 16)) >>> 0;
  }

  /** @returns the number of a store */
  storeOf(cell: number, width: number, value: number): number {
    this.store[0] = cell;
    this.store[1] = width;
    this.store[2] = value | 0;
    return this.stores.add(this.store);
  }

  cellOf(store: number): number {
    return this.stores.at(store, 0);
  }

  widthOf(store: number): number {
    return this.stores.at(store, 1);
  }

  valueOf(store: number): number {
    return this.stores.at(store, 2) >>> 0;
  }

  /** What a store puts into one of its cells. */
  halfOf(store: number, cell: number): number {
    return (this.valueOf(store) >>> (cell === this.cellOf(store) ? 0 : 16)) & 0xffff;
  }

  covers(store: number, cell: number): boolean {
    const first = this.cellOf(store);
    return cell >= first && cell < first + this.widthOf(store);
  }

  overlaps(store: number, cell: number, width: number): boolean {
    return this.covers(store, cell) || (width === 2 && this.covers(store, cell + 1));
  }

  write(image: number, store: number): number {
    return this.written.of(image, store);
  }

  /** Everything of a buffer, in its order. */
  flush(image: number, buffer: number): number {
    return buffer === 0 ? image : this.flushed.of(image, buffer);
  }

  append(buffer: number, store: number): number {
    const { count } = this.buffers;
    this.link[0] = buffer;
    this.link[1] = store;
    const id = this.buffers.add(this.link);
    if (id === count) this.contents.push([...this.entries(buffer), store]);
    return id;
  }

  entries(buffer: number): readonly number[] {
    return this.contents[buffer] ?? [];
  }

  bufferOf(stores: readonly number[]): number {
    let buffer = 0;
    for (const store of stores) buffer = this.append(buffer, store);
    return buffer;
  }

  /** @returns the number of a set of cells */
  setOf(cells: readonly number[]): number {
    const sorted = [...new Set(cells)].toSorted((a, b) => a - b);
    const key = sorted.join();
    const known = this.setIds.get(key) ?? this.sets.length;
    if (known === this.sets.length) {
      this.setIds.set(key, known);
      this.sets.push(sorted);
    }
    return known;
  }

  cellsOf(set: number): readonly number[] {
    return this.sets[set] ?? [];
  }

  /** Nobody may read these cells any more before they are written anew: one image for all that was there. */
  kill(image: number, set: number): number {
    return this.killed.of(image, set);
  }

  /** The same with another value in some cells. */
  mapped(image: number, cells: readonly number[], map: (value: number) => number): number {
    this.images.read(image, this.scratch);
    for (const cell of cells) this.scratch[cell] = map(this.scratch[cell] ?? 0);
    return this.images.add(this.scratch);
  }

  /** Where an index is behind another one, a third one takes its place. */
  forget(image: number, cell: number, reference: number, index: number): number {
    const behind = (reference - this.read(image, cell, 1) - 1) & 0xffff;
    return behind < 0x8000 ? this.write(image, this.storeOf(cell, 1, index)) : image;
  }

  private computeWrite(image: number, store: number): number {
    const cell = this.cellOf(store);
    const value = this.valueOf(store);
    this.images.read(image, this.scratch);
    this.scratch[cell] = value & 0xffff;
    if (this.widthOf(store) === 2) this.scratch[cell + 1] = value >>> 16;
    return this.images.add(this.scratch);
  }

  private computeFlush(image: number, buffer: number): number {
    let result = image;
    for (const store of this.entries(buffer)) result = this.write(result, store);
    return result;
  }

  private computeKill(image: number, set: number): number {
    this.images.read(image, this.scratch);
    for (const cell of this.cellsOf(set)) this.scratch[cell] = DEAD;
    return this.images.add(this.scratch);
  }
}
