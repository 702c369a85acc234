import type { EventRecord } from './event-record.ts';

/** The timers that are set, soonest first; those due at one time in the order they were set in. */
export class TimerList {
  readonly #records: EventRecord[] = [];

  /** When the first timer is due, in nanoseconds of the time base. */
  get due(): number | undefined {
    return this.#records[0]?.due;
  }

  add(record: EventRecord): void {
    let low = 0;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#records[middle]?.due ?? 0) <= record.due) low = middle + 1;
      else high = middle;
    }
    this.#records.splice(low, 0, record);
    record.timed = true;
  }

  remove(record: EventRecord): void {
    if (!record.timed) return;
    record.timed = false;
    this.#records.splice(this.#records.indexOf(record), 1);
  }

  /** Takes the first timer that is due at `now`. */
  take(now: number): EventRecord | undefined {
    const due = this.due;
    if (due === undefined || due > now) return undefined;
    const record = this.#records.shift();
    if (record !== undefined) record.timed = false;
    return record;
  }
}
