import { expect, test } from 'vitest';
import { paths } from './example.fixture.ts';

test('the example of VirtioFdtDxe finds the disk', () => {
  expect(paths).toEqual(['VenHw(837dca9e-e874-4d82-b29a-23fe0e23d1e2,002eb0fe00000000)']);
});
