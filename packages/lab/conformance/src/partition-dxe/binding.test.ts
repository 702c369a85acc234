import type { EfiDriverBinding, EfiHandle, EfiStatus } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DiskIoProtocol,
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  PartitionInfoProtocol,
  convertTextToDevicePath,
  devicePath,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { EfiSystemPartitionProtocol } from '@dxelab/partition-dxe';
import { describe, expect, test } from 'vitest';
import type { WorldDisk } from './disk-world.fixture.ts';
import { DiskWorld, statusOf } from './disk-world.fixture.ts';
import { gptDisk, writeMbr } from './tables.fixture.ts';

const GUID = '01234567-89ab-cdef-0123-456789abcdef';
const FIRST = `HD(1,GPT,${GUID},0x6,0xa)`;
const SECOND = `HD(2,GPT,${GUID},0x10,0x4f)`;
const twoPartitions = (): Uint8Array => gptDisk(100, [6, 15], [16, 94]);

/** What is open on a disk that PartitionDxe does not manage. */
const DISK_IO_ONLY = ['BlockIo 10 DiskIoDxe'];

const binding = (world: DiskWorld): EfiDriverBinding =>
  world.open(world.image('PartitionDxe'), DriverBindingProtocol);

/** A disk with DiskIo on it that PartitionDxe does not manage. */
function unmanagedDisk(world: DiskWorld): WorldDisk {
  const disk = world.connectDisk(twoPartitions());
  world.bs.disconnectController(disk.handle, world.image('PartitionDxe'));
  return disk;
}

/** The handle of one of the partitions. */
function handleOf(world: DiskWorld, disk: WorldDisk, path: string): EfiHandle {
  const found = world.partitions(disk).find(([text]) => text === path);
  if (found === undefined) throw new TypeError(`${path} is not there`);
  return found[1];
}

