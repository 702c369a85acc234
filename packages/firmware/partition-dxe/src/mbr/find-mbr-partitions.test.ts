import { hardDriveNode, readHardDriveNode, readMbr, readMbrRecord } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import type { PartitionAbove } from '../disk.ts';
import type { DiskFixture } from '../disk.fixture.ts';
import { NO_QUIRKS, diskOver, outcome } from '../disk.fixture.ts';
import { writeMbrRecords } from '../image.fixture.ts';
import type { PartitionQuirks } from '../partition-quirks.ts';
import { EfiSystemPartitionProtocol } from '../partition-type.ts';
import { findMbrPartitions } from './find-mbr-partitions.ts';

const found = ({ disk }: DiskFixture, quirks: PartitionQuirks = NO_QUIRKS) =>
  outcome(disk, () => findMbrPartitions(disk, quirks));

type Records = Parameters<typeof writeMbrRecords>[1][];

function mbrImage(blocks: number, records: Records, blockSize = 512): Uint8Array {
  const image = new Uint8Array(blocks * blockSize);
  writeMbrRecords(image, ...records);
  image.set([0xcd, 0xab, 0x34, 0x12], 440);
  return image;
}

describe('MBR (UEFI §5.2)', () => {
  const records: Records = [
    [0xef, 1, 9],
    [0, 0, 0],
    [0x83, 10, 40],
    [0x0f, 50, 50],
  ];

  test.each([512, 4096])('the partitions of a disk with blocks of %i bytes', (blockSize) => {
    const fixture = diskOver(mbrImage(100, records, blockSize), blockSize);
    expect(found(fixture)).toEqual(['1: 1+9', '3: 10+40', '4: 50+50']);
    const partitions = findMbrPartitions(fixture.disk, NO_QUIRKS) ?? [];
    expect(partitions.map((partition) => partition.blockSize)).toEqual(
      partitions.map(() => blockSize),
    );
  });

  test('what a partition says of itself: device path, record, type', () => {
    const { disk } = diskOver(mbrImage(100, records));
    const [system, linux] = findMbrPartitions(disk, NO_QUIRKS) ?? [];
    expect(system && readHardDriveNode(system.node)).toEqual({
      partitionNumber: 1,
      partitionStart: 1n,
      partitionSize: 9n,
      signature: Uint8Array.from([0xcd, 0xab, 0x34, 0x12, ...Array.from({ length: 12 }, () => 0)]),
      mbrType: 1,
      signatureType: 1,
    });
    expect(system?.info).toMatchObject({ type: 'PARTITION_TYPE_MBR', system: true });
    expect(system && readMbrRecord(system.info.entry).osIndicator).toBe(0xef);
    expect(system?.type).toBe(EfiSystemPartitionProtocol);
    expect(linux?.info.system).toBe(false);
    expect(linux?.type).toBeUndefined();
  });

  test.each<[string, Records]>([
    [
      'a partition beyond the end of the disk',
      [
        [0x83, 1, 9],
        [0x83, 10, 91],
      ],
    ],
    [
      'partitions that overlap',
      [
        [0x83, 1, 10],
        [0x83, 10, 10],
      ],
    ],
    ['nothing but the protection of a GPT', [[0xee, 1, 99]]],
    ['no partitions', []],
  ])('%s: no MBR', (_what, broken) => {
    expect(found(diskOver(mbrImage(100, broken)))).toBe('none');
  });

  test('what protects a GPT is no partition: the others of a hybrid MBR are', () => {
    const image = mbrImage(100, [
      [0xee, 1, 9],
      [0x83, 10, 90],
    ]);
    expect(found(diskOver(image))).toEqual(['2: 10+90']);
  });

  test('without the signature it is none', () => {
    expect(found(diskOver(mbrImage(100, records).fill(0, 510, 512)))).toBe('none');
  });

  test('a read that fails is the failure of the search', () => {
    const fixture = diskOver(mbrImage(100, records));
    fixture.diskIo.failing.set(0, 'EFI_DEVICE_ERROR');
    expect(found(fixture)).toBe('EFI_DEVICE_ERROR');
  });

  test('QUIRK PartitionDxe.MbrBlocksOf512Bytes: so have they on a disk of 4096, too', () => {
    const { disk } = diskOver(mbrImage(100, records, 4096), 4096);
    const quirks = { ...NO_QUIRKS, mbrBlocksOf512Bytes: true };
    expect(findMbrPartitions(disk, quirks)?.[0]).toMatchObject({
      start: 4096,
      size: 9 * 4096,
      blockSize: 512,
    });
  });
});

/** An extended partition that begins at block 1000 of its disk, with these boot records. */
function extended(
  blocks: number,
  chain: readonly (readonly [lba: number, ...records: Records])[],
  type: number | undefined = 0x05,
): DiskFixture {
  const image = new Uint8Array(blocks * 512);
  for (const [lba, ...records] of chain) {
    writeMbrRecords(image.subarray(lba * 512, lba * 512 + 512), ...records);
  }
  const hardDrive = {
    partitionNumber: 2,
    partitionStart: 1000n,
    partitionSize: BigInt(blocks),
    signature: new Uint8Array(16),
    mbrType: 1,
    signatureType: 1,
  };
  const record = new Uint8Array(512);
  writeMbrRecords(record, [type, 1000, blocks]);
  const above: PartitionAbove = {
    hardDrive: readHardDriveNode(hardDriveNode(hardDrive)) ?? hardDrive,
    info: {
      revision: 0x00010000,
      type: 'PARTITION_TYPE_MBR',
      system: false,
      entry: readMbr(record).partitions[0]?.bytes ?? record,
    },
  };
  return diskOver(image, 512, { above });
}

