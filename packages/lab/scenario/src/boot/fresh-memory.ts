/**
 * In bytes: what is reserved for the machines to come, from the second one on. With more, V8 would throw
 * away compiled code each time, to make room.
 */
const RESERVE = 2 ** 30;

/**
 * Storage for the RAM of one machine after another, all zeros. V8 counts an array of 256 MiB as if all
 * of it were used, and answers each with a collection of its whole heap, which takes longer than a boot.
 * So they are cut from a large one, of which the operating system provides the pages that are touched.
 */
export class FreshMemory {
  #reserve: Uint8Array | undefined;
  #used = 0;

  /** @param length in bytes. @returns an array that nobody else has */
  take(length: number): Uint8Array {
    if (this.#reserve === undefined || this.#used + length > this.#reserve.length) {
      // Who boots once needs no more than that.
      this.#reserve = reserve(
        this.#reserve === undefined ? length : Math.max(length, RESERVE),
        length,
      );
      this.#used = 0;
    }
    this.#used += length;
    return this.#reserve.subarray(this.#used - length, this.#used);
  }
}

/** Where address space is scarce, or may not be reserved without memory behind it, there is less. */
function reserve(wanted: number, needed: number): Uint8Array {
  try {
    return new Uint8Array(wanted);
  } catch (caught) {
    if (!(caught instanceof RangeError) || wanted === needed) throw caught;
    return new Uint8Array(needed);
  }
}