describe.each(PROFILES)('PartitionDxe, %s: Start and Stop (UEFI §11.1)', (profile) => {
  test('a handle for each partition: BlockIo, device path, partition info, type', () => {
    const world = new DiskWorld(profile);
    const disk = world.connectDisk(twoPartitions());
    expect(world.paths(disk)).toEqual([FIRST, SECOND]);
    const system = handleOf(world, disk, FIRST);
    expect(world.protocolsOn(system)).toEqual([
      'BlockIo',
      'DevicePath',
      'DiskIo',
      'EfiSystemPartition',
      'PartitionInfo',
    ]);
    expect(world.open(system, EfiSystemPartitionProtocol)).toBeNull();
    expect(world.protocolsOn(handleOf(world, disk, SECOND))).toContain('PartitionType');
    expect(world.open(system, PartitionInfoProtocol)).toMatchObject({
      type: 'PARTITION_TYPE_GPT',
      system: true,
    });
    expect(world.open(system, BlockIoProtocol).media).toMatchObject({
      logicalPartition: true,
      lastBlock: 9,
      blockSize: 512,
    });
  });

  test('the disk is held BY_DRIVER, and BY_CHILD_CONTROLLER for each partition', () => {
    const world = new DiskWorld(profile);
    const disk = world.connectDisk(twoPartitions());
    expect(world.opens(disk.handle)).toEqual([
      'BlockIo 10 DiskIoDxe',
      'DevicePath 10 PartitionDxe',
      'DiskIo 10 PartitionDxe',
      'DiskIo 8 PartitionDxe',
      'DiskIo 8 PartitionDxe',
    ]);
  });

  test('what is written to a partition is on the disk', () => {
    const world = new DiskWorld(profile);
    const disk = world.connectDisk(twoPartitions());
    const blockIo = world.open(handleOf(world, disk, SECOND), BlockIoProtocol);
    blockIo.writeBlocks(0, 3, new Uint8Array(512).fill(0xee));
    blockIo.flushBlocks();
    expect(disk.blockIo.bytes[19 * 512]).toBe(0xee);
    expect(disk.blockIo.flushes).toBe(1);
  });

  test('disconnecting takes everything away, and flushes', () => {
    const world = new DiskWorld(profile);
    const disk = world.connectDisk(twoPartitions());
    world.bs.disconnectController(disk.handle);
    expect(world.paths(disk)).toEqual([]);
    expect(world.protocolsOn(disk.handle)).toEqual(['BlockIo', 'DevicePath']);
    expect(world.opens(disk.handle)).toEqual([]);
    expect(disk.blockIo.flushes).toBe(2);
    world.bs.connectController(disk.handle, undefined, undefined, true);
    expect(world.paths(disk)).toEqual([FIRST, SECOND]);
  });

  test('one partition can be stopped alone, and comes back when the disk is connected', () => {
    const world = new DiskWorld(profile);
    const disk = world.connectDisk(twoPartitions());
    world.bs.disconnectController(disk.handle, undefined, handleOf(world, disk, FIRST));
    expect(world.paths(disk)).toEqual([SECOND]);
    world.bs.connectController(disk.handle, undefined, undefined, true);
    expect(world.paths(disk).toSorted()).toEqual([FIRST, SECOND]);
  });

  test('a partition that someone holds stays, with all that is on it', () => {
    const world = new DiskWorld(profile);
    const disk = world.connectDisk(twoPartitions());
    const { bs, core } = world;
    const first = handleOf(world, disk, FIRST);
    const by = EFI_OPEN_PROTOCOL_BY_DRIVER;
    bs.openProtocol(first, PartitionInfoProtocol, core.labImage, first, by);
    expect(statusOf(() => binding(world).stop(disk.handle, [first]))).toBe('EFI_DEVICE_ERROR');
    expect(world.paths(disk)).toEqual([FIRST, SECOND]);
    const ties = world.opens(disk.handle).filter((open) => open === 'DiskIo 8 PartitionDxe');
    expect(ties).toHaveLength(2);
    expect(statusOf(() => binding(world).stop(disk.handle, []))).toBe('EFI_DEVICE_ERROR');
    bs.closeProtocol(first, PartitionInfoProtocol, core.labImage, first);
    bs.disconnectController(disk.handle);
    expect(world.paths(disk)).toEqual([]);
  });

  test('a disk without a table shows no partition driver, and why can be asked', () => {
    const world = new DiskWorld(profile);
    const disk = world.connectDisk(new Uint8Array(100 * 512));
    expect(world.opens(disk.handle)).toEqual(DISK_IO_ONLY);
    expect(world.core.startFailures().map(({ error }) => error.message)).toEqual([
      'EFI_NOT_FOUND: no GPT, no El Torito boot catalog and no MBR',
    ]);
  });

  test('both GPTs broken: no partitions, and what was wrong with each', () => {
    const world = new DiskWorld(profile);
    const bytes = twoPartitions();
    bytes[512 + 40] = 0xee;
    bytes[95 * 512] = 0xee;
    const disk = world.connectDisk(bytes);
    expect(world.paths(disk)).toEqual([]);
    expect(world.said.filter((message) => message.includes('GPT'))).toEqual([
      expect.stringContaining('the primary is broken: the CRC-32 of the header'),
      expect.stringContaining('so is the backup: the CRC-32 of the entries'),
    ]);
    expect(world.opens(disk.handle)).toEqual(DISK_IO_ONLY);
  });

  test('logical drives stand below their extended partition', () => {
    const world = new DiskWorld(profile);
    const bytes = new Uint8Array(200 * 512);
    writeMbr(bytes, [0x83, 1, 49], [0x05, 50, 150]);
    writeMbr(bytes.subarray(50 * 512), [0x83, 1, 49], [0x05, 50, 100]);
    writeMbr(bytes.subarray(100 * 512), [0xef, 2, 98]);
    const disk = world.connectDisk(bytes);
    expect(world.paths(disk)).toEqual([
      'HD(1,MBR,0x00000000,0x1,0x31)',
      'HD(2,MBR,0x00000000,0x32,0x96)',
      'HD(2,MBR,0x00000000,0x32,0x96)/HD(1,MBR,0x00000000,0x33,0x31)',
      'HD(2,MBR,0x00000000,0x32,0x96)/HD(2,MBR,0x00000000,0x66,0x62)',
    ]);
  });

  test('a remaining path at its end: no children, and nothing is opened', () => {
    const world = new DiskWorld(profile);
    const disk = world.addDisk(twoPartitions());
    world.bs.connectController(disk.handle, undefined, devicePath(), false);
    expect(world.paths(disk)).toEqual([]);
    expect(world.opens(disk.handle)).toEqual(DISK_IO_ONLY);
  });

  test.each([
    ['a fixed disk without a medium', { mediaPresent: false }],
    [
      'a partition without a medium',
      { mediaPresent: false, removableMedia: true, logicalPartition: true },
    ],
  ])('%s is not even read', (_what, media) => {
    const world = new DiskWorld(profile);
    const disk = world.connectDisk(twoPartitions(), media);
    expect(disk.blockIo.reads).toBe(0);
    expect(world.opens(disk.handle)).toEqual(DISK_IO_ONLY);
  });

  test('an empty removable drive: EFI_NO_MEDIA, and nothing stays open', () => {
    const world = new DiskWorld(profile);
    const media = { mediaPresent: false, removableMedia: true };
    const disk = world.connectDisk(twoPartitions(), media);
    expect(world.core.startFailures().map(({ error }) => error.status)).toEqual(['EFI_NO_MEDIA']);
    expect(world.opens(disk.handle)).toEqual(DISK_IO_ONLY);
  });
});

