/** Something that a device will do later. */
export interface ScheduledEvent {
  /** In nanoseconds since power-on. */
  readonly at: number;
}

interface Entry extends ScheduledEvent {
  readonly order: number;
  readonly action: () => void;
}

/** What devices will do, and when: in order of time, and first-in first-out at the same instant. */
export class EventQueue {
  /** When the next one is due, in nanoseconds since power-on; infinity if there is none. */
  next: number = Infinity;
  /** A binary heap: no entry is due before its parent. */
  readonly #heap: Entry[] = [];
  readonly #changed: () => void;
  #order = 0;

  /** @param changed called when `next` may have changed from outside */
  constructor(changed: () => void = () => {}) {
    this.#changed = changed;
  }

  /** @param at in nanoseconds since power-on; what is past is done as soon as possible */
  schedule(at: number, action: () => void): ScheduledEvent {
    const entry: Entry = { at, action, order: this.#order++ };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    this.#update();
    this.#changed();
    return entry;
  }

  /** Forgets an event; without effect if it has happened. */
  cancel(event: ScheduledEvent): void {
    const index = this.#heap.findIndex((entry) => entry === event);
    if (index < 0) return;
    this.#removeAt(index);
    this.#update();
    this.#changed();
  }

  /** Does the next one now, whenever it is due. */
  runNext(): void {
    const entry = this.#heap[0];
    if (entry === undefined) return;
    this.#removeAt(0);
    this.#update();
    entry.action();
  }

  #update(): void {
    this.next = this.#heap[0]?.at ?? Infinity;
  }

  #removeAt(index: number): void {
    const last = this.#heap.pop();
    if (last === undefined || index === this.#heap.length) return;
    this.#heap[index] = last;
    this.#sink(index);
    this.#rise(index);
  }

  #rise(index: number): void {
    for (let child = index; child > 0;) {
      const parent = (child - 1) >>> 1;
      if (!this.#swapIfEarlier(child, parent)) return;
      child = parent;
    }
  }

  #sink(index: number): void {
    for (let parent = index; ;) {
      const left = 2 * parent + 1;
      const child = this.#isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfEarlier(child, parent)) return;
      parent = child;
    }
  }

  #swapIfEarlier(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined || !this.#isEarlier(a, b)) return false;
    this.#heap[a] = second;
    this.#heap[b] = first;
    return true;
  }

  /** Whether the entry at `a` is to happen before the one at `b`. */
  #isEarlier(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return false;
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }
}
