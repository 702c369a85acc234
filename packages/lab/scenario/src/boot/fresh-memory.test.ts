import { expect, test } from 'vitest';
import { FreshMemory } from './fresh-memory.ts';

const MIB = 2 ** 20;

test('each machine gets memory of its own, as long as asked for, all zeros', () => {
  const memory = new FreshMemory();
  const taken = Array.from({ length: 40 }, () => {
    const bytes = memory.take(64 * MIB);
    expect(bytes.length).toBe(64 * MIB);
    expect([bytes[0], bytes[32 * MIB], bytes.at(-1)]).toEqual([0, 0, 0]);
    bytes[0] = 0xff;
    bytes[bytes.length - 1] = 0xff;
    return bytes;
  });
  expect(taken.every((bytes) => bytes[0] === 0xff && bytes[1] === 0)).toBe(true);
});
