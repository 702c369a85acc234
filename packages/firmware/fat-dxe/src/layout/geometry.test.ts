import { EfiError } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { makeVolume } from '../testing/mkfs.fixture.ts';
import { readBiosParameterBlock } from './bpb.ts';
import type { BiosParameterBlock } from './bpb.ts';
import type { FatGeometry } from './geometry.ts';
import { judgeGeometry } from './geometry.ts';

function bpb(
  change: Partial<BiosParameterBlock> = {},
  type: 'FAT16' | 'FAT32' = 'FAT16',
): BiosParameterBlock {
  return { ...readBiosParameterBlock(makeVolume({ type })), ...change };
}

function judge(block: BiosParameterBlock, mediumSize = Infinity, trusting = false): FatGeometry {
  return judgeGeometry(block, { mediumSize, trusting });
}

function refusal(block: BiosParameterBlock, mediumSize = Infinity, trusting = false): string {
  try {
    judge(block, mediumSize, trusting);
    return 'accepted';
  } catch (caught) {
    if (caught instanceof EfiError) return caught.message;
    throw caught;
  }
}

/** A FAT12 or FAT16 volume of exactly so many clusters. */
function withClusters(clusters: number): BiosParameterBlock {
  return bpb({
    reservedSectors: 1,
    fatCount: 1,
    sectorsPerFat: 300,
    rootEntries: 16,
    sectorsPerCluster: 1,
    totalSectors: 1 + 300 + 1 + clusters,
  });
}

describe('the type of a volume is decided by its count of clusters (FAT specification)', () => {
  test.each([
    [1, 'FAT12'],
    [4084, 'FAT12'],
    [4085, 'FAT16'],
    [65524, 'FAT16'],
  ])('%i clusters: %s', (clusters, type) => {
    const geometry = judge(withClusters(clusters));
    expect(geometry.type).toBe(type);
    expect(geometry.clusterCount).toBe(clusters);
    expect(geometry.lastCluster).toBe(clusters + 1);
  });

  test('more than FAT16 can have, with a 16-bit FAT size, is corrupted', () => {
    expect(refusal(withClusters(65525))).toBe(
      'EFI_VOLUME_CORRUPTED: FAT16 volume: expected 1 to 65524 clusters, found 65525',
    );
  });

  test('fewer than FAT32 must have, with a 32-bit FAT size, is corrupted', () => {
    const block = bpb({}, 'FAT32');
    const total = block.reservedSectors + 2 * block.sectorsPerFat + 65524;
    expect(refusal({ ...block, totalSectors: total })).toMatch(
      /^EFI_VOLUME_CORRUPTED: FAT32 volume: expected 65525 to \d+ clusters, found 65524$/,
    );
    expect(judge({ ...block, totalSectors: total + 1 }).type).toBe('FAT32');
  });
});

describe('what is no FAT volume is unsupported, and the message says why', () => {
  test.each<[Partial<BiosParameterBlock>, string]>([
    [{ signature: 0 }, 'signature 0xAA55 at byte 510, found 0x0'],
    [{ reservedSectors: 0 }, 'one reserved sector or more, found 0'],
    [{ fatCount: 0 }, 'one FAT or more, found 0'],
    [{ totalSectors: 0 }, 'one sector or more, found 0'],
    [{ bytesPerSector: 0 }, '512, 1024, 2048 or 4096 bytes per sector, found 0'],
    [{ bytesPerSector: 256 }, '512, 1024, 2048 or 4096 bytes per sector, found 256'],
    [{ bytesPerSector: 8192 }, '512, 1024, 2048 or 4096 bytes per sector, found 8192'],
    [{ bytesPerSector: 520 }, '512, 1024, 2048 or 4096 bytes per sector, found 520'],
    [{ sectorsPerCluster: 0 }, '1 to 128 sectors per cluster, a power of two, found 0'],
    [{ sectorsPerCluster: 3 }, '1 to 128 sectors per cluster, a power of two, found 3'],
    [{ mediaType: 0x50 }, 'media type 0xF0 or 0xF8 to 0xFF, found 0x50'],
    [{ sectorsPerFat: 0 }, 'one sector or more per FAT, found 0'],
    [{ rootEntries: 0 }, 'a root directory with entries, found 0 entries'],
  ])('%o', (change, expected) => {
    expect(refusal(bpb(change))).toBe(`EFI_UNSUPPORTED: no FAT volume: expected ${expected}`);
  });

  test('FAT32 of a later version, or with FATs that differ', () => {
    const { fat32 } = bpb({}, 'FAT32');
    if (fat32 === undefined) throw new Error('the fixture makes FAT32');
    expect(refusal(bpb({ fat32: { ...fat32, version: 1 } }, 'FAT32'))).toMatch(/^EFI_UNSUPPORTED/);
    expect(refusal(bpb({ fat32: { ...fat32, flags: 0x81 } }, 'FAT32'))).toMatch(
      /^EFI_UNSUPPORTED: .*mirror/,
    );
  });
});

