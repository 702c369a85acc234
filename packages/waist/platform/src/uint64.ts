const TWO_32 = 0x1_0000_0000;

/**
 * A 64-bit value from its halves, where it is known to be a safe integer or only compared: from 2^53 on
 * it is rounded.
 */
export function uint64(low: number, high: number): number {
  // A product with 2^32 is a double even when it is 0, and so becomes every address and index that is
  // computed from it: V8 then converts each time one is used, on the way of every request.
  return high === 0 ? low : low + high * TWO_32;
}

/** The upper half of a non-negative safe integer; the lower one is `value >>> 0`. */
export function upperHalf(value: number): number {
  // What fits 31 bits is compared as an integer: with 2^32 it would be as a double.
  return (value | 0) === value ? 0 : Math.floor(value / TWO_32);
}
