import { ACCESS_COST, Cycles, TerminalSignal } from '@dxelab/platform';
import type { Clock, Cpu } from '@dxelab/platform';
import type { Budget } from './budget.ts';
import { EventQueue } from './event-queue.ts';
import type { RealTime } from './real-time.ts';

/** How much time accesses may spend before real time is looked at again, in nanoseconds. */
const BETWEEN_LOOKS = 1000 * ACCESS_COST;

/**
 * The CPU and its time: runs what devices have scheduled, interrupts the firmware, ends a world that
 * has spent its budget, and keeps a dead world dead. All of it happens before an access or while the
 * firmware waits, and `Cycles.due` says when.
 */
export class Processor implements Clock, Cpu {
  readonly cycles: Cycles = new Cycles(() => this.#reached());
  readonly events: EventQueue = new EventQueue(() => this.#updateDue());
  readonly #describe: () => readonly string[];
  readonly #realTime: RealTime | undefined;
  readonly #powerOn: number;
  #budget: Budget = {};
  #signal: TerminalSignal | undefined;
  #alarm = Infinity;
  #handler: (() => void) | undefined;
  #interruptsEnabled = false;

  /**
   * @param describe the devices' lines for the report of a spent budget
   * @param realTime what its time follows; without it time is what accesses and waits make of it
   */
  constructor(describe: () => readonly string[], realTime?: RealTime) {
    this.#describe = describe;
    this.#realTime = realTime;
    this.#powerOn = realTime?.now() ?? 0;
  }

  /** How this world ended, if it has. */
  get ended(): TerminalSignal | undefined {
    return this.#signal;
  }

  setBudget(budget: Budget): void {
    this.#budget = budget;
    this.#updateDue();
  }

  /** Ends this world; if it has ended before, with the signal of that time. */
  end(signal: TerminalSignal): never {
    this.#signal ??= signal;
    this.#updateDue();
    throw this.#signal;
  }

  now(): number {
    this.cycles.access();
    this.#follow();
    return this.cycles.now;
  }

  setAlarm(time: number | undefined): void {
    this.cycles.access();
    this.#alarm = time ?? Infinity;
    this.#updateDue();
  }

  delay(nanoseconds: number): void {
    this.cycles.access();
    this.#follow();
    const until = this.cycles.now + nanoseconds;
    for (let next = this.#next(); next <= until; next = this.#next()) {
      while (!this.#await(next));
      this.#jump(next);
    }
    while (!this.#await(until));
    if (until > this.cycles.now) this.cycles.now = until;
  }

  setInterruptHandler(handler: (() => void) | undefined): void {
    this.cycles.access();
    this.#handler = handler;
    this.#updateDue();
  }

  setInterruptState(enabled: boolean): boolean {
    this.cycles.access();
    const before = this.#interruptsEnabled;
    if (enabled === before) return before;
    this.#interruptsEnabled = enabled;
    this.#updateDue();
    if (this.cycles.now >= this.cycles.due) this.#reached();
    return before;
  }

  sleep(): void {
    this.cycles.access();
    if (this.events.next === Infinity && this.#interruptAt() === Infinity) {
      this.end(
        new TerminalSignal(
          'stopped',
          'the firmware waits for an interrupt, and nothing can cause one',
        ),
      );
    }
    const next = this.#next();
    if (this.#await(next)) this.#jump(next);
  }

  fence(): void {
    this.cycles.access();
  }

  /** Passes time up to `time` without an access. */
  #jump(time: number): void {
    this.cycles.now = Math.max(this.cycles.now, time);
    this.#reached();
  }

  /** Takes over real time, where there is such a thing, and what has become of the machine in it. */
  #follow(): void {
    if (this.#realTime === undefined || this.#signal !== undefined) return;
    const elapsed = this.#realTime.now() - this.#powerOn;
    if (elapsed > this.cycles.now) this.cycles.now = elapsed;
    if (!this.#realTime.isSwitchedOff()) return;
    this.end(new TerminalSignal('power-loss', 'the machine was switched off at the console'));
  }

  /** Lets real time come up to `time`. @returns whether it has; if not, somebody has typed */
  #await(time: number): boolean {
    if (this.#realTime === undefined) return true;
    this.#follow();
    while (this.cycles.now < time) {
      const isWoken = this.#realTime.sleep(time - this.cycles.now);
      this.#follow();
      if (isWoken) return false;
    }
    return true;
  }

  #reached(): void {
    this.#follow();
    while (this.cycles.now >= this.cycles.due) {
      if (this.#signal !== undefined) throw this.#signal;
      this.#checkBudget();
      if (this.events.next <= this.cycles.now) this.events.runNext();
      else if (this.#interruptAt() <= this.cycles.now) this.#interrupt();
      this.#updateDue();
    }
  }

  #interrupt(): void {
    this.#alarm = Infinity;
    this.#interruptsEnabled = false;
    this.#updateDue();
    this.#handler?.();
    // As the return from an interrupt does, whatever the handler left behind.
    this.#interruptsEnabled = true;
  }

  /** When the alarm interrupt can be taken. */
  #interruptAt(): number {
    return this.#interruptsEnabled && this.#handler !== undefined ? this.#alarm : Infinity;
  }

  /** The next instant at which something happens by itself. */
  #next(): number {
    return Math.min(this.events.next, this.#interruptAt(), this.#budget.virtualTime ?? Infinity);
  }

  /**
   * Accesses have no instant. But so many of them cannot happen before so much time has passed: to look
   * then, and again if other things took a part of that time, is to look in time.
   */
  #updateDue(): void {
    const { cycles } = this;
    if (this.#signal !== undefined) {
      cycles.due = -Infinity;
      return;
    }
    const { accesses = Infinity } = this.#budget;
    const firstTooMany = Math.max(accesses - cycles.accesses, 0) + 1;
    const due = Math.min(this.#next(), cycles.now + firstTooMany * ACCESS_COST);
    cycles.due = this.#realTime === undefined ? due : Math.min(due, cycles.now + BETWEEN_LOOKS);
  }

  #checkBudget(): void {
    const { virtualTime = Infinity, accesses = Infinity } = this.#budget;
    const { cycles } = this;
    if (cycles.now < virtualTime && cycles.accesses <= accesses) return;
    const spent =
      cycles.now >= virtualTime
        ? `${virtualTime / 1e6} ms of virtual time`
        : `${accesses} accesses to the hardware`;
    this.end(
      new TerminalSignal('budget-spent', `the boot has spent its budget of ${spent}`, {
        virtualTime: cycles.now,
        accesses: cycles.accesses,
        report: this.#describe().join('\n'),
      }),
    );
  }
}
