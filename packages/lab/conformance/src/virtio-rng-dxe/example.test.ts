import { Random } from '@dxelab/emulated-machine';
import { expect, test } from 'vitest';
import { key } from './example.fixture.ts';

test('the example of VirtioRngDxe draws a key, which the seed alone determines', () => {
  const random = new Random(7);
  // an answer of 6 bytes takes two words, of which the second is used by half
  const answer = (length: number): readonly number[] => {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => random.next());
    return [...new Uint8Array(words.buffer, 0, length)];
  };
  expect([...key]).toEqual([...answer(6), ...answer(6), ...answer(4)]);
});
