const SECOND = 1e9;
/** Between the start of the divider chain and the first update (MC146818A, divider control). */
const FIRST_UPDATE = SECOND / 2;
/** How long an update takes, and how long before it the clock says so (MC146818A, update cycle, 32.768 kHz). */
const UPDATE = 1_984_000;
const NOTICE = 244_000;

/** Counts seconds: what the calendar shows, and where between two updates the clock is. */
export class RtcTime {
  readonly #now: () => number;
  /** The calendar's, since 1970, at the update that came at `#since`. */
  #seconds: number;
  #since: number;
  /** While it does not count: where it stopped. */
  #stopped: number | undefined;

  /** @param seconds since 1970, at once */
  constructor(seconds: number, now: () => number) {
    this.#seconds = Math.floor(seconds);
    this.#now = now;
    this.#since = now();
  }

  /** Since 1970. */
  get seconds(): number {
    return this.#stopped ?? this.#seconds + Math.floor((this.#now() - this.#since) / SECOND);
  }

  /** Nanoseconds that the divider chain has counted. */
  get divided(): number {
    return this.#now() - this.#since;
  }

  /** UIP: an update is going on, or about to begin. */
  get updateInProgress(): boolean {
    return this.#untilUpdate <= UPDATE + NOTICE;
  }

  /** The calendar registers are not to be read. */
  get updating(): boolean {
    return this.#untilUpdate <= UPDATE;
  }

  get #untilUpdate(): number {
    return this.#stopped === undefined ? SECOND - (this.divided % SECOND) : Infinity;
  }

  /** Updates are inhibited. */
  stop(): void {
    this.#stopped = this.seconds;
  }

  /** Goes on, or jumps, at another time; the divider chain has gone on meanwhile. */
  set(seconds: number): void {
    this.#since += Math.floor(this.divided / SECOND) * SECOND;
    this.#seconds = seconds;
    this.#stopped = undefined;
  }

  /** The divider chain begins anew, after it was held with updates inhibited. */
  restart(): void {
    this.#since = this.#now() - FIRST_UPDATE;
  }
}
