import type { GptHeader } from '@dxelab/uefi';
import { isEfiFailure, readCdVolumeDescriptor } from '@dxelab/uefi';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DiskFixture } from './disk.fixture.ts';
import { NO_QUIRKS, diskOver, outcome } from './disk.fixture.ts';
import { findPartitions } from './find-partitions.ts';
import { cdImage, gptImage, writeMbrRecords } from './image.fixture.ts';
import type { Partition } from './partition.ts';

const found = ({ disk }: DiskFixture) => outcome(disk, () => findPartitions(disk, NO_QUIRKS));

describe('Which table counts (MdeModulePkg/Universal/Disk/PartitionDxe)', () => {
  test('a GPT before an El Torito boot catalog before an MBR', () => {
    const image = gptImage(400, [{ first: 320, last: 330 }]);
    image.set(cdImage(60, [[0, 4, 20]]).subarray(16 * 2048), 16 * 2048);
    expect(found(diskOver(image))).toEqual(['1: 320+11']);
    writeMbrRecords(image, [0x83, 300, 50]);
    expect(found(diskOver(image))).toEqual(['CD: 80+4']);
    image.fill(0, 16 * 2048, 17 * 2048);
    expect(found(diskOver(image))).toEqual(['1: 300+50']);
    image.fill(0, 0, 512);
    expect(found(diskOver(image))).toBe('EFI_NOT_FOUND');
  });

  test('a disk that is too small for anything has nothing', () => {
    for (const blocks of [1, 2, 3]) {
      expect(found(diskOver(gptImage(100, []).subarray(0, blocks * 512)))).toBe('EFI_NOT_FOUND');
    }
  });

  test('a failing disk fails the search; a medium that is gone ends it', () => {
    const fixture = diskOver(gptImage(100, []));
    fixture.diskIo.failing.set(0, 'EFI_DEVICE_ERROR');
    expect(found(fixture)).toBe('EFI_DEVICE_ERROR');
    fixture.diskIo.failing.set(0, 'EFI_NO_MEDIA');
    fixture.diskIo.reads = 0;
    expect(found(fixture)).toBe('EFI_NO_MEDIA');
    expect(fixture.diskIo.reads).toBe(1);
  });
});

/**
 * What is wrong with what is found, if anything is: a partition that is not on the disk, two of a GPT
 * or an MBR that share a byte, a search without end, a write.
 */
function wrongWith(fixture: DiskFixture): string | undefined {
  let partitions: readonly Partition[] = [];
  try {
    partitions = findPartitions(fixture.disk, NO_QUIRKS);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
  }
  let end = 0;
  for (const { info, start, size } of partitions.toSorted((a, b) => a.start - b.start)) {
    if (!(size > 0 && start + size <= fixture.disk.size)) return `${start}+${size} off the disk`;
    if (start < end && info.type !== 'PARTITION_TYPE_OTHER') return `${start} before ${end}`;
    end = start + size;
  }
  if (fixture.diskIo.reads > 1000) return `${fixture.diskIo.reads} reads`;
  return fixture.diskIo.writes.length > 0 ? 'a write' : undefined;
}

describe('Whatever stands on the disk', () => {
  const mbr = new Uint8Array(100 * 512);
  writeMbrRecords(mbr, [0x83, 1, 9], [0x0f, 10, 40], [0xef, 50, 50]);
  const images = {
    gpt: gptImage(100, [
      { first: 6, last: 19 },
      { first: 20, last: 94 },
    ]),
    mbr,
    cd: cdImage(40, [
      [0, 40, 20],
      [0, 0, 30],
      [4, 8, 21],
    ]),
  };
  /** Where the structures are: a change elsewhere would go unnoticed. */
  const offset = fc.oneof(
    fc.nat({ max: 6 * 512 }),
    fc.integer({ min: 16 * 2048, max: 20 * 2048 }),
    fc.integer({ min: 94 * 512, max: 100 * 512 - 1 }),
  );
  const changes = fc.array(fc.tuple(offset, fc.nat({ max: 255 })), { maxLength: 8 });

  test.each(['gpt', 'mbr', 'cd'] as const)('property: a changed %s', (kind) => {
    fc.assert(
      fc.property(changes, fc.constantFrom(512, 2048, 4096), (bytes, blockSize) => {
        const image = images[kind].slice();
        for (const [at, value] of bytes) image[at] = value;
        expect(wrongWith(diskOver(image, blockSize))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  const lba = fc.oneof(
    fc.bigInt({ min: 0n, max: 120n }),
    fc.constantFrom(2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
  );
  const headers: fc.Arbitrary<Partial<GptHeader>> = fc.record(
    {
      alternateLba: lba,
      firstUsableLba: lba,
      lastUsableLba: lba,
      partitionEntryLba: lba,
      numberOfPartitionEntries: fc.oneof(fc.constant(16), fc.constantFrom(0, 1, 64, 0xffffffff)),
      sizeOfPartitionEntry: fc.constantFrom(128, 256, 0x80000000),
    },
    { requiredKeys: [] },
  );

  test('property: a GPT whose every CRC-32 is right, and whose fields are anything', () => {
    const partitions = fc.array(fc.record({ first: lba, last: lba }), { maxLength: 16 });
    fc.assert(
      fc.property(partitions, headers, (entries, header) => {
        const image = gptImage(100, entries, 512, header);
        expect(wrongWith(diskOver(image))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test('property: a boot catalog whose checksum is right, and whose entries are anything', () => {
    const number = (max: number) => fc.oneof(fc.nat({ max: 50 }), fc.nat({ max }));
    const entry = fc.tuple(fc.nat({ max: 5 }), number(0xffff), number(0xffffffff));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const image = cdImage(40, entries);
        expect(readCdVolumeDescriptor(image.subarray(17 * 2048, 18 * 2048))?.type).toBe(
          'boot-record',
        );
        expect(wrongWith(diskOver(image, 2048))).toBeUndefined();
      }),
    );
  });
});
