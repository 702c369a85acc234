import type { Clock } from '@dxelab/platform';

/** EDK II's timer tick on PCs: 10 ms, in nanoseconds (OvmfPkg/LocalApicTimerDxe). */
export const TIMER_TICK = 10_000_000;

/** What timers are reckoned by, and how the alarm interrupt is used to notice that one is due. */
export interface TimeBase {
  /** In nanoseconds. */
  now(): number;
  /** When the first timer is due, in nanoseconds, has changed; `undefined` if none is set. */
  arm(due: number | undefined): void;
  /** The alarm interrupt came; the alarm is not set any more. */
  interrupted(): void;
  /** The CPU is about to sleep, but is to look again after a tick: somebody polls. */
  poll(): void;
  /** No more interrupts. */
  stop(): void;
}

/** Timers are due when they are due: the alarm is set to the first one. */
export class ExactTime implements TimeBase {
  readonly #clock: Clock;
  #due: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  arm(due: number | undefined): void {
    if (due === this.#due) return;
    this.#due = due;
    this.#clock.setAlarm(due);
  }

  interrupted(): void {
    const due = this.#due;
    this.#due = undefined;
    // It came for a poll, ahead of the first timer. One that is due is armed anew when it has expired;
    // before that, its alarm would come again and again.
    if (due !== undefined && due > this.#clock.now()) this.arm(due);
  }

  poll(): void {
    const look = this.#clock.now() + TIMER_TICK;
    this.#clock.setAlarm(this.#due === undefined ? look : Math.min(look, this.#due));
  }

  stop(): void {
    this.#clock.setAlarm(undefined);
  }
}

/**
 * As EDK II: a periodic interrupt moves the firmware's time on by one tick. So a timer is as much as a
 * tick off, and time stands still while interrupts are disabled for longer than that.
 */
export class TickTime implements TimeBase {
  readonly #clock: Clock;
  readonly #start: number;
  #time = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#start = clock.now();
    this.poll();
  }

  now(): number {
    return this.#time;
  }

  arm(): void {
    // The ticks come whether a timer is set or not.
  }

  interrupted(): void {
    this.#time += TIMER_TICK;
    this.poll();
  }

  poll(): void {
    const ticks = Math.floor((this.#clock.now() - this.#start) / TIMER_TICK);
    this.#clock.setAlarm(this.#start + (ticks + 1) * TIMER_TICK);
  }

  stop(): void {
    this.#clock.setAlarm(undefined);
  }
}
