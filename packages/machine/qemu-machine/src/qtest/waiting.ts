/** How often an answer is looked for at full speed: most come within 50 µs, and a look takes one. */
const EAGER_LOOKS = 200;
/** The first and the longest nap between later looks, in milliseconds. */
const FIRST_NAP = 0.05;
const LONGEST_NAP = 2;

/** Waits for something to happen, eagerly at first and then with longer and longer naps. */
export class Waiting {
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  #looks = 0;
  #nap = FIRST_NAP;
  #since = 0;

  /** Begins to wait. */
  begin(): void {
    this.#looks = 0;
  }

  /** Between two looks. @returns whether it napped: then there is time to look at other things too */
  pause(): boolean {
    this.#looks++;
    if (this.#looks < EAGER_LOOKS) return false;
    if (this.#looks === EAGER_LOOKS) {
      this.#since = performance.now();
      this.#nap = FIRST_NAP;
    }
    this.nap(this.#nap);
    this.#nap = Math.min(2 * this.#nap, LONGEST_NAP);
    return true;
  }

  /** How long it has napped, in milliseconds. */
  get elapsed(): number {
    return this.#looks < EAGER_LOOKS ? 0 : performance.now() - this.#since;
  }

  /** Lets the thread sleep, in milliseconds; it can be terminated meanwhile. */
  nap(milliseconds: number): void {
    Atomics.wait(this.#cell, 0, 0, milliseconds);
  }
}
