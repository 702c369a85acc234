import { expect, test } from 'vitest';
import { inPlace, text } from './example.fixture.ts';

test('the example maps a page in place, and bounces an array', () => {
  expect(inPlace).toBe(0x3000);
  expect([...text]).toEqual([7, 7, 7]);
});