describe('Logical drives of an extended partition', () => {
  test('a drive counts from its own boot record, a link from the extended partition', () => {
    const fixture = extended(100, [
      [0, [0x83, 1, 19], [0x05, 20, 30]],
      [20, [0xef, 2, 28], [0x05, 60, 40]],
      [60, [0x83, 1, 39]],
    ]);
    expect(found(fixture)).toEqual(['1: 1+19', '2: 22+28', '3: 61+39']);
    const [, second] = findMbrPartitions(fixture.disk, NO_QUIRKS) ?? [];
    expect(second && readHardDriveNode(second.node)).toMatchObject({
      partitionNumber: 2,
      partitionStart: 1022n,
      signature: new Uint8Array(16),
      signatureType: 1,
    });
    expect(second?.type).toBe(EfiSystemPartitionProtocol);
  });

  test('the drives need not stand in the order of the chain', () => {
    const chain = [
      [0, [0x83, 50, 10], [0x05, 30, 5]],
      [30, [0x83, 1, 4], [0x05, 10, 5]],
      [10, [0x83, 1, 4]],
    ] as const;
    expect(
      found(
        extended(
          100,
          chain.map(([lba, ...records]) => [lba, ...records]),
        ),
      ),
    ).toEqual(['1: 50+10', '2: 31+4', '3: 11+4']);
  });

  test('a link in the first place is followed', () => {
    const chain: Parameters<typeof extended>[1] = [
      [0, [0x05, 40, 10]],
      [40, [0x83, 1, 9]],
    ];
    expect(found(extended(100, chain))).toEqual(['1: 41+9']);
  });

  test.each<[string, Parameters<typeof extended>[1], readonly string[], string]>([
    [
      'back to the beginning',
      [
        [0, [0x83, 1, 9], [0x05, 10, 9]],
        [10, [0x83, 1, 8], [0x05, 10, 9]],
      ],
      ['1: 1+9', '2: 11+8'],
      'a link back to block 10',
    ],
    [
      'in a ring',
      [
        [0, [0x83, 1, 9], [0x05, 10, 9]],
        [10, [0x83, 1, 8], [0x05, 20, 9]],
        [20, [0x83, 1, 8], [0x05, 10, 9]],
      ],
      ['1: 1+9', '2: 11+8', '3: 21+8'],
      'a link back to block 10',
    ],
    [
      'out of the partition',
      [
        [0, [0x83, 1, 9], [0x05, 99, 1]],
        [99, [0x83, 1, 0], [0x05, 0xffffffff, 9]],
      ],
      ['1: 1+9'],
      'a link to block 4294967295',
    ],
    [
      'to a block that is none',
      [[0, [0x83, 1, 9], [0x05, 50, 9]]],
      ['1: 1+9'],
      'block 50 has no boot record',
    ],
  ])('a chain that leads %s ends there', (_what, chain, drives, said) => {
    const fixture = extended(100, chain);
    expect(found(fixture)).toEqual(drives);
    expect(fixture.said).toEqual([expect.stringContaining(said)]);
  });

  test.each<[string, Records[0], string]>([
    ['leaves the partition', [0x83, 1, 90], 'a drive ends with block 100'],
    ['leaves 32 bits', [0x83, 0xffffffff, 0xffffffff], 'a drive ends with block'],
    ['overlaps with another', [0x83, 0xfffffff0 - 10, 5], 'a drive ends with block'],
    ['covers its own boot record', [0x83, 0, 5], 'begins with its own boot record'],
  ])('a drive that %s ends the chain', (_what, drive, said) => {
    const fixture = extended(100, [
      [0, [0x83, 1, 9], [0x05, 10, 90]],
      [10, drive],
    ]);
    expect(found(fixture)).toEqual(['1: 1+9']);
    expect(fixture.said).toEqual([expect.stringContaining(said)]);
  });

  test('of two drives that overlap the first stays', () => {
    const fixture = extended(100, [
      [0, [0x83, 30, 10], [0x05, 15, 14]],
      [15, [0x83, 5, 11]],
    ]);
    expect(found(fixture)).toEqual(['1: 30+10']);
    expect(fixture.said).toEqual([expect.stringContaining('the drive at block 20 overlaps')]);
  });

  test('a chain of thousands is cut', () => {
    const chain: [number, ...Records][] = Array.from({ length: 2000 }, (_, index) => [
      index * 2,
      [0x83, 1, 1],
      [0x05, index * 2 + 2, 2],
    ]);
    const fixture = extended(4100, chain);
    expect(found(fixture)).toHaveLength(256);
    expect(fixture.said).toEqual(['MBR: 256 logical drives, then more than 256 boot records']);
  });

  test('a boot sector that looks like an MBR has no logical drives: its partition is not extended', () => {
    const chain: Parameters<typeof extended>[1] = [[0, [0x83, 1, 9]]];
    expect(found(extended(100, chain, 0x83))).toBe('none');
    const quirks = { ...NO_QUIRKS, logicalDrivesInAnyPartition: true };
    expect(found(extended(100, chain, 0x83), quirks)).toEqual(['1: 1+9']);
  });
});
