import { expect, test } from 'vitest';
import { readBetweenGenerations, readUntilStable } from './untorn.ts';

/** Gives these values, one at each call. */
function sequence<Value>(...values: readonly Value[]): () => Value {
  const left = values[Symbol.iterator]();
  return () => {
    const { value, done } = left.next();
    if (done === true) throw new TypeError('one look too many');
    return value;
  };
}

test('§2.5.1: a field is read again when the generation has changed meanwhile', () => {
  const generation = sequence(1, 2, 2, 2);
  expect(readBetweenGenerations(sequence(0x1_00000000n, 0x2_00000000n), generation)).toBe(
    0x2_00000000n,
  );
});

test('§2.5.4: without a generation two looks in a row must agree', () => {
  expect(readUntilStable(sequence(5n, 5n))).toBe(5n);
  expect(readUntilStable(sequence(5n, 6n, 7n, 7n))).toBe(7n);
});
