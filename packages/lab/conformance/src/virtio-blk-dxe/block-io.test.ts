import { describe, expect, test } from 'vitest';
import { PROFILES } from '@dxelab/uefi-lib';
import type { EfiBlockIo } from '@dxelab/uefi';
import { BlockIoProtocol, EFI_PAGE_SIZE } from '@dxelab/uefi';
import { VIRTIO_BLK_CONFIG, VIRTIO_BLK_F_TOPOLOGY } from '@dxelab/virtio';
import { MemoryBackend, SparseBackend } from '@dxelab/virtio-devices';
import { BlkWorld } from './blk-world.fixture.ts';

describe.each(PROFILES)('EFI_BLOCK_IO_PROTOCOL (UEFI §13.9), %s', (profile) => {
  test('reads into an array and into guest memory what is on the disk', () => {
    const world = new BlkWorld({ profile });
    const disk = world.open();
    const sectors = new Uint8Array(3 * 512);
    disk.readBlocks(0, 5, sectors);
    expect(world.holds(sectors, 5 * 512)).toBe(true);

    const page = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
    disk.readBlocks(0, 9, { address: page, length: EFI_PAGE_SIZE });
    const guest = new Uint8Array(EFI_PAGE_SIZE);
    world.machine.platform.ram.readBytes(page, guest);
    expect(world.holds(guest, 9 * 512)).toBe(true);
  });

  test('writes from an array and from guest memory, and nothing beside it', () => {
    const world = new BlkWorld({ profile });
    const disk = world.open();
    const before = world.disk.slice();
    disk.writeBlocks(0, 2, new Uint8Array(512).fill(0xa5));
    const page = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
    world.machine.platform.ram.fill(page, 1024, 0x5a);
    disk.writeBlocks(0, 7, { address: page, length: 1024 });
    disk.flushBlocks();
    before.fill(0xa5, 2 * 512, 3 * 512).fill(0x5a, 7 * 512, 9 * 512);
    expect(world.holds(before, 0)).toBe(true);
    expect(world.findings).toEqual([]);
  });

  test.each<[string, number, number, string]>([
    ['no whole block', 0, 100, 'EFI_BAD_BUFFER_SIZE'],
    ['past the end', 2048, 512, 'EFI_INVALID_PARAMETER'],
    ['across the end', 2047, 1024, 'EFI_INVALID_PARAMETER'],
    ['before the beginning', -1, 512, 'EFI_INVALID_PARAMETER'],
    ['half a block number', 0.5, 512, 'EFI_INVALID_PARAMETER'],
    ['beyond 2^53', 2 ** 60, 512, 'EFI_INVALID_PARAMETER'],
  ])('%s: block %d, %d bytes: %s', (_what, lba, length, status) => {
    const world = new BlkWorld({ profile });
    const disk = world.open();
    expect(() => disk.readBlocks(0, lba, new Uint8Array(length))).toThrow(status);
    expect(() => disk.writeBlocks(0, lba, new Uint8Array(length))).toThrow(status);
  });

  test('a size of 0 succeeds, wherever it is', () => {
    const world = new BlkWorld({ profile });
    const disk = world.open();
    expect(() => disk.readBlocks(0, 1e6, new Uint8Array(0))).not.toThrow();
  });

  test('a read-only disk is write-protected, after the range was checked', () => {
    const world = new BlkWorld({ profile, blk: { readOnly: true } });
    const disk = world.open();
    expect(disk.media.readOnly).toBe(true);
    expect(() => disk.writeBlocks(0, 0, new Uint8Array(512))).toThrow('EFI_WRITE_PROTECTED');
    expect(() => disk.writeBlocks(0, 4096, new Uint8Array(512))).toThrow('EFI_INVALID_PARAMETER');
  });

  test.each(['IOERR', 'UNSUPP'] as const)(
    'a request that ends with %s is a device error',
    (status) => {
      const world = new BlkWorld({ profile, blk: { status } });
      const disk = world.open();
      expect(() => disk.readBlocks(0, 0, new Uint8Array(512))).toThrow('EFI_DEVICE_ERROR');
    },
  );

  test('blocks of 4096 bytes', () => {
    const world = new BlkWorld({ profile, blk: { blockSize: 4096 } });
    const disk = world.open();
    expect(disk.media).toMatchObject({ blockSize: 4096, lastBlock: 255 });
    const block = new Uint8Array(4096);
    disk.readBlocks(0, 255, block);
    expect(world.holds(block, 255 * 4096)).toBe(true);
  });

  test('topology makes revision 3', () => {
    const topology = { physicalBlockExp: 3, alignmentOffset: 1, optIoSize: 16 };
    const { revision, media } = new BlkWorld({ profile, blk: { topology } }).open();
    expect(revision).toBe(0x2001f);
    expect(media).toMatchObject({
      lowestAlignedLba: 1,
      logicalBlocksPerPhysicalBlock: 8,
      optimalTransferLengthGranularity: 16,
    });
  });

  test('a device that takes its time is waited for', () => {
    const world = new BlkWorld({ profile, blk: { latency: 3_000_000 } });
    const disk = world.open();
    const { cycles } = world.machine.platform;
    const before = cycles.now;
    disk.readBlocks(0, 0, new Uint8Array(512));
    expect(cycles.now - before).toBeGreaterThanOrEqual(3_000_000);
  });

  test('Stop gives back every page and every event, and Start works again', () => {
    const world = new BlkWorld({ profile });
    const handle = world.connect();
    world.bs.disconnectController(handle);
    const before = world.freePages();
    for (let round = 0; round < 3; round++) {
      world.bs.connectController(handle, undefined, undefined, true);
      world.bs.disconnectController(handle);
    }
    expect(world.freePages()).toBe(before);
  });

  test('after ExitBootServices the device is reset and makes no DMA', () => {
    const world = new BlkWorld({ profile, blk: { latency: 1_000_000 } });
    world.open().readBlocks(0, 0, new Uint8Array(512));
    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    const counts = world.machine.dmas.map(({ accesses }) => accesses);
    world.machine.platform.clock.delay(1e9);
    expect(world.machine.dmas.map(({ accesses }) => accesses)).toEqual(counts);
    expect(() => world.bs.getMemoryMap()).toThrow(/GetMemoryMap after lab had ended boot services/);
  });
});

