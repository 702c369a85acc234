import { expect, test } from 'vitest';
import { makeVolume } from '../testing/mkfs.fixture.ts';
import { readFsInfo, writeFsInfo } from './fs-info.ts';

const sector = (): Uint8Array => makeVolume({ type: 'FAT32', clusters: 65600 }).slice(512, 1024);

test('FSInfo has two figures, and changing them changes nothing else', () => {
  const bytes = sector();
  expect(readFsInfo(bytes)).toEqual({ freeCount: 65599, nextFree: 3 });
  writeFsInfo(bytes, { freeCount: 1, nextFree: 0xffffffff });
  expect(readFsInfo(bytes)).toEqual({ freeCount: 1, nextFree: 0xffffffff });
  bytes.set(sector().subarray(488, 496), 488);
  expect(bytes).toEqual(sector());
});

test.each([0, 484, 508])('with a wrong signature at byte %i it is something else', (at) => {
  const bytes = sector();
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  expect(readFsInfo(bytes)).toBeUndefined();
});
