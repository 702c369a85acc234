import { expect, test } from 'vitest';
import { ACCESS_COST, Cycles } from './cycles.ts';

test('whoever waits is asked before the first access at or after the time that is due, and not before', () => {
  const asked: number[] = [];
  const cycles: Cycles = new Cycles(() => {
    asked.push(cycles.now);
    cycles.due = Infinity;
  });
  cycles.due = 2 * ACCESS_COST + 1;
  cycles.access();
  cycles.access();
  expect(asked).toEqual([]);
  cycles.access();
  cycles.access();
  expect(asked).toEqual([3 * ACCESS_COST]);
  cycles.due = cycles.now + 500;
  cycles.spend(500);
  expect(asked).toHaveLength(2);
  expect(cycles.accesses).toBe(4);
});
