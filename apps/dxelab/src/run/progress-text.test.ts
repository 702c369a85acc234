import { expect, test } from 'vitest';
import { progressText } from './progress-text.ts';

test.each([
  ['starting', 'starting'],
  ['machine', 'switching the machine on'],
  ['qemu: connect', 'connecting devices on qemu'],
  ['emulated: preparing', 'preparing on emulated'],
])('%s is told as %s', (step, words) => {
  expect(progressText(step)).toBe(words);
});
