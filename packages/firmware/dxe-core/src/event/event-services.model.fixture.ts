/** What a model's event is made of. */
export interface ModelEventKind {
  readonly signals: boolean;
  readonly waits: boolean;
  readonly timer: boolean;
  readonly tpl: number;
  /** The number of its group, or -1. */
  readonly group: number;
  /** The event that its notification function signals, or -1: the number in order of creation. */
  readonly chain: number;
}

interface ModelEvent extends ModelEventKind {
  readonly number: number;
  open: boolean;
  signalled: boolean;
  due: number | undefined;
}

const CLOSED = 'EFI_INVALID_PARAMETER';

/** The event services as lists, and nothing clever (UEFI §7.1). */
export class ModelEvents {
  readonly log: string[] = [];
  level = 4;
  now = 0;
  readonly #events: ModelEvent[] = [];
  /** What waits to be notified, oldest first. */
  #waiting: ModelEvent[] = [];
  /** Timers in the order in which they were set. */
  #timers: ModelEvent[] = [];

  create(kind: ModelEventKind): void {
    const number = this.#events.length;
    this.#events.push({ ...kind, number, open: true, signalled: false, due: undefined });
  }

  raise(tpl: number): void {
    this.level = tpl;
  }

  restore(tpl: number): void {
    this.#dispatch(tpl);
    this.level = tpl;
  }

  signal(number: number): string {
    const event = this.#open(number);
    if (event === undefined) return CLOSED;
    this.#signal(event);
    this.#dispatch(this.level);
    return 'EFI_SUCCESS';
  }

  check(number: number): string {
    const event = this.#open(number);
    if (event === undefined || event.signals) return CLOSED;
    if (!event.signalled && event.waits) {
      this.#queue(event);
      this.#dispatch(this.level);
    }
    const { signalled } = event;
    event.signalled = false;
    return signalled ? 'EFI_SUCCESS' : 'EFI_NOT_READY';
  }

  close(number: number): string {
    const event = this.#open(number);
    if (event === undefined) return CLOSED;
    event.open = false;
    this.#waiting = this.#waiting.filter((one) => one !== event);
    this.#timers = this.#timers.filter((one) => one !== event);
    return 'EFI_SUCCESS';
  }

  /** @param time in nanoseconds from now; `undefined` cancels */
  setTimer(number: number, time: number | undefined): string {
    const event = this.#open(number);
    if (event === undefined || !event.timer) return CLOSED;
    this.#timers = this.#timers.filter((one) => one !== event);
    if (time !== undefined) {
      event.due = this.now + time;
      this.#timers.push(event);
    }
    return 'EFI_SUCCESS';
  }

  /** Time passes at the level as it is; timers fire in the order in which they are due. */
  pass(nanoseconds: number): void {
    const end = this.now + nanoseconds;
    for (;;) {
      const due = Math.min(...this.#timers.map((one) => one.due ?? Infinity));
      if (due > end) break;
      this.now = Math.max(this.now, due);
      const fired = this.#timers.filter((one) => one.due === due);
      this.#timers = this.#timers.filter((one) => one.due !== due);
      for (const one of fired) this.#signal(one);
      this.#dispatch(this.level);
    }
    this.now = end;
  }

  #open(number: number): ModelEvent | undefined {
    const event = this.#events[number];
    return event?.open === true ? event : undefined;
  }

  #signal(event: ModelEvent): void {
    if (event.signalled) return;
    event.signalled = true;
    if (event.group < 0) {
      if (event.signals) this.#queue(event);
      return;
    }
    const members = this.#events.filter((one) => one.open && one.group === event.group);
    for (const member of members.toReversed()) {
      member.signalled = true;
      if (member.signals) this.#queue(member);
    }
  }

  #queue(event: ModelEvent): void {
    this.#waiting = [...this.#waiting.filter((one) => one !== event), event];
  }

  /** Notifies what waits above `floor`: the highest level first, and the oldest of a level. */
  #dispatch(floor: number): void {
    const before = this.level;
    for (;;) {
      const above = this.#waiting.filter(({ tpl }) => tpl > floor);
      const highest = Math.max(...above.map(({ tpl }) => tpl));
      const next = above.find(({ tpl }) => tpl === highest);
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.level = next.tpl;
      if (next.signals) next.signalled = false;
      this.log.push(`${next.number}@${next.tpl}`);
      if (next.chain >= 0) this.signal(next.chain);
    }
    this.level = before;
  }
}
