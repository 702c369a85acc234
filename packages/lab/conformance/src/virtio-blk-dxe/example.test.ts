import { expect, test } from 'vitest';
import { deviceType, hasCache } from '../virtio10-dxe/example.fixture.ts';
import { sector } from './example.fixture.ts';

test('the example of VirtioBlkDxe reads a sector', () => {
  expect(sector).toEqual(new Uint8Array(512).fill(7));
});

test('the example of Virtio10Dxe finds a disk with a cache', () => {
  expect([deviceType, hasCache]).toEqual([2, true]);
});
