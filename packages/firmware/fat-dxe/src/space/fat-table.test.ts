import { describe, expect, test } from 'vitest';
import { FAT_END } from '../layout/fat-entry.ts';
import { readBiosParameterBlock } from '../layout/bpb.ts';
import { judgeGeometry } from '../layout/geometry.ts';
import { isMarkedClean } from '../testing/check-volume.fixture.ts';
import { MemoryDisk } from '../testing/memory-disk.fixture.ts';
import type { Format } from '../testing/mkfs.fixture.ts';
import { makeVolume } from '../testing/mkfs.fixture.ts';
import { FatTable } from './fat-table.ts';
import { sameBytes } from '../testing/mount.fixture.ts';
import { VolumeDisk } from './volume-disk.ts';

function tableOf(format: Format): { disk: MemoryDisk; fat: FatTable; fatSize: number } {
  const bytes = makeVolume(format);
  const disk = new MemoryDisk(bytes, format.sectorSize ?? 512);
  const geometry = judgeGeometry(readBiosParameterBlock(bytes), {
    mediumSize: bytes.length,
    trusting: false,
  });
  return {
    disk,
    fat: new FatTable(new VolumeDisk(disk.diskIo, disk.blockIo), geometry),
    fatSize: geometry.fatSize,
  };
}

describe.each(['FAT12', 'FAT16', 'FAT32'] as const)('the FATs of %s', (type) => {
  test('a change stays in memory until flush, which brings it to all copies', () => {
    const { disk, fat, fatSize } = tableOf({ type, fats: 3 });
    const before = disk.bytes.slice();
    fat.set(3, 4);
    fat.set(4, FAT_END);
    expect(fat.get(3)).toBe(4);
    expect(sameBytes(disk.bytes, before)).toBe(true);
    fat.flush();
    const start = type === 'FAT32' ? 32 * 512 : 512;
    const copies = [0, 1, 2].map((copy) =>
      disk.bytes.slice(start + copy * fatSize, start + (copy + 1) * fatSize),
    );
    const [first = new Uint8Array(0), ...others] = copies;
    expect(others.map((copy) => sameBytes(copy, first))).toEqual([true, true]);
    expect(tableOf({ type, fats: 3 }).fat.get(3)).toBe(0);
    const again = new FatTable(
      new VolumeDisk(disk.diskIo, disk.blockIo),
      judgeGeometry(readBiosParameterBlock(disk.bytes), { mediumSize: Infinity, trusting: false }),
    );
    expect([again.get(3), again.get(4)]).toEqual([4, FAT_END]);
  });

  test('a cluster outside of the volume is refused', () => {
    const { fat } = tableOf({ type });
    for (const cluster of [0, 1, 0x0ffffff0]) {
      expect(() => fat.get(cluster)).toThrow(/^EFI_VOLUME_CORRUPTED: expected a cluster from 2/);
      expect(() => fat.set(cluster, 2)).toThrow(/^EFI_VOLUME_CORRUPTED/);
    }
  });

  test('only the sectors that changed are written', () => {
    const { disk, fat } = tableOf({ type });
    fat.set(3, FAT_END);
    fat.flush();
    disk.requests.length = 0;
    fat.set(5, FAT_END);
    fat.flush();
    fat.flush();
    expect(disk.requests.map(({ what, length }) => [what, length])).toEqual([
      ['write', 512],
      ['write', 512],
    ]);
  });
});

describe.each(['FAT16', 'FAT32'] as const)('the clean bit of %s', (type) => {
  test('goes before the first change, and comes back when all is settled', () => {
    const { disk, fat } = tableOf({ type });
    expect(isMarkedClean(disk.bytes)).toBe(true);
    fat.set(600, FAT_END);
    disk.loseWritesFrom = 2;
    fat.flush();
    expect(isMarkedClean(disk.bytes)).toBe(false);
    disk.loseWritesFrom = Infinity;
    fat.settle();
    expect(isMarkedClean(disk.bytes)).toBe(true);
  });

  test('a volume that was found dirty stays so', () => {
    const { disk, fat } = tableOf({ type });
    const at = type === 'FAT32' ? 32 * 512 + 7 : 512 + 3;
    disk.bytes[at] = 0x07;
    fat.set(3, FAT_END);
    fat.flush();
    fat.settle();
    expect(isMarkedClean(disk.bytes)).toBe(false);
  });
});

test('the clean bit goes first, also when the change is far from it', () => {
  const { disk, fat } = tableOf({ type: 'FAT32', clusters: 70_000 });
  fat.set(60_000, FAT_END);
  fat.flush();
  const writes = disk.requests.filter(({ what }) => what === 'write');
  expect(writes.map(({ offset }) => offset < 33 * 512)).toEqual([true, false, false, false]);
});

test('entries of FAT12 that lie across two sectors', () => {
  const { disk, fat } = tableOf({ type: 'FAT12', clusters: 1000 });
  fat.set(341, 0xabc);
  fat.flush();
  expect([disk.bytes[512 + 511], disk.bytes[512 + 512]]).toEqual([0xc0, 0xab]);
  expect(fat.get(341)).toBe(0xabc);
});

test('a FAT larger than the cache: what is dropped was written before', () => {
  // 64 pages of 64 KiB hold 1,048,576 entries.
  const { disk, fat } = tableOf({ type: 'FAT32', clusters: 1_200_000, fats: 1 });
  for (let cluster = 5; cluster < 1_200_000; cluster += 10_000) fat.set(cluster, cluster + 1);
  for (let cluster = 5; cluster < 1_200_000; cluster += 10_000) {
    expect(fat.get(cluster)).toBe(cluster + 1);
  }
  fat.flush();
  const view = new DataView(disk.bytes.buffer);
  for (let cluster = 5; cluster < 1_200_000; cluster += 10_000) {
    expect(view.getUint32(32 * 512 + cluster * 4, true)).toBe(cluster + 1);
  }
});

test('the cache does not grow with the FAT, and keeps the page with the clean bit', () => {
  const { disk, fat } = tableOf({ type: 'FAT32', clusters: 1_200_000, fats: 1 });
  const reads = (body: () => void): number => {
    const before = disk.count('read');
    body();
    return disk.count('read') - before;
  };
  const round = (): void => {
    for (let page = 0; page < 73; page++) fat.get(page * 16_384 + 2);
  };
  expect(reads(round)).toBe(73);
  expect(reads(round)).toBe(72);
  expect(reads(() => fat.get(2))).toBe(0);
});