describe.each(PROFILES)('PartitionDxe, %s: Supported (UEFI §11.1.1)', (profile) => {
  test('a remaining path must begin with a hard drive node, or be at its end', () => {
    const world = new DiskWorld(profile);
    const disk = unmanagedDisk(world);
    const supported = (remaining: string): EfiStatus =>
      binding(world).supported(disk.handle, convertTextToDevicePath(remaining));
    expect(binding(world).supported(disk.handle)).toBe('EFI_SUCCESS');
    expect(supported('')).toBe('EFI_SUCCESS');
    expect(supported(`${FIRST}/\\a`)).toBe('EFI_SUCCESS');
    expect(supported('CDROM(0x0,0x1,0x1)')).toBe('EFI_UNSUPPORTED');
    expect(supported('\\a')).toBe('EFI_UNSUPPORTED');
    expect(supported('MediaPath(1,00)')).toBe('EFI_UNSUPPORTED');
    expect(world.opens(disk.handle)).toEqual(DISK_IO_ONLY);
  });

  test('DiskIo must be there, and no other driver must hold it', () => {
    const world = new DiskWorld(profile);
    const { bs, core } = world;
    const { handle } = unmanagedDisk(world);
    const without = world.addDisk(twoPartitions());
    expect(binding(world).supported(without.handle)).toBe('EFI_UNSUPPORTED');
    const by = EFI_OPEN_PROTOCOL_BY_DRIVER;
    bs.openProtocol(handle, DiskIoProtocol, core.labImage, handle, by);
    expect(binding(world).supported(handle)).toBe('EFI_ACCESS_DENIED');
  });

  test('a disk that is managed already may be asked for more', () => {
    const world = new DiskWorld(profile);
    const disk = world.connectDisk(twoPartitions());
    expect(binding(world).supported(disk.handle)).toBe('EFI_SUCCESS');
    expect(binding(world).version).toBe(0xb);
  });
});

