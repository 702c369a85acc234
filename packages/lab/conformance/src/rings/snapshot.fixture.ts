/** A field of an object, or an array of numbers. */
interface Slot {
  readonly object: Record<string, unknown>;
  readonly key: string;
  readonly kind: 'number' | 'boolean' | 'nothing';
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** What has no state of its own, or none that the rings depend on. */
const OUTSIDE: ReadonlySet<string> = new Set([
  'GuestRam',
  'Dma',
  'WatchedDma',
  'RingArea',
  'QueueMemory',
  'DescriptorChain',
  'ChainBuilder',
  'ChainWalker',
  'PackedListWalker',
  'Set',
]);

/**
 * All that an object remembers: numbers, flags and arrays of numbers, its own and those of the parts that it
 * is made of. They can be read and put back.
 * @throws TypeError for what it does not know, so that no state is overlooked
 */
export class Snapshot {
  private readonly slots: Slot[] = [];
  private readonly arrays: Numbers[] = [];

  constructor(...roots: readonly object[]) {
    const seen = new Set<object>();
    for (const root of roots) this.walk(root, seen);
  }

  get length(): number {
    return this.slots.length + this.arrays.reduce((sum, { length }) => sum + length, 0);
  }

  /** Where in a snapshot a field stands. @throws TypeError if there is no such field */
  place(object: object, key: string): number {
    const place = this.slots.findIndex((slot) => slot.object === object && slot.key === key);
    if (place < 0) throw new TypeError(`there is no ${key}`);
    return place;
  }

  take(target: Int32Array): void {
    let at = 0;
    for (const { object, key, kind } of this.slots) {
      const value = object[key];
      if (kind === 'number' && typeof value === 'number') target[at] = value;
      else target[at] = kind === 'boolean' && value === true ? 1 : 0;
      at += 1;
    }
    for (const array of this.arrays) {
      target.set(array, at);
      at += array.length;
    }
  }

  put(source: Int32Array): void {
    let at = 0;
    for (const { object, key, kind } of this.slots) {
      const value = source[at] ?? 0;
      if (kind === 'number') object[key] = value;
      else if (kind === 'boolean') object[key] = value !== 0;
      else object[key] = undefined;
      at += 1;
    }
    for (const array of this.arrays) {
      for (let index = 0; index < array.length; index += 1) array[index] = source[at + index] ?? 0;
      at += array.length;
    }
  }

  private walk(object: object, seen: Set<object>): void {
    if (seen.has(object)) return;
    seen.add(object);
    // own fields only: what a getter says is computed from them
    const record: Record<string, unknown> = Object(object);
    for (const [key, value] of Object.entries(record)) this.visit(record, key, value, seen);
  }

  private visit(
    object: Record<string, unknown>,
    key: string,
    value: unknown,
    seen: Set<object>,
  ): void {
    if (typeof value === 'function' || typeof value === 'bigint') return;
    if (typeof value === 'number') this.slots.push({ object, key, kind: 'number' });
    else if (typeof value === 'boolean') this.slots.push({ object, key, kind: 'boolean' });
    else if (value === undefined) this.slots.push({ object, key, kind: 'nothing' });
    else if (typeof value !== 'object' || value === null) {
      throw new TypeError(`${key} is ${typeof value}, which no snapshot can hold`);
    } else if (isNumbers(value)) {
      if (!this.arrays.includes(value)) this.arrays.push(value);
    } else if (!OUTSIDE.has(value.constructor.name) && key !== 'libraries') {
      this.walk(value, seen);
    }
  }
}

function isNumbers(value: object): value is Numbers {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
