import { EFI_PART_TYPE_EFI_SYSTEM_PART_GUID, readGptEntry, readHardDriveNode } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import type { DiskFixture } from '../disk.fixture.ts';
import { NO_QUIRKS, diskOver, outcome } from '../disk.fixture.ts';
import { LINUX_PARTITION, gptImage, writeMbrRecords } from '../image.fixture.ts';
import type { PartitionQuirks } from '../partition-quirks.ts';
import { findGptPartitions } from './find-gpt-partitions.ts';

const TWO = [
  { first: 6, last: 15 },
  { first: 16, last: 94, type: LINUX_PARTITION },
];
const REPAIRS = { ...NO_QUIRKS, repairsGpt: true };

const found = ({ disk }: DiskFixture, quirks: PartitionQuirks = NO_QUIRKS) =>
  outcome(disk, () => findGptPartitions(disk, quirks));

/** A GPT of 100 blocks with one byte changed. */
function damaged(...offsets: readonly number[]): Uint8Array {
  const image = gptImage(100, TWO);
  for (const offset of offsets) image[offset] = (image[offset] ?? 0) ^ 0xff;
  return image;
}

const PRIMARY_HEADER = 512 + 40;
const PRIMARY_ENTRIES = 2 * 512 + 5;
const BACKUP_HEADER = 99 * 512 + 40;
const BACKUP_ENTRIES = 95 * 512 + 5;

describe('GPT (UEFI §5.3)', () => {
  test.each([512, 4096])('the partitions of a disk with blocks of %i bytes', (blockSize) => {
    const fixture = diskOver(gptImage(100, TWO, blockSize), blockSize);
    expect(found(fixture)).toEqual(['1: 6+10', '2: 16+79']);
    expect(fixture.said).toEqual([]);
    expect(fixture.diskIo.writes).toEqual([]);
  });

  test('what a partition says of itself: device path, entry, type', () => {
    const { disk } = diskOver(gptImage(100, TWO));
    const [system, linux] = findGptPartitions(disk, NO_QUIRKS) ?? [];
    expect(system && readHardDriveNode(system.node)).toMatchObject({
      partitionNumber: 1,
      partitionStart: 6n,
      partitionSize: 10n,
      mbrType: 2,
      signatureType: 2,
    });
    expect(system?.info).toMatchObject({ type: 'PARTITION_TYPE_GPT', system: true });
    expect(system?.type?.guid).toBe(EFI_PART_TYPE_EFI_SYSTEM_PART_GUID);
    expect(linux?.info.system).toBe(false);
    expect(linux?.type?.guid).toBe(LINUX_PARTITION);
    expect(linux && readGptEntry(linux.info.entry).partitionName).toBe('partition 2');
  });

  test('a GPT without partitions is one all the same', () => {
    expect(found(diskOver(gptImage(100, [])))).toEqual([]);
  });

  test('without a protective MBR there is none', () => {
    const image = gptImage(100, TWO);
    writeMbrRecords(image, [0x83, 1, 99]);
    expect(found(diskOver(image))).toBe('none');
  });

  test('§5.2.3: the signature of the protective MBR is not asked for, nor its size', () => {
    const image = gptImage(100, TWO);
    writeMbrRecords(image, [0xee, 1, 0xffffffff]);
    image.fill(0, 510, 512);
    expect(found(diskOver(image))).toHaveLength(2);
  });

  test('a hybrid MBR protects a GPT, too', () => {
    const image = gptImage(100, TWO);
    writeMbrRecords(image, [0xef, 6, 10], [0xee, 1, 5]);
    expect(found(diskOver(image))).toHaveLength(2);
  });

  test('an entry that asks for no BlockIo gets none', () => {
    const image = gptImage(100, [
      { first: 6, last: 9, attributes: 2n },
      { first: 10, last: 19 },
    ]);
    expect(found(diskOver(image))).toEqual(['2: 10+10']);
  });

  test('entries that make no sense are left out, and named', () => {
    const fixture = diskOver(
      gptImage(100, [
        { first: 5, last: 9 },
        { first: 20, last: 29 },
        { first: 29, last: 39 },
        { first: 50, last: 2n ** 53n + 1n },
        { first: 60, last: 69 },
      ]),
    );
    expect(found(fixture)).toEqual(['5: 60+10']);
    expect(fixture.said).toEqual([
      'GPT: partition 1 is left out: its blocks 5 to 9 are not within the usable 6 to 94',
      expect.stringContaining('GPT: partition 4 is left out: its blocks 50 to 9007199254740993'),
      'GPT: partition 2 is left out: it overlaps with partition 3',
      'GPT: partition 3 is left out: it overlaps with partition 2',
    ]);
  });

  test('a disk that became smaller than its GPT: the partitions that are still on it', () => {
    const image = gptImage(100, TWO).subarray(0, 50 * 512);
    const fixture = diskOver(image);
    expect(found(fixture)).toEqual(['1: 6+10']);
    expect(fixture.said).toEqual([
      'GPT: the backup is in block 99, the last one is 49',
      'GPT: the backup is broken: block 99 is not on the disk, whose last block is 49',
      'GPT: partition 2 is left out: it ends with block 94, the disk with block 49',
    ]);
    expect(found(fixture, { ...NO_QUIRKS, usableBlocksBelieved: true })).toHaveLength(2);
  });

  test('a disk that became larger: the backup is not in its last block', () => {
    const image = new Uint8Array(120 * 512);
    image.set(gptImage(100, TWO));
    const fixture = diskOver(image);
    expect(found(fixture)).toHaveLength(2);
    expect(fixture.said).toEqual(['GPT: the backup is in block 99, the last one is 119']);
  });
});

