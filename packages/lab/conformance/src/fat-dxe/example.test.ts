import { expect, test } from 'vitest';
import { freeSpace, text } from './example.fixture.ts';

test('the example of the README', () => {
  expect(text).toBe('Hello, FAT.');
  expect(freeSpace).toBe(1_456_640);
});