describe('what is FAT, but cannot be, is corrupted', () => {
  test('a FAT too small for its clusters', () => {
    expect(refusal({ ...withClusters(4084), sectorsPerFat: 11, totalSectors: 13 + 4084 })).toBe(
      'EFI_VOLUME_CORRUPTED: 4084 clusters need a FAT of 6129 bytes, found one of 5632',
    );
  });

  test('no room for a single cluster', () => {
    expect(refusal(bpb({ totalSectors: 10 }))).toMatch(
      /^EFI_VOLUME_CORRUPTED: .*clusters, found -/,
    );
  });

  test.each([0, 1, 0x0fffffff])('a root directory at cluster %i', (rootCluster) => {
    const { fat32 } = bpb({}, 'FAT32');
    if (fat32 === undefined) throw new Error('the fixture makes FAT32');
    expect(refusal(bpb({ fat32: { ...fat32, rootCluster } }, 'FAT32'))).toMatch(
      /^EFI_VOLUME_CORRUPTED: root directory: expected a cluster from 2/,
    );
  });

  test('a volume larger than its medium; EDK II does not ask', () => {
    const { totalSectors } = bpb();
    const size = totalSectors * 512;
    expect(judge(bpb(), size).volumeSize).toBe(size);
    expect(refusal(bpb(), size - 512)).toBe(
      `EFI_VOLUME_CORRUPTED: the volume says it has ${size} bytes, its medium has ${size - 512}`,
    );
    expect(judge(bpb({ signature: 0 }), size - 512, true).volumeSize).toBe(size);
  });
});

test('the places of a FAT16 volume follow each other: FATs, root directory, clusters', () => {
  const geometry = judge(withClusters(5000));
  expect(geometry).toMatchObject({
    fatOffset: 512,
    fatSize: 300 * 512,
    rootOffset: 301 * 512,
    rootSize: 512,
    dataOffset: 302 * 512,
    clusterSize: 512,
    fsInfoOffset: undefined,
  });
  expect(geometry.offsetOf(2)).toBe(302 * 512);
  expect(geometry.offsetOf(5001)).toBe((302 + 4999) * 512);
  expect([1, 2, 5001, 5002].map((cluster) => geometry.isCluster(cluster))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('FSInfo and the backup of the boot sector lie in the reserved sectors, or are not there', () => {
  const block = bpb({}, 'FAT32');
  expect(judge(block)).toMatchObject({ fsInfoOffset: 512, backupBootOffset: 6 * 512 });
  if (block.fat32 === undefined) throw new Error('the fixture makes FAT32');
  const far = { ...block.fat32, fsInfoSector: 0xffff, backupBootSector: 0 };
  expect(judge({ ...block, fat32: far })).toMatchObject({
    fsInfoOffset: undefined,
    backupBootOffset: undefined,
  });
});
