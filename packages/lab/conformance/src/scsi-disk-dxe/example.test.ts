import { expect, test } from 'vitest';
import { lastBlock, sector, statuses } from './example.fixture.ts';

test('the example of the README reads, and hears of another medium', () => {
  expect(new Set(sector)).toEqual(new Set([7]));
  expect(statuses).toEqual(['EFI_MEDIA_CHANGED']);
  expect(lastBlock).toBe(127);
});
