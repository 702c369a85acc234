import { expect, test } from 'vitest';
import { inquiry } from './example.fixture.ts';

test('the example of VirtioScsiDxe finds a disk', () => {
  expect([...inquiry.subarray(0, 2)]).toEqual([0, 0]);
  expect(inquiry.subarray(8).some((byte) => byte !== 0)).toBe(true);
});
