import type { Clock } from '@dxelab/platform';

/** When the timer interrupts, if it is a timer with a period: as often as that, or several at once and less often. */
export class InterruptBeats {
  /** In nanoseconds. */
  readonly period: number;
  readonly #clock: Clock;
  readonly #start: number;
  readonly #burst: number;
  /** How many of those that come at once are still to come. */
  #left: number;
  #next = 0;

  /** @param burst how many come at once, each so many periods: ticks that a host was late to inject */
  constructor(clock: Clock, period: number, burst: number) {
    this.period = period;
    this.#clock = clock;
    this.#burst = burst;
    this.#left = burst;
    this.#start = clock.now();
    this.look();
  }

  /** When the next is due, in nanoseconds since power-on. */
  get next(): number {
    return this.#next;
  }

  /** Looks at the clock: the next is the first that is due from now on. */
  look(): number {
    const every = this.period * this.#burst;
    const passed = Math.floor((this.#clock.now() - this.#start) / every);
    this.#next = this.#start + (passed + 1) * every;
    return this.#next;
  }

  /** One has come. */
  taken(): void {
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#left = this.#burst;
    this.look();
  }
}