describe('where the profiles differ', () => {
  test.each([
    ['specification', 0x10000],
    ['edk2', 0],
  ] as const)('%s: without topology the revision is %i', (profile, revision) => {
    expect(new BlkWorld({ profile, withhold: VIRTIO_BLK_F_TOPOLOGY }).open().revision).toBe(
      revision,
    );
  });

  test('specification: the wrong MediaId is EFI_MEDIA_CHANGED, before anything else', () => {
    const disk = new BlkWorld().open();
    expect(() => disk.readBlocks(1, 1e6, new Uint8Array(3))).toThrow('EFI_MEDIA_CHANGED');
  });

  test('edk2: the MediaId is not looked at', () => {
    const disk = new BlkWorld({ profile: 'edk2' }).open();
    expect(() => disk.readBlocks(1, 0, new Uint8Array(512))).not.toThrow();
  });

  test('specification: transfers are cut to size_max and seg_max (virtio §5.2.3)', () => {
    const world = new BlkWorld({ blk: { sizeMax: 1000, segMax: 3 } });
    const disk = world.open();
    const target = new Uint8Array(64 * 512);
    disk.readBlocks(0, 3, target);
    expect(world.holds(target, 3 * 512)).toBe(true);
    expect(world.events.filter((name) => name === 'virtio_blk_handle_read')).toHaveLength(13);
    expect(world.findings).toEqual([]);
  });

  test('edk2: one descriptor, whatever the device says, and the device reports the rule', () => {
    const world = new BlkWorld({ profile: 'edk2', blk: { sizeMax: 1000, segMax: 3 } });
    const disk = world.open();
    disk.readBlocks(0, 0, new Uint8Array(4096));
    expect(world.events.filter((name) => name === 'virtio_blk_handle_read')).toHaveLength(1);
  });

  test('specification: Reset sets the device up again; edk2: it does nothing', () => {
    const world = new BlkWorld();
    const disk = world.open();
    expect(world.during(() => disk.reset(false))).toContain('W8 common+14 = 0f');
    disk.readBlocks(0, 0, new Uint8Array(512));

    const shipping = new BlkWorld({ profile: 'edk2' });
    const other = shipping.open();
    expect(shipping.during(() => other.reset(true))).toEqual([]);
  });
});

