import type { Clock } from '@dxelab/platform';
import type { InterruptBeats } from './interrupt-beats.ts';

/** EDK II's timer tick on PCs: 10 ms, in nanoseconds (OvmfPkg/LocalApicTimerDxe). */
export const TIMER_TICK = 10_000_000;

/** What timers are reckoned by, and how the alarm interrupt is used to notice that one is due. */
export interface TimeBase {
  /** The period of a timer that is set to every tick, in nanoseconds. */
  readonly tick: number;
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
  readonly tick: number;
  readonly #clock: Clock;
  readonly #beats: InterruptBeats | undefined;
  #due: number | undefined;

  /** @param beats interrupts that come besides */
  constructor(clock: Clock, beats?: InterruptBeats) {
    this.tick = beats?.period ?? TIMER_TICK;
    this.#clock = clock;
    this.#beats = beats;
    if (beats !== undefined) clock.setAlarm(beats.next);
  }

  now(): number {
    return this.#clock.now();
  }

  arm(due: number | undefined): void {
    if (due === this.#due) return;
    this.#due = due;
    this.#clock.setAlarm(this.#first(due));
  }

  interrupted(): void {
    const due = this.#due;
    this.#due = undefined;
    if (this.#beats !== undefined) this.#beat(this.#beats);
    // It came for a poll, ahead of the first timer. One that is due is armed anew when it has expired;
    // before that, its alarm would come again and again.
    if (due !== undefined && due > this.#clock.now()) this.arm(due);
  }

  poll(): void {
    const look = this.#clock.now() + TIMER_TICK;
    this.#clock.setAlarm(this.#first(this.#due === undefined ? look : Math.min(look, this.#due)));
  }

  stop(): void {
    this.#clock.setAlarm(undefined);
  }

  /** What comes first: that, or the next of the interrupts that come besides. */
  #first(time: number | undefined): number | undefined {
    const beat = this.#beats?.next;
    return beat === undefined || time === undefined ? (time ?? beat) : Math.min(time, beat);
  }

  #beat(beats: InterruptBeats): void {
    if (beats.next <= this.#clock.now()) beats.taken();
    this.#clock.setAlarm(beats.next);
  }
}

/**
 * As EDK II: a periodic interrupt moves the firmware's time on by one tick. So a timer is as much as a
 * tick off, and time stands still while interrupts are disabled for longer than that.
 */
export class TickTime implements TimeBase {
  readonly tick: number;
  readonly #clock: Clock;
  readonly #beats: InterruptBeats;
  #time = 0;

  constructor(clock: Clock, beats: InterruptBeats) {
    this.tick = beats.period;
    this.#clock = clock;
    this.#beats = beats;
    this.#clock.setAlarm(beats.next);
  }

  now(): number {
    return this.#time;
  }

  arm(): void {
    // The ticks come whether a timer is set or not.
  }

  interrupted(): void {
    this.#time += this.tick;
    this.#beats.taken();
    this.#clock.setAlarm(this.#beats.next);
  }

  poll(): void {
    this.#clock.setAlarm(this.#beats.look());
  }

  stop(): void {
    this.#clock.setAlarm(undefined);
  }
}
