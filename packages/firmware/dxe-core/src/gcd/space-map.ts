/** Addresses from `start` to before `end` that are all alike. */
export interface SpaceRange<Value> {
  readonly start: number;
  readonly end: number;
  readonly value: Value;
}

/**
 * What each address of a space is: ranges in ascending order, without a gap, and no two neighbours alike.
 * There are as few as a machine has apertures, so that an array is all that they need.
 */
export class SpaceMap<Value> {
  readonly #ranges: SpaceRange<Value>[];
  readonly #alike: (a: Value, b: Value) => boolean;

  /** @param end how many addresses there are, from 0 */
  constructor(end: number, value: Value, alike: (a: Value, b: Value) => boolean) {
    this.#ranges = [{ start: 0, end, value }];
    this.#alike = alike;
  }

  /** All of the space. */
  get ranges(): readonly SpaceRange<Value>[] {
    return this.#ranges;
  }

  /** The range that holds an address; `undefined` outside the space. */
  find(address: number): SpaceRange<Value> | undefined {
    const range = this.#ranges[this.#indexOf(address)];
    return range !== undefined && address >= 0 && address < range.end ? range : undefined;
  }

  /** The ranges that hold some of these addresses; `undefined` if one of them is outside the space. */
  over(start: number, length: number): readonly SpaceRange<Value>[] | undefined {
    if (this.find(start) === undefined || this.find(start + length - 1) === undefined) {
      return undefined;
    }
    return this.#ranges.slice(this.#indexOf(start), this.#indexOf(start + length - 1) + 1);
  }

  /** Changes what these addresses are, all of which are in the space. */
  change(start: number, length: number, change: (value: Value) => Value): void {
    const end = start + length;
    const first = this.#indexOf(start);
    const last = this.#indexOf(end - 1);
    // the neighbours too: what changes may become like them
    const from = Math.max(first - 1, 0);
    const joined: SpaceRange<Value>[] = [];
    for (const range of this.#ranges.slice(from, last + 2)) {
      this.#join(joined, range.start, Math.min(range.end, start), range.value);
      const inside = Math.max(range.start, start);
      if (inside < Math.min(range.end, end)) {
        this.#join(joined, inside, Math.min(range.end, end), change(range.value));
      }
      this.#join(joined, Math.max(range.start, end), range.end, range.value);
    }
    this.#ranges.splice(from, last + 2 - from, ...joined);
  }

  /** Adds a range behind others, or to the last of them; there may be nothing in it. */
  #join(ranges: SpaceRange<Value>[], start: number, end: number, value: Value): void {
    if (start >= end) return;
    const previous = ranges.at(-1);
    if (previous === undefined || !this.#alike(previous.value, value)) {
      ranges.push({ start, end, value });
    } else {
      ranges[ranges.length - 1] = { start: previous.start, end, value };
    }
  }

  /** The index of the last range that begins at or before an address. */
  #indexOf(address: number): number {
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#ranges[middle]?.start ?? 0) <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