describe('specification: a device that does not come back from Reset', () => {
  const lost = (): { world: BlkWorld; disk: EfiBlockIo } => {
    const world = new BlkWorld();
    const disk = world.open();
    const { capacity, sizeMax } = VIRTIO_BLK_CONFIG;
    world.device.config.fill(0, capacity, sizeMax);
    expect(() => disk.reset(false)).toThrow(/EFI_DEVICE_ERROR.*could not be set up again.*has 0/);
    return { world, disk };
  };

  test('refuses requests without touching it, until a Reset succeeds', () => {
    const { world, disk } = lost();
    const read = (): void => disk.readBlocks(0, 0, new Uint8Array(512));
    expect(world.during(() => expect(read).toThrow(/EFI_DEVICE_ERROR.*did not come back/))).toEqual(
      [],
    );
    world.device.config[VIRTIO_BLK_CONFIG.capacity + 1] = 8;
    disk.reset(false);
    expect(read).not.toThrow();
    expect(world.findings).toEqual([]);
  });

  test('can be stopped, and nothing is given back twice', () => {
    const { world } = lost();
    const handle = world.only(BlockIoProtocol);
    world.bs.disconnectController(handle);
    expect(world.has(BlockIoProtocol)).toBe(false);
    const before = world.freePages();
    const fresh = new BlkWorld();
    fresh.bs.disconnectController(fresh.connect());
    expect(before).toBe(fresh.freePages());
  });

  test('one that comes back with other limits is taken as it is', () => {
    const world = new BlkWorld({ blk: { sizeMax: 4096, segMax: 4 } });
    const disk = world.open();
    new DataView(world.device.config.buffer).setUint32(VIRTIO_BLK_CONFIG.segMax, 1, true);
    disk.reset(false);
    world.events.length = 0;
    disk.readBlocks(0, 0, new Uint8Array(16384));
    expect(world.events.filter((name) => name === 'virtio_blk_handle_read')).toHaveLength(4);
  });
});

describe('a device that no driver could use is refused, and leaves nothing behind', () => {
  test.each<[string, object, RegExp]>([
    ['queue size 0', { queueSize: 0 }, /virtqueue 0 has 0 descriptors/],
    ['queue size 2', { queueSize: 2 }, /virtqueue 0 has 2 descriptors/],
    ['capacity 0', { claimedCapacity: 0n }, /the device has 0/],
    ['capacity 2^64-1', { claimedCapacity: 2n ** 64n - 1n }, /the device has 18446744073709551615/],
  ])('%s', (_what, blk, message) => {
    const world = new BlkWorld({ blk });
    expect(() => world.connect()).toThrow(message);
    expect(world.failures().join()).toMatch(/EFI_UNSUPPORTED/);
  });

  test.each<[string, keyof typeof VIRTIO_BLK_CONFIG, number, RegExp]>([
    ['blk_size 0', 'blkSize', 0, /blk_size 0/],
    ['blk_size 1000', 'blkSize', 1000, /blk_size 1000/],
    ['blk_size 1536, which does not divide 2048 sectors', 'blkSize', 1536, /blk_size 1536/],
    ['physical_block_exp 32', 'physicalBlockExp', 32, /physical_block_exp 32/],
  ])('%s, in both profiles', (_what, field, value, message) => {
    for (const profile of PROFILES) {
      const world = new BlkWorld({ profile });
      // the byte behind the exponent is alignment_offset, which may be 0
      new DataView(world.device.config.buffer).setUint16(VIRTIO_BLK_CONFIG[field], value, true);
      expect(() => world.connect()).toThrow(message);
    }
  });

  test('specification: one whose limits do not let a block pass', () => {
    expect(() => new BlkWorld({ blk: { sizeMax: 100, segMax: 5 } }).connect()).toThrow(
      /EFI_UNSUPPORTED: 5 segments of 100 bytes do not hold a block of 512/,
    );
    expect(() =>
      new BlkWorld({ profile: 'edk2', blk: { sizeMax: 100, segMax: 5 } }).connect(),
    ).not.toThrow();
  });

  test('physical_block_exp 31 and blocks of 8 KiB are strange, and good', () => {
    for (const profile of PROFILES) {
      const world = new BlkWorld({ profile, blk: { topology: { physicalBlockExp: 31 } } });
      new DataView(world.device.config.buffer).setUint32(VIRTIO_BLK_CONFIG.blkSize, 8192, true);
      const { media } = world.open();
      expect(media).toMatchObject({
        blockSize: 8192,
        lastBlock: 127,
        logicalBlocksPerPhysicalBlock: 2 ** 31,
      });
    }
  });

  test('a disk of 2 TiB is not', () => {
    const world = new BlkWorld({ blk: { backend: new SparseBackend(2 ** 41) } });
    const disk = world.open();
    expect(disk.media.lastBlock).toBe(2 ** 32 - 1);
    disk.writeBlocks(0, 2 ** 32 - 1, new Uint8Array(512).fill(7));
    const last = new Uint8Array(512);
    disk.readBlocks(0, 2 ** 32 - 1, last);
    expect(last.every((byte) => byte === 7)).toBe(true);
  });
});

test('what flush promised is on the disk, and what was not flushed may not be', () => {
  const backend = new MemoryBackend(new Uint8Array(4096));
  let flushes = 0;
  const counting = {
    size: backend.size,
    readOnly: false,
    read: backend.read.bind(backend),
    write: backend.write.bind(backend),
    flush: () => {
      flushes += 1;
    },
  };
  const disk = new BlkWorld({ blk: { backend: counting } }).open();
  disk.writeBlocks(0, 0, new Uint8Array(512));
  expect(flushes).toBe(0);
  disk.flushBlocks();
  expect(flushes).toBe(1);
});
