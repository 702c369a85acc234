import { Cycles } from '@dxelab/platform';
import { expect, test } from 'vitest';
import { quietLook } from './quiet-look.ts';

test('a look spends no time, is no access, and wakes nobody up', () => {
  let reached = 0;
  const cycles = new Cycles(() => reached++);
  cycles.due = 100;
  for (let access = 0; access < 3; access++) cycles.access();
  const seen = quietLook(cycles, () => {
    for (let access = 0; access < 1000; access++) cycles.access();
    return 'something';
  });
  expect(seen).toBe('something');
  expect([cycles.now, cycles.accesses, cycles.due, reached]).toEqual([60, 3, 100, 0]);
  for (let access = 0; access < 3; access++) cycles.access();
  expect(reached).toBeGreaterThan(0);
});

test('what a look throws is thrown, and the machine has not noticed', () => {
  const cycles = new Cycles(() => {});
  const look = (): never => {
    cycles.access();
    throw new RangeError('nothing is there');
  };
  expect(() => quietLook(cycles, look)).toThrow('nothing is there');
  expect(cycles.accesses).toBe(0);
});

test('of a world that is dead nothing is seen, and it stays so', () => {
  const cycles = new Cycles(() => {});
  cycles.due = -Infinity;
  expect(quietLook(cycles, () => 'something')).toBeUndefined();
  expect(cycles.due).toBe(-Infinity);
});
