import type { EfiBlockIoMedia, HardDrive } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  devicePathNodes,
  readHardDriveNode,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import type { ListedTable } from './disk-tools.fixture.ts';
import { ToolImage, missingTools } from './disk-tools.fixture.ts';
import type { WorldDisk } from './disk-world.fixture.ts';
import { DiskWorld } from './disk-world.fixture.ts';

const MIB = 2 ** 20;
/** Why these tests are skipped; it stands in their title. */
const skip = missingTools();

/** What PartitionDxe makes of an image. */
function partitionsOf(bytes: Uint8Array, profile: Profile, media: Partial<EfiBlockIoMedia> = {}) {
  const world = new DiskWorld(profile);
  const disk = world.connectDisk(bytes, media);
  return { world, disk, paths: world.paths(disk) };
}

/** The texts of the device path nodes that a GPT calls for. */
const gptNodes = (table: ListedTable): readonly string[] =>
  table.partitions.flatMap(({ attrs = '', size, start, uuid = '' }, index) => {
    if (attrs.includes('NoBlockIOProtocol')) return [];
    const range = `0x${start.toString(16)},0x${size.toString(16)}`;
    return [`HD(${index + 1},GPT,${uuid.toLowerCase()},${range})`];
  });

/** The last nodes of the partitions' paths. */
function hardDrives(world: DiskWorld, disk: WorldDisk): readonly HardDrive[] {
  return world.partitions(disk).flatMap(([, handle]) => {
    const nodes = [...devicePathNodes(world.open(handle, DevicePathProtocol))];
    const drive = readHardDriveNode(nodes.at(-1) ?? new Uint8Array(0));
    return drive === undefined ? [] : [drive];
  });
}

/** Whether the first block of every partition is, through its BlockIo, the one that the tool means. */
function firstBlocksAgree(
  bytes: Uint8Array,
  starts: readonly number[],
  media = { blockSize: 512 },
) {
  const marked = bytes.slice();
  for (const [index, start] of starts.entries()) marked[start * media.blockSize] = index + 1;
  const { world, disk } = partitionsOf(marked, 'specification', media);
  return world.partitions(disk).map(([, handle]) => {
    const blockIo = world.open(handle, BlockIoProtocol);
    const block = new Uint8Array(media.blockSize);
    blockIo.readBlocks(0, 0, block);
    return block[0];
  });
}

