import { expect, test } from 'vitest';
import { haltingBios } from './halting-bios.ts';

test('at the reset vector: cli, hlt, and back to hlt; everywhere else hlt', () => {
  const image = haltingBios();
  expect(image).toHaveLength(0x1_0000);
  expect([...image.subarray(0xfff0, 0xfff5)]).toEqual([0xfa, 0xf4, 0xeb, 0xfd, 0xf4]);
  expect(image.filter((byte) => byte !== 0xf4)).toHaveLength(3);
});
