/** What one access to the waist costs in virtual time, in nanoseconds. */
export const ACCESS_COST = 20;

/** Accesses between two looks at the time, at most: `left` stays a small integer. */
const LONGEST = 2 ** 30;

/**
 * The CPU's time as its accesses spend it, and the moment at which the machine wants to be asked
 * before the next one: an event of a device, the alarm interrupt, an exhausted budget, the end of the
 * world. One countdown per access pays for all of them.
 */
export class Cycles {
  /**
   * How many accesses there are until somebody wants to be asked. Time and count are derived from it:
   * to advance them at each access made a request a tenth slower.
   */
  private left = 0;
  /** The time, and the count of accesses, when none is left. */
  private end = 0;
  private total = 0;
  private dueTime = Infinity;
  private readonly reached: () => void;

  /** @param reached called when `now` has come to `due`; it moves `due`, and may throw a TerminalSignal */
  constructor(reached: () => void) {
    this.reached = reached;
    this.countFrom(0, 0);
  }

  /** Nanoseconds since power-on. */
  get now(): number {
    return this.end - this.left * ACCESS_COST;
  }

  set now(time: number) {
    this.countFrom(time, this.accesses);
  }

  /** When `reached` is to be called; minus infinity when the world is dead. */
  get due(): number {
    return this.dueTime;
  }

  set due(time: number) {
    this.dueTime = time;
    this.countFrom(this.now, this.accesses);
  }

  /** How many accesses there were. */
  get accesses(): number {
    return this.total - this.left;
  }

  set accesses(count: number) {
    this.countFrom(this.now, count);
  }

  /** Every access to the waist calls this first: an interrupt can come before any of them. */
  access(): void {
    this.left--;
    if (this.left <= 0) this.ask();
  }

  /**
   * Makes `count` accesses at once, unless somebody wants to be asked before one of them.
   * @returns false if so: none was made then, and they are to be made one by one
   */
  accessAtOnce(count: number): boolean {
    const left = this.left - count;
    if (left <= 0) return false;
    this.left = left;
    return true;
  }

  /** Spends the time of something that is not an access, such as a boot service, in nanoseconds. */
  spend(nanoseconds: number): void {
    // So many accesses are not made; what is no multiple of one is added to the end.
    const accesses = Math.ceil(nanoseconds / ACCESS_COST);
    this.left -= accesses;
    this.total -= accesses;
    this.end += nanoseconds - accesses * ACCESS_COST;
    if (this.left <= 0) this.ask();
  }

  private ask(): void {
    if (this.now >= this.dueTime) this.reached();
    if (this.left <= 0) this.countFrom(this.now, this.accesses);
  }

  private countFrom(now: number, accesses: number): void {
    const untilDue = Math.ceil((this.dueTime - now) / ACCESS_COST);
    this.left = Math.max(0, Math.min(untilDue, LONGEST));
    this.end = now + this.left * ACCESS_COST;
    this.total = accesses + this.left;
  }
}
