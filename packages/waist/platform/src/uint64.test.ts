import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { uint64, upperHalf } from './uint64.ts';

test('a safe integer and its two halves are the same', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(uint64(value >>> 0, upperHalf(value))).toBe(value);
    }),
  );
  for (const value of [0xffff_ffff, 0x1_0000_0000, 0x1_ffff_ffff, Number.MAX_SAFE_INTEGER]) {
    expect(uint64(value >>> 0, upperHalf(value))).toBe(value);
  }
});

test('what no safe integer can hold is rounded, and stays larger than any', () => {
  expect(uint64(0xffff_ffff, 0xffff_ffff)).toBe(2 ** 64);
});
