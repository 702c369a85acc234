import { expect, test } from 'vitest';
import { found } from './example.fixture.ts';

test('the example finds the device that is in its tree', () => {
  expect(found).toEqual(['/virtio_mmio@a003e00 at 0xa003e00']);
});