describe('A broken GPT (UEFI §5.3.2: the image is never changed unless asked)', () => {
  test.each([
    ['header', PRIMARY_HEADER, 'the primary is broken: the CRC-32 of the header is 0x'],
    ['entries', PRIMARY_ENTRIES, 'the primary is broken: the CRC-32 of the entries is 0x'],
  ])('the backup is used when the primary %s are broken', (_what, offset, said) => {
    const fixture = diskOver(damaged(offset));
    expect(found(fixture)).toEqual(['1: 6+10', '2: 16+79']);
    expect(fixture.said).toEqual([expect.stringContaining(said)]);
    expect(fixture.diskIo.writes).toEqual([]);
  });

  test.each([
    ['header', BACKUP_HEADER],
    ['entries', BACKUP_ENTRIES],
  ])('the primary is used when the backup %s are broken', (what, offset) => {
    const fixture = diskOver(damaged(offset));
    expect(found(fixture)).toHaveLength(2);
    expect(fixture.said).toEqual([
      expect.stringContaining(`GPT: the backup is broken: the CRC-32 of the ${what} is 0x`),
    ]);
    expect(fixture.diskIo.writes).toEqual([]);
  });

  test('with both broken there are no partitions, and it is said what was wrong with each', () => {
    const fixture = diskOver(damaged(PRIMARY_HEADER, BACKUP_ENTRIES));
    expect(found(fixture)).toBe('none');
    expect(fixture.said).toEqual([
      expect.stringContaining('the primary is broken: the CRC-32 of the header is 0x'),
      expect.stringContaining('so is the backup: the CRC-32 of the entries is 0x'),
    ]);
  });

  test.each([
    ['entries over 2^53', { partitionEntryLba: 2n ** 53n + 1n }, 'are not on the disk'],
    ['entries at 2^64-1', { partitionEntryLba: 2n ** 64n - 1n }, 'are not on the disk'],
    ['entries in block 0', { partitionEntryLba: 0n }, 'blocks 0 to 3, are not on the disk'],
    ['too many entries', { numberOfPartitionEntries: 0xffffffff }, 'take 549755813760 bytes, more'],
  ])('a header with a good CRC-32 and %s is broken, too', (_what, change, said) => {
    const fixture = diskOver(gptImage(100, TWO, 512, change));
    fixture.diskIo.bytes.fill(0, 99 * 512);
    expect(found(fixture)).toBe('none');
    expect(fixture.said[0]).toContain(said);
  });

  test('the other header may be said to be anywhere', () => {
    const fixture = diskOver(gptImage(100, TWO, 512, { alternateLba: 2n ** 64n - 1n }));
    expect(found(fixture)).toHaveLength(2);
    expect(fixture.said.at(-1)).toContain('block 18446744073709551615 is not on the disk');
  });

  test('a block that cannot be read is as good as a broken one', () => {
    const fixture = diskOver(gptImage(100, TWO));
    fixture.diskIo.failing.set(512, 'EFI_DEVICE_ERROR');
    expect(found(fixture)).toHaveLength(2);
    expect(fixture.said).toEqual([expect.stringContaining('block 1 cannot be read')]);
  });

  test.each(['EFI_MEDIA_CHANGED', 'EFI_NO_MEDIA'] as const)('%s ends the search', (status) => {
    for (const offset of [0, 512, 1024, 99 * 512]) {
      const fixture = diskOver(gptImage(100, TWO));
      fixture.diskIo.failing.set(offset, status);
      expect(found(fixture)).toBe(status);
    }
  });

  test('block 0 that cannot be read is the failure of the search', () => {
    const fixture = diskOver(gptImage(100, TWO));
    fixture.diskIo.failing.set(0, 'EFI_DEVICE_ERROR');
    expect(found(fixture)).toBe('EFI_DEVICE_ERROR');
  });

  test('a disk of 2^53 blocks: what has no byte offset below 2^53 is not on it', () => {
    const fixture = diskOver(damaged(PRIMARY_HEADER), 512, { lastBlock: 2 ** 53 - 1 });
    expect(found(fixture)).toBe('none');
    expect(fixture.said.at(-1)).toContain(`block ${2 ** 44 - 2} cannot be read`);
  });
});