describe.skipIf(skip !== undefined)(
  `PartitionDxe and Debian's tools${skip === undefined ? '' : `, ${skip}`}`,
  () => {
    /** A GPT by sgdisk, made once: an ESP, one that firmware must leave alone, and the rest. */
    const made: { readonly bytes: Uint8Array; readonly table: ListedTable }[] = [];
    function threePartitions(): { readonly bytes: Uint8Array; readonly table: ListedTable } {
      if (made.length === 0) {
        using image = new ToolImage(64 * MIB);
        const system = ['-n1:2048:+8M', '-t1:ef00', '-c1:EFI System'];
        image.sgdisk(...system, '-n2:0:+16M', '-A2:set:1', '-n3:0:0');
        made.push({ bytes: image.bytes, table: image.list() });
      }
      const [{ bytes, table } = { bytes: new Uint8Array(0), table: { id: '', partitions: [] } }] =
        made;
      return { bytes: bytes.slice(), table };
    }

    test.each(PROFILES)('%s: a GPT by sgdisk', (profile) => {
      const { bytes, table } = threePartitions();
      expect(table.partitions).toHaveLength(3);
      const { paths, world } = partitionsOf(bytes, profile);
      expect(paths).toEqual(gptNodes(table));
      expect(paths).toHaveLength(2);
      expect(world.said.filter((message) => message.includes('GPT'))).toEqual([]);
    });

    test('128 partitions', () => {
      using image = new ToolImage(64 * MIB);
      image.sgdisk(...Array.from({ length: 128 }, (_, index) => `-n${index + 1}:0:+256K`));
      const table = image.list();
      expect(table.partitions).toHaveLength(128);
      const { paths } = partitionsOf(image.bytes, 'specification');
      expect(paths).toEqual(gptNodes(table));
      const starts = table.partitions.map(({ start }) => start);
      const numbers = starts.map((_, index) => index + 1);
      expect(firstBlocksAgree(image.bytes, starts)).toEqual(numbers);
    });

    test.each([4096, 2048, 1024])('a GPT on blocks of %i bytes, by fdisk', (blockSize) => {
      using image = new ToolImage(64 * MIB);
      const system = ['n', '', '', '+8M', 't', '1'];
      image.fdisk(blockSize, 'g', ...system, 'n', '', '', '+16M', 'n', '', '', '', 'w');
      const rows = image.columns(blockSize, 'Start,Sectors,Type-UUID,UUID');
      const partitions = rows.map(([start, size, type = '', uuid = '']) => ({
        start: Number(start),
        size: Number(size),
        type,
        uuid,
      }));
      expect(partitions).toHaveLength(3);
      const { paths } = partitionsOf(image.bytes, 'specification', { blockSize });
      expect(paths).toEqual(gptNodes({ id: '', partitions }));
      const starts = partitions.map(({ start }) => start);
      expect(firstBlocksAgree(image.bytes, starts, { blockSize })).toEqual([1, 2, 3]);
    });

    test('a primary GPT that is gone: the backup, and not a byte is written', () => {
      const { bytes, table } = threePartitions();
      bytes.fill(0, 512, 34 * 512);
      const before = bytes.slice();
      const { paths, world } = partitionsOf(bytes, 'specification');
      expect(paths).toEqual(gptNodes(table));
      expect(world.said[0]).toContain(
        'GPT: the backup is used, the primary is broken: expected the',
      );
      expect(Buffer.compare(bytes, before)).toBe(0);
    });

    test.each([
      ['primary', 512, 34 * 512],
      ['backup', 64 * MIB - 33 * 512, 64 * MIB],
    ])(
      'QUIRK PartitionDxe.RepairsGpt: sgdisk is content with the %s that edk2 wrote',
      (_w, at, end) => {
        const { bytes, table } = threePartitions();
        const sound = bytes.slice();
        const { disk, paths } = partitionsOf(bytes.fill(0, at, end), 'edk2');
        expect(paths).toEqual(gptNodes(table));
        expect(Buffer.compare(disk.blockIo.bytes, sound)).toBe(0);
        using image = new ToolImage();
        image.bytes = disk.blockIo.bytes;
        expect(image.sgdisk('-v')).toContain('No problems found');
      },
    );

    test('both GPTs gone: nothing, for the protective MBR has no partitions', () => {
      const { bytes } = threePartitions();
      bytes.fill(0, 512, 34 * 512).fill(0, 64 * MIB - 512);
      expect(partitionsOf(bytes, 'specification').paths).toEqual([]);
    });

    test('a hybrid MBR: the GPT counts, and without it the MBR', () => {
      using image = new ToolImage();
      image.bytes = threePartitions().bytes;
      image.sgdisk('-h1:3');
      const { paths } = partitionsOf(image.bytes, 'specification');
      expect(paths).toEqual(gptNodes(image.list()));
      const [protection, ...others] = image.list('dos').partitions;
      expect(protection?.type).toBe('ee');
      const bytes = image.bytes.fill(0, 512, 34 * 512).fill(0, 64 * MIB - 512);
      const { disk, world } = partitionsOf(bytes, 'specification');
      expect(hardDrives(world, disk)).toMatchObject(
        others.map(({ size, start }, index) => ({
          partitionNumber: index + 2,
          partitionStart: BigInt(start),
          partitionSize: BigInt(size),
        })),
      );
    });

    test.each(PROFILES)('%s: an MBR with logical drives by sfdisk', (profile) => {
      using image = new ToolImage(64 * MIB);
      image.sfdisk(
        'label: dos',
        'label-id: 0x1234abcd',
        'size=8M,type=ef',
        'size=8M',
        'type=5',
        'size=4M',
        'size=4M,type=ef',
        'size=4M',
        'size=1M',
      );
      const table = image.list();
      expect(table.partitions).toHaveLength(7);
      const { disk, paths, world } = partitionsOf(image.bytes, profile);
      expect(paths[0]).toBe('HD(1,MBR,0x1234abcd,0x800,0x4000)');
      expect(hardDrives(world, disk)).toMatchObject(
        table.partitions.map(({ size, start }, index) => ({
          partitionNumber: index < 3 ? index + 1 : index - 2,
          partitionStart: BigInt(start),
          partitionSize: BigInt(size),
        })),
      );
      const starts = table.partitions.map(({ start }) => start);
      expect(firstBlocksAgree(image.bytes, starts)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const systems = world
        .partitions(disk)
        .filter(([, handle]) => world.protocolsOn(handle).includes('EfiSystemPartition'));
      expect(systems.map(([text]) => text)).toEqual([paths[0], paths[4]]);
    });

    test('an MBR on blocks of 4096 bytes, by fdisk', () => {
      using image = new ToolImage(64 * MIB);
      const logical = ['n', '', '+4M'];
      const extended = ['n', 'e', '2', '', ''];
      image.fdisk(4096, 'o', 'n', 'p', '1', '', '+8M', ...extended, ...logical, ...logical, 'w');
      const rows = image
        .columns(4096, 'Device,Start,Sectors')
        .map((row) => row.slice(1).map(Number));
      expect(rows).toHaveLength(4);
      const { disk, world } = partitionsOf(image.bytes, 'specification', { blockSize: 4096 });
      expect(
        hardDrives(world, disk).map(({ partitionSize, partitionStart }) => [
          Number(partitionStart),
          Number(partitionSize),
        ]),
      ).toEqual(rows);
      const starts = rows.map(([start = 0]) => start);
      expect(firstBlocksAgree(image.bytes, starts, { blockSize: 4096 })).toEqual([1, 2, 3, 4]);
    });

    describe('CDs by xorriso', () => {
      const diskette = new Uint8Array(1440 * 1024).fill(7);
      const bios = new Uint8Array(2048).fill(8);
      const uefi = ['-eltorito-alt-boot', '-e', 'efi.img', '-no-emul-boot'];

      test.each([2048, 512])('two images without emulation, on blocks of %i bytes', (blockSize) => {
        using image = new ToolImage();
        const boot = ['-b', 'bios.bin', '-no-emul-boot', '-boot-load-size', '4', ...uefi];
        image.mkisofs({ 'bios.bin': bios, 'efi.img': diskette }, ...boot);
        const listed = image.elTorito();
        expect(listed.map(([, sectors]) => sectors)).toEqual([4, 2880]);
        const { disk, paths, world } = partitionsOf(image.bytes, 'specification', { blockSize });
        const perBlock = 2048 / blockSize;
        expect(paths).toEqual(
          listed.map(([, sectors, lba], index) => {
            const blocks = (sectors * 512) / blockSize;
            return `CDROM(0x${index},0x${(lba * perBlock).toString(16)},0x${blocks.toString(16)})`;
          }),
        );
        const contents = world.partitions(disk).map(([, handle]) => {
          const blockIo = world.open(handle, BlockIoProtocol);
          const { lastBlock } = blockIo.media;
          const content = new Uint8Array((lastBlock + 1) * blockIo.media.blockSize);
          blockIo.readBlocks(0, 0, content);
          return Buffer.from(content);
        });
        expect(contents[0]?.equals(bios)).toBe(true);
        expect(contents[1]?.equals(diskette)).toBe(true);
      });

      test('an emulated diskette', () => {
        using image = new ToolImage();
        image.mkisofs({ 'boot.img': diskette }, '-b', 'boot.img');
        const [[emulation, , lba] = ['', 0, 0]] = image.elTorito();
        expect(emulation).toBe('fd1.4');
        const { disk, paths, world } = partitionsOf(image.bytes, 'specification', {
          blockSize: 2048,
        });
        expect(paths).toEqual([`CDROM(0x0,0x${lba.toString(16)},0x2d0)`]);
        const [, handle] = world.partitions(disk)[0] ?? [];
        expect(handle && world.open(handle, BlockIoProtocol).media).toMatchObject({
          blockSize: 512,
          lastBlock: 2879,
        });
      });

      test('an image for both: on a CD by El Torito, on a disk by its GPT', () => {
        using image = new ToolImage();
        image.mkisofs({ 'efi.img': diskette });
        const appended = ['-append_partition', '2', '0xef', `${image.folder}/tree/efi.img`];
        const whole = '--interval:appended_partition_2:all::';
        const boot = ['-eltorito-alt-boot', '-e', whole, '-no-emul-boot'];
        image.mkisofs({}, ...appended, '-appended_part_as_gpt', ...boot);
        const cd = partitionsOf(image.bytes, 'specification', { blockSize: 2048 });
        const [[, sectors, lba] = ['', 0, 0]] = image.elTorito();
        expect(cd.paths).toEqual([
          `CDROM(0x0,0x${lba.toString(16)},0x${(sectors / 4).toString(16)})`,
        ]);
        const onDisk = partitionsOf(image.bytes, 'specification');
        expect(onDisk.paths).toEqual(gptNodes(image.list()));
      });
    });
  },
);
