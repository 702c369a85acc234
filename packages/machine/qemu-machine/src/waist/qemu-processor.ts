import type { Clock, Cpu } from '@dxelab/platform';
import { ACCESS_COST, Cycles, TerminalSignal } from '@dxelab/platform';
import { ENDIANNESS_COMMAND } from '../qtest/commands.ts';
import type { QtestLink } from '../qtest/qtest-link.ts';

/** The clock is looked at once in so many accesses: each one costs QEMU far more than an interrupt's delay. */
const ACCESSES_PER_LOOK = 8;
/** Waits that are shorter are spun away, in nanoseconds: the host does not wake a thread up in time. */
const SHORTEST_NAP = 200_000;
/** How often the serial port is served, in nanoseconds. */
const SERIAL_PERIOD = 5_000_000;
/** So long QEMU is taken to be there though nothing was asked of it, in nanoseconds. */
const TRUST = 100_000_000;

/** How much a boot may use before the lab ends it. */
export interface QemuBudget {
  /** In nanoseconds since power-on. */
  readonly time?: number;
  /** Accesses to the waist since power-on. */
  readonly accesses?: number;
}

/**
 * The CPU that firmware runs on, which is this process: time is real, and the alarm is looked for
 * between accesses. QEMU's own CPU sleeps.
 */
export class QemuProcessor implements Clock, Cpu {
  readonly cycles: Cycles = new Cycles(() => this.#reached());
  readonly #link: QtestLink;
  readonly #start = performance.now();
  #budget: QemuBudget = {};
  #signal: TerminalSignal | undefined;
  #alarm = Infinity;
  #handler: (() => void) | undefined;
  #interruptsEnabled = false;
  /** When QEMU was last seen to be there. */
  #seen = 0;
  /** Serves the serial port, and says whether the machine is still on. */
  #serve: ((now: number) => boolean) | undefined;
  #served = -SERIAL_PERIOD;

  constructor(link: QtestLink) {
    this.#link = link;
    this.#updateDue();
  }

  /** @param serve called every few milliseconds with the time since power-on; whether the machine is still on */
  serveSerial(serve: (now: number) => boolean): void {
    this.#serve = serve;
  }

  setBudget(budget: QemuBudget): void {
    this.#budget = budget;
  }

  /** Ends this world; if it has ended before, with the signal of that time. */
  end(signal: TerminalSignal): never {
    if (this.#signal === undefined) {
      this.#signal = signal;
      this.#updateDue();
      // What the firmware wrote before its end has been written.
      if (this.#link.alive) this.#link.settle();
    }
    throw this.#signal;
  }

  /** Ends this world from outside, unless it has ended. */
  switchOff(): void {
    this.#signal ??= new TerminalSignal('power-loss', 'the machine was switched off');
    this.#updateDue();
  }

  now(): number {
    this.cycles.access();
    this.#advance();
    return this.cycles.now;
  }

  setAlarm(time: number | undefined): void {
    this.cycles.access();
    this.#alarm = time ?? Infinity;
  }

  delay(nanoseconds: number): void {
    this.cycles.access();
    this.#link.settle();
    const until = this.cycles.now + nanoseconds;
    while (this.cycles.now < until) {
      this.#wait(Math.min(until, this.#next()));
      this.#reached();
    }
  }

  setInterruptHandler(handler: (() => void) | undefined): void {
    this.cycles.access();
    this.#handler = handler;
  }

  setInterruptState(enabled: boolean): boolean {
    this.cycles.access();
    const before = this.#interruptsEnabled;
    this.#interruptsEnabled = enabled;
    if (enabled && !before) this.#reached();
    return before;
  }

  sleep(): void {
    this.cycles.access();
    this.#link.settle();
    if (this.#interruptAt() === Infinity) {
      this.end(
        new TerminalSignal(
          'stopped',
          'the firmware waits for an interrupt, and nothing can cause one',
        ),
      );
    }
    this.#wait(this.#next());
    this.#reached();
  }

  /** What was posted is done; RAM is reached by system calls or commands, which are in order. */
  fence(): void {
    this.cycles.access();
    this.#link.settle();
  }

  #reached(): void {
    if (this.#signal !== undefined) throw this.#signal;
    this.#advance();
    this.#updateDue();
    this.#checkBudget();
    this.#checkPresence();
    if (this.#interruptAt() <= this.cycles.now) this.#interrupt();
  }

  #interrupt(): void {
    this.#alarm = Infinity;
    this.#interruptsEnabled = false;
    this.#handler?.();
    // As the return from an interrupt does, whatever the handler left behind.
    this.#interruptsEnabled = true;
  }

  /** Takes over the host's time. What accesses are said to cost is less than they take. */
  #advance(): void {
    const elapsed = Math.floor((performance.now() - this.#start) * 1e6);
    if (elapsed > this.cycles.now) this.cycles.now = elapsed;
    if (this.#serve !== undefined) this.#serveSerial(this.#serve);
  }

  #serveSerial(serve: (now: number) => boolean): void {
    const { now } = this.cycles;
    if (now < this.#served + SERIAL_PERIOD || this.#signal !== undefined) return;
    this.#served = now;
    if (serve(now)) return;
    this.end(new TerminalSignal('power-loss', 'the machine was switched off at the console'));
  }

  #wait(until: number): void {
    this.#advance();
    const longest = this.#serve === undefined ? TRUST : SERIAL_PERIOD;
    while (this.cycles.now < until) {
      const left = Math.min(until - this.cycles.now, longest);
      if (left > SHORTEST_NAP) this.#link.nap((left - SHORTEST_NAP / 2) / 1e6);
      this.#advance();
      this.#checkPresence();
    }
  }

  /** Firmware that only waits, or looks into shared RAM, would not notice that QEMU is gone. */
  #checkPresence(): void {
    if (this.cycles.now < this.#seen + TRUST) return;
    this.#seen = this.cycles.now;
    this.#link.ask(ENDIANNESS_COMMAND);
  }

  /** When the alarm interrupt can be taken. */
  #interruptAt(): number {
    return this.#interruptsEnabled && this.#handler !== undefined ? this.#alarm : Infinity;
  }

  /** The next instant at which something happens by itself. */
  #next(): number {
    return Math.min(this.#interruptAt(), this.#budget.time ?? Infinity);
  }

  #updateDue(): void {
    const { cycles } = this;
    cycles.due =
      this.#signal === undefined ? cycles.now + ACCESSES_PER_LOOK * ACCESS_COST : -Infinity;
  }

  #checkBudget(): void {
    const { time = Infinity, accesses = Infinity } = this.#budget;
    const { cycles } = this;
    if (cycles.now < time && cycles.accesses <= accesses) return;
    const spent = cycles.now >= time ? `${time / 1e6} ms` : `${accesses} accesses to the hardware`;
    this.end(
      new TerminalSignal('budget-spent', `the boot has spent its budget of ${spent}`, {
        time: cycles.now,
        accesses: cycles.accesses,
      }),
    );
  }
}
