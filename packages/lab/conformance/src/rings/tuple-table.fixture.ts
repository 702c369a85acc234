/** Numbers tuples of integers in the order in which they first come: equal tuples have one number. */
export class TupleTable {
  count = 0;
  readonly width: number;
  private tuples: Int32Array;
  /** Open addressing: the number of a tuple plus one, or 0. */
  private slots: Int32Array = new Int32Array(1024);

  constructor(width: number) {
    this.width = width;
    this.tuples = new Int32Array(width * 512);
  }

  at(id: number, place: number): number {
    return this.tuples[id * this.width + place] ?? 0;
  }

  /** Copies a tuple. */
  read(id: number, target: Int32Array): void {
    const begin = id * this.width;
    for (let place = 0; place < this.width; place += 1) {
      target[place] = this.tuples[begin + place] ?? 0;
    }
  }

  /** The number of a tuple; it is as large as `count` was if the tuple is new. */
  add(tuple: Int32Array): number {
    const { width } = this;
    const mask = this.slots.length - 1;
    for (let slot = hash(tuple, width) & mask; ; slot = (slot + 1) & mask) {
      const known = (this.slots[slot] ?? 0) - 1;
      if (known < 0) {
        this.slots[slot] = this.count + 1;
        return this.append(tuple);
      }
      if (this.equals(known, tuple)) return known;
    }
  }

  private append(tuple: Int32Array): number {
    const id = this.count;
    const end = (id + 1) * this.width;
    if (end > this.tuples.length) this.tuples = grown(this.tuples);
    for (let place = 0; place < this.width; place += 1) {
      this.tuples[id * this.width + place] = tuple[place] ?? 0;
    }
    this.count += 1;
    if (this.count * 2 > this.slots.length) this.rehash();
    return id;
  }

  private equals(id: number, tuple: Int32Array): boolean {
    const begin = id * this.width;
    for (let place = 0; place < this.width; place += 1) {
      if (this.tuples[begin + place] !== tuple[place]) return false;
    }
    return true;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 4);
    const mask = slots.length - 1;
    const tuple = new Int32Array(this.width);
    for (let id = 0; id < this.count; id += 1) {
      this.read(id, tuple);
      let slot = hash(tuple, this.width) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.slots = slots;
  }
}

/** A function of two integers that is computed once for each pair. */
export class PairMemo {
  private readonly pairs = new TupleTable(2);
  private readonly pair = new Int32Array(2);
  private values: Int32Array = new Int32Array(512);
  private readonly compute: (a: number, b: number) => number;

  constructor(compute: (a: number, b: number) => number) {
    this.compute = compute;
  }

  of(a: number, b: number): number {
    const { count } = this.pairs;
    this.pair[0] = a;
    this.pair[1] = b;
    const id = this.pairs.add(this.pair);
    if (id < count) return this.values[id] ?? 0;
    if (id >= this.values.length) this.values = grown(this.values);
    const value = this.compute(a, b);
    this.values[id] = value;
    return value;
  }
}

/** Twice as long, with what was there. */
export function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(array.length * 2);
  longer.set(array);
  return longer;
}

function hash(tuple: Int32Array, width: number): number {
  let value = 0x2545_f491;
  for (let place = 0; place < width; place += 1) {
    value = Math.imul(value ^ (tuple[place] ?? 0), 0x9e37_79b1);
    value ^= value >>> 15;
  }
  return value;
}