describe('QUIRK PartitionDxe.RepairsGpt', () => {
  const sound = gptImage(100, TWO);

  test.each([
    ['primary header', PRIMARY_HEADER],
    ['primary entries', PRIMARY_ENTRIES],
    ['backup header', BACKUP_HEADER],
    ['backup entries', BACKUP_ENTRIES],
  ])('%s: written anew from the other', (_what, offset) => {
    const fixture = diskOver(damaged(offset));
    expect(found(fixture, REPAIRS)).toHaveLength(2);
    expect(Buffer.compare(fixture.diskIo.bytes, sound)).toBe(0);
  });

  test('a backup that cannot be written is done without', () => {
    const fixture = diskOver(damaged(BACKUP_HEADER));
    fixture.diskIo.readOnly = true;
    expect(found(fixture, REPAIRS)).toHaveLength(2);
  });

  test('a primary that cannot be written is the end', () => {
    const fixture = diskOver(damaged(PRIMARY_HEADER));
    fixture.diskIo.readOnly = true;
    expect(found(fixture, REPAIRS)).toBe('none');
  });

  test('nothing is written when both are sound, or both are broken', () => {
    const fixtures = [diskOver(sound.slice()), diskOver(damaged(PRIMARY_HEADER, BACKUP_HEADER))];
    for (const fixture of fixtures) {
      found(fixture, REPAIRS);
      expect(fixture.diskIo.writes).toEqual([]);
    }
  });

  test('a place that is not on the disk is not written to', () => {
    const fixture = diskOver(gptImage(100, TWO, 512, { alternateLba: 2n ** 53n + 1n }));
    expect(found(fixture, REPAIRS)).toHaveLength(2);
    expect(fixture.diskIo.writes).toEqual([]);
  });
});
