import type { QemuMachineType } from '@dxelab/qemu-machine';
import { qemuVirtioBlk } from '@dxelab/qemu-machine';
import { BlockIoProtocol } from '@dxelab/uefi';
import type { EfiBlockIo } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { ImageFile, pattern } from './image-file.fixture.ts';
import type { QemuWorldOptions } from './qemu-world.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const BLOCK = 512;
const MIB = 2 ** 20;

interface DiskWorldOptions extends QemuWorldOptions {
  readonly profile: Profile;
  readonly access?: 'write' | 'discard' | 'read-only';
  /** Of QEMU's device. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}

/** A firmware with one disk on a modern virtio-blk-pci, connected. */
function diskWorld(image: ImageFile, options: DiskWorldOptions): QemuWorld {
  const { access = 'write', properties = {}, ...others } = options;
  const disk = qemuVirtioBlk({
    transport: 'pci-modern',
    slot: '02.0',
    image: { path: image.path, access },
    properties,
  });
  return new QemuWorld({ ...others, devices: [disk] }).connect();
}

function readAll(blockIo: EfiBlockIo, length: number, chunk: number): Uint8Array {
  const disk = new Uint8Array(length);
  for (let at = 0; at < length; at += chunk) {
    const target = disk.subarray(at, at + chunk);
    blockIo.readBlocks(blockIo.media.mediaId, at / BLOCK, target);
  }
  return disk;
}

/** Whether they are the same; `toEqual` is slow on a MiB. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

describe.skipIf(skip !== undefined)(
  `BlockIo on QEMU's own virtio-blk-pci (virtio §5.2) ${skip ?? ''}`,
  () => {
    describe.for(PROFILES)('%s', (profile) => {
      const machines: readonly QemuMachineType[] = ['q35', 'pc'];

      test.for(machines)('every block of a disk is read as it is in the file: %s', (machine) => {
        using image = new ImageFile(pattern(MIB));
        using world = diskWorld(image, { profile, machine });
        const blockIo = world.open(BlockIoProtocol);
        expect(blockIo.media).toMatchObject({ blockSize: BLOCK, lastBlock: MIB / BLOCK - 1 });
        expect(same(readAll(blockIo, MIB, BLOCK), image.bytes)).toBe(true);
        expect(same(readAll(blockIo, MIB, MIB / 4), image.bytes)).toBe(true);
      });

      test('what is written and flushed is in the file (UEFI §13.5.4)', () => {
        using image = new ImageFile(new Uint8Array(MIB));
        using world = diskWorld(image, { profile });
        const blockIo = world.open(BlockIoProtocol);
        const content = pattern(MIB);
        const { mediaId } = blockIo.media;
        blockIo.writeBlocks(mediaId, 0, content.subarray(0, BLOCK));
        blockIo.writeBlocks(mediaId, 1, content.subarray(BLOCK));
        blockIo.flushBlocks();
        expect(same(image.bytes, content)).toBe(true);
      });

      test('what is written to a disk whose changes are discarded is read back, and not in the file', () => {
        using image = new ImageFile(new Uint8Array(MIB));
        using world = diskWorld(image, { profile, access: 'discard' });
        const blockIo = world.open(BlockIoProtocol);
        blockIo.writeBlocks(blockIo.media.mediaId, 7, pattern(BLOCK));
        blockIo.flushBlocks();
        const block = new Uint8Array(BLOCK);
        blockIo.readBlocks(blockIo.media.mediaId, 7, block);
        expect(same(block, pattern(BLOCK))).toBe(true);
        expect(same(image.bytes, new Uint8Array(MIB))).toBe(true);
      });

      test('a read-only disk refuses what is written (VIRTIO_BLK_F_RO)', () => {
        using image = new ImageFile(pattern(MIB));
        using world = diskWorld(image, { profile, access: 'read-only' });
        const blockIo = world.open(BlockIoProtocol);
        expect(blockIo.media.readOnly).toBe(true);
        expect(() => blockIo.writeBlocks(blockIo.media.mediaId, 0, new Uint8Array(BLOCK))).toThrow(
          'EFI_WRITE_PROTECTED',
        );
      });

      test('disconnected and connected again it is the same disk', () => {
        using image = new ImageFile(pattern(MIB));
        using world = diskWorld(image, { profile });
        const [before] = world.handlesWith(BlockIoProtocol);
        if (before === undefined) throw new TypeError('there is no disk');
        world.bs.disconnectController(before);
        expect(world.handlesWith(BlockIoProtocol)).toEqual([]);
        world.bs.connectController(before, undefined, undefined, true);
        const blockIo = world.open(BlockIoProtocol);
        expect(same(readAll(blockIo, MIB, MIB / 8), image.bytes)).toBe(true);
      });

      test.for([
        ['a queue of 4 descriptors', { 'queue-size': 4 }],
        ['a queue of 1024 descriptors', { 'queue-size': 1024 }],
        ['no event index', { event_idx: false }],
        ['blocks of 4096 bytes', { logical_block_size: 4096, physical_block_size: 4096 }],
        ['notifications in the main loop', { ioeventfd: true }],
        ['addresses that are given by the platform (bit 33)', { iommu_platform: true }],
      ] as const)('%s', ([, properties]) => {
        using image = new ImageFile(pattern(MIB));
        using world = diskWorld(image, { profile, properties });
        const blockIo = world.open(BlockIoProtocol);
        const disk = new Uint8Array(MIB);
        blockIo.readBlocks(blockIo.media.mediaId, 0, disk);
        expect(same(disk, image.bytes)).toBe(true);
      });

      test('RAM above 4 GiB is reached like any other', () => {
        using image = new ImageFile(pattern(MIB));
        using world = diskWorld(image, { profile, memory: 3072 * MIB });
        const blockIo = world.open(BlockIoProtocol);
        const address = world.bs.allocatePages(
          'AllocateAddress',
          'EfiBootServicesData',
          MIB / 4096,
          2 ** 32,
        );
        blockIo.readBlocks(blockIo.media.mediaId, 0, { address, length: MIB });
        const bytes = new Uint8Array(MIB);
        world.machine.platform.ram.readBytes(2 ** 32, bytes);
        expect(address).toBe(2 ** 32);
        expect(same(bytes, image.bytes)).toBe(true);
      });

      test('a path with a comma, a colon and a blank', () => {
        using image = new ImageFile(pattern(MIB), 'my disk,readonly=on:1.img');
        using world = diskWorld(image, { profile });
        expect(world.open(BlockIoProtocol).media.readOnly).toBe(false);
      });
    });
  },
);
