import type { EfiTimerDelay } from '@dxelab/uefi';
import type { EventRecord } from './event-record.ts';
import type { TimeBase } from './time-base.ts';
import { TimerList } from './timer-list.ts';

/** TriggerTime's unit, in nanoseconds (UEFI §7.1.7). */
const TRIGGER_UNIT = 100;

/** Timer events. MdeModulePkg/Core/Dxe/Event/Timer.c. */
export class Timers {
  readonly #base: TimeBase;
  readonly #list = new TimerList();
  #stopped = false;

  constructor(base: TimeBase) {
    this.#base = base;
  }

  /** Whether a timer is due, and `expire` has something to do. */
  get expired(): boolean {
    const due = this.#list.due;
    return due !== undefined && due <= this.#base.now();
  }

  /**
   * SetTimer, after its checks: cancels what was set, and sets anew. What is signalled stays signalled.
   * @param triggerTime in units of 100 ns; 0 of a periodic timer means every tick
   */
  set(record: EventRecord, type: EfiTimerDelay, triggerTime: number): void {
    this.#list.remove(record);
    record.period = 0;
    if (type !== 'TimerCancel') {
      const delay = triggerTime * TRIGGER_UNIT;
      if (type === 'TimerPeriodic') record.period = delay === 0 ? this.#base.tick : delay;
      record.due = this.#base.now() + (type === 'TimerPeriodic' ? record.period : delay);
      this.#list.add(record);
    }
    this.#arm();
  }

  /** The alarm interrupt came. */
  interrupted(): void {
    if (!this.#stopped) this.#base.interrupted();
  }

  /**
   * Signals the timers that are due. A periodic one that missed periods does not catch up: its next is
   * one period from now.
   */
  expire(signal: (record: EventRecord) => void): void {
    const now = this.#base.now();
    for (let next = this.#list.take(now); next !== undefined; next = this.#list.take(now)) {
      signal(next);
      if (next.period > 0) {
        next.due += next.period;
        if (next.due <= now) next.due = now + next.period;
        this.#list.add(next);
      }
    }
    this.#arm();
  }

  /** The CPU is about to wait for an interrupt; something wants to be polled meanwhile. */
  poll(): void {
    if (!this.#stopped) this.#base.poll();
  }

  /** Stops all timers for good: ExitBootServices. */
  stop(): void {
    this.#stopped = true;
    this.#base.stop();
  }

  #arm(): void {
    if (!this.#stopped) this.#base.arm(this.#list.due);
  }
}
