/** What one access to the waist costs in virtual time, in nanoseconds. */
export const ACCESS_COST = 20;

/**
 * The CPU's time as its accesses spend it, and the moment at which the machine wants to be asked
 * before the next one: an event of a device, the alarm interrupt, an exhausted budget, the end of the
 * world. One comparison per access pays for all of them.
 */
export class Cycles {
  /** Nanoseconds since power-on. */
  now = 0;
  /** When `reached` is to be called; minus infinity when the world is dead. */
  due: number = Infinity;
  /** How many accesses there were. */
  accesses = 0;
  readonly #reached: () => void;

  /** @param reached called when `now` has come to `due`; it moves `due`, and may throw a TerminalSignal */
  constructor(reached: () => void) {
    this.#reached = reached;
  }

  /** Every access to the waist calls this first: an interrupt can come before any of them. */
  access(): void {
    this.accesses++;
    this.now += ACCESS_COST;
    if (this.now >= this.due) this.#reached();
  }

  /** Spends the time of something that is not an access, such as a boot service, in nanoseconds. */
  spend(nanoseconds: number): void {
    this.now += nanoseconds;
    if (this.now >= this.due) this.#reached();
  }
}
