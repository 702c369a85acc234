import { expect, test } from 'vitest';
import { revision, sectors } from './example.fixture.ts';

test('the example of VirtioPciDeviceDxe finds a legacy disk', () => {
  expect([revision, sectors]).toEqual([0x00090005, 2048n]);
});
