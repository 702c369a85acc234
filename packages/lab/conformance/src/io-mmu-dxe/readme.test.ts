import { expect, test } from 'vitest';
import { afterwards, seen } from './example.fixture.ts';

test('the example shares a page for as long as it is mapped', () => {
  expect([seen, afterwards]).toEqual([1, 0xff]);
});