describe('A medium that changes (UEFI §13.9.2)', () => {
  test('reinstalling BlockIo replaces the partitions', () => {
    const world = new DiskWorld();
    const disk = world.connectDisk(twoPartitions(), { removableMedia: true });
    disk.blockIo.bytes.set(gptDisk(100, [20, 29]));
    disk.blockIo.media.mediaId = 1;
    world.bs.reinstallProtocolInterface(disk.handle, BlockIoProtocol, disk.blockIo, disk.blockIo);
    const only = `HD(1,GPT,${GUID},0x14,0xa)`;
    expect(world.paths(disk)).toEqual([only]);
    expect(world.open(handleOf(world, disk, only), BlockIoProtocol).media.mediaId).toBe(1);
  });

  test('noticed while the disk is searched: what the restarted driver has opened stays', () => {
    const world = new DiskWorld();
    const disk = world.addDisk(twoPartitions(), { removableMedia: true });
    let requests = 0;
    disk.blockIo.onRequest = () => {
      requests += 1;
      if (requests !== 3) return;
      disk.blockIo.media.mediaId = 1;
      world.bs.reinstallProtocolInterface(disk.handle, BlockIoProtocol, disk.blockIo, disk.blockIo);
    };
    world.bs.connectController(disk.handle, undefined, undefined, true);
    expect(world.paths(disk)).toEqual([FIRST, SECOND]);
    expect(world.opens(disk.handle)).toContain('DiskIo 10 PartitionDxe');
  });

  test('a stale partition tells what happened before it finds fault with the request', () => {
    const world = new DiskWorld();
    const disk = world.connectDisk(twoPartitions(), { removableMedia: true });
    const blockIo = world.open(handleOf(world, disk, FIRST), BlockIoProtocol);
    disk.blockIo.media.mediaId = 1;
    const read = (lba: number, length: number): EfiStatus =>
      statusOf(() => blockIo.readBlocks(0, lba, new Uint8Array(length)));
    expect(read(0, 512)).toBe('EFI_MEDIA_CHANGED');
    expect(read(99, 512)).toBe('EFI_MEDIA_CHANGED');
    expect(read(0, 5)).toBe('EFI_MEDIA_CHANGED');
    disk.blockIo.media.mediaPresent = false;
    expect(read(99, 512)).toBe('EFI_NO_MEDIA');
  });
});

describe('A remaining device path names one partition (UEFI §11.1.2)', () => {
  const remaining = convertTextToDevicePath(`${SECOND}/\\EFI`);

  test('only that one is made; the others when they are asked for', () => {
    const world = new DiskWorld();
    const disk = world.addDisk(twoPartitions());
    world.bs.connectController(disk.handle, undefined, remaining, false);
    expect(world.paths(disk)).toEqual([SECOND]);
    world.bs.connectController(disk.handle, undefined, undefined, true);
    expect(world.paths(disk).toSorted()).toEqual([FIRST, SECOND]);
  });

  test('a number that the disk does not have: no partition, and nothing stays open', () => {
    const world = new DiskWorld();
    const disk = world.addDisk(twoPartitions());
    const third = convertTextToDevicePath(`HD(3,GPT,${GUID},0x10,0x4f)`);
    world.bs.connectController(disk.handle, undefined, third, false);
    expect(world.paths(disk)).toEqual([]);
    expect(world.opens(disk.handle)).toEqual(DISK_IO_ONLY);
  });

  test('QUIRK PartitionDxe.IgnoresRemainingDevicePath: all are made', () => {
    const world = new DiskWorld('edk2');
    const disk = world.addDisk(twoPartitions());
    world.bs.connectController(disk.handle, undefined, remaining, false);
    expect(world.paths(disk)).toEqual([FIRST, SECOND]);
  });
});

test('partitions within partitions: eight deep, and no further', () => {
  let bytes = gptDisk(100, [6, 15]);
  for (let level = 1; level < 12; level += 1) {
    const blocks = bytes.length / 512;
    const outer = gptDisk(blocks + 20, [6, blocks + 5]);
    outer.set(bytes, 6 * 512);
    bytes = outer;
  }
  const world = new DiskWorld();
  expect(world.paths(world.connectDisk(bytes))).toHaveLength(8);
});

test('QUIRK PartitionDxe.RepairsGpt: only the edk2 profile writes to the disk', () => {
  for (const profile of PROFILES) {
    const world = new DiskWorld(profile);
    const bytes = twoPartitions();
    bytes[512 + 40] = 0xee;
    const disk = world.connectDisk(bytes);
    expect(world.paths(disk)).toEqual([FIRST, SECOND]);
    expect(disk.blockIo.writes > 0).toBe(profile === 'edk2');
    expect(Buffer.compare(bytes, twoPartitions()) === 0).toBe(profile === 'edk2');
  }
});
