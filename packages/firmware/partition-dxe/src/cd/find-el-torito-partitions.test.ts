import type { DevicePathNode } from '@dxelab/uefi';
import { convertDeviceNodeToText } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { NO_QUIRKS, diskOver } from '../disk.fixture.ts';
import { type BootEntry, cdImage } from '../image.fixture.ts';
import type { PartitionQuirks } from '../partition-quirks.ts';
import { findElToritoPartitions } from './find-el-torito-partitions.ts';

const NO_EMULATION = 0;
const EDK2: PartitionQuirks = { ...NO_QUIRKS, elToritoCountsCdSectors: true };

/** The device path nodes of what is found on a CD of 100 sectors, with the size of their blocks. */
function images(
  entries: readonly BootEntry[],
  blockSize = 2048,
  quirks = NO_QUIRKS,
): readonly (readonly [node: string, blockSize: number])[] {
  const { disk } = diskOver(cdImage(100, entries), blockSize);
  const text = (node: DevicePathNode): string => convertDeviceNodeToText(node);
  const found = findElToritoPartitions(disk, quirks) ?? [];
  return found.map((partition) => [text(partition.node), partition.blockSize]);
}

describe('El Torito (UEFI §13.3.2.1)', () => {
  test('an image without emulation has the blocks of the CD', () => {
    expect(images([[NO_EMULATION, 40, 20]])).toEqual([['CDROM(0x0,0x14,0xa)', 2048]]);
  });

  test('the same image on a disk with smaller blocks', () => {
    expect(images([[NO_EMULATION, 40, 20]], 512)).toEqual([['CDROM(0x0,0x50,0x28)', 512]]);
  });

  test('half a block counts as one', () => {
    expect(images([[NO_EMULATION, 41, 20]])).toEqual([['CDROM(0x0,0x14,0xb)', 2048]]);
  });

  test.each([0, 1])('a count of %i: the image goes on to the end of the volume', (count) => {
    expect(images([[NO_EMULATION, count, 20]])).toEqual([['CDROM(0x0,0x14,0x50)', 2048]]);
  });

  test('the end of the disk comes before that of a volume that claims more', () => {
    const image = cdImage(100, [[NO_EMULATION, 0, 20]]).subarray(0, 60 * 2048);
    const [partition] = findElToritoPartitions(diskOver(image, 2048).disk, NO_QUIRKS) ?? [];
    expect(partition).toMatchObject({ start: 20 * 2048, size: 40 * 2048 });
  });

  test.each([
    [1, 80 * 2 * 15],
    [2, 80 * 2 * 18],
    [3, 80 * 2 * 36],
  ])('an emulated diskette (%i) has its size whatever the count says', (mediaType, sectors) => {
    const image = cdImage(2000, [[mediaType, 1, 20]]);
    const [partition] = findElToritoPartitions(diskOver(image, 2048).disk, NO_QUIRKS) ?? [];
    expect(partition).toMatchObject({ size: sectors * 512, blockSize: 512 });
  });

  test('an emulated hard disk has blocks of 512 bytes', () => {
    expect(images([[4, 40, 20]])).toEqual([['CDROM(0x0,0x14,0xa)', 512]]);
  });

  test('every bootable entry is a partition', () => {
    const entries: BootEntry[] = [
      [NO_EMULATION, 4, 20],
      [NO_EMULATION, 40, 30],
    ];
    expect(images(entries).map(([node]) => node)).toEqual([
      'CDROM(0x0,0x14,0x1)',
      'CDROM(0x1,0x1e,0xa)',
    ]);
  });

  test.each<[string, BootEntry]>([
    ['begins behind the end', [NO_EMULATION, 4, 100]],
    ['begins far behind the end', [NO_EMULATION, 0, 0xffffffff]],
    ['ends behind the end', [NO_EMULATION, 0xffff, 20]],
    ['is a diskette that is not all there', [2, 1, 20]],
  ])('an image that %s is left out, and named', (_what, entry) => {
    const { disk, said } = diskOver(cdImage(100, [entry]), 2048);
    expect(findElToritoPartitions(disk, NO_QUIRKS)).toBeUndefined();
    expect(said).toEqual([expect.stringContaining('El Torito: entry 0 is left out')]);
  });

  test.each([
    ['a catalog behind the end', 17 * 2048 + 74, 0xff, 'is not on the disk'],
    ['a broken catalog', 19 * 2048 + 4, 0xff, 'the boot catalog is broken: the words'],
  ])('%s: none, and it is said why', (_what, offset, value, why) => {
    const image = cdImage(100, [[NO_EMULATION, 4, 20]]);
    image[offset] = value;
    const { disk, said } = diskOver(image, 2048);
    expect(findElToritoPartitions(disk, NO_QUIRKS)).toBeUndefined();
    expect(said).toEqual([expect.stringContaining(why)]);
  });

  test.each([4096, 1536, 0])('a disk whose blocks of %i bytes do not divide a sector', (size) => {
    const { disk } = diskOver(cdImage(100, [[NO_EMULATION, 4, 20]]), size, { lastBlock: 49 });
    expect(findElToritoPartitions(disk, NO_QUIRKS)).toBeUndefined();
  });

  test('descriptors without end are given up', () => {
    const image = cdImage(2000, [[NO_EMULATION, 4, 20]]);
    for (let sector = 17; sector < 2000; sector += 1) {
      image.copyWithin(sector * 2048, 16 * 2048, 16 * 2048 + 6);
    }
    const { disk, diskIo } = diskOver(image, 2048);
    expect(findElToritoPartitions(disk, NO_QUIRKS)).toBeUndefined();
    expect(diskIo.reads).toBe(64);
  });

  test('QUIRK PartitionDxe.ElToritoCountsCdSectors: counts sectors of 2048 bytes, whatever is there', () => {
    expect(images([[NO_EMULATION, 40, 20]], 2048, EDK2)).toEqual([['CDROM(0x0,0x14,0x28)', 2048]]);
    expect(images([[NO_EMULATION, 40, 20]], 512, EDK2)).toEqual([['CDROM(0x0,0x50,0xa0)', 512]]);
    expect(images([[NO_EMULATION, 0xffff, 20]], 2048, EDK2)).toHaveLength(1);
    expect(images([[4, 40, 20]], 512, EDK2)).toEqual([['CDROM(0x0,0x50,0xa0)', 512]]);
  });
});
