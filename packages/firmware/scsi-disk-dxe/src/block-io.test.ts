import type { EfiStatus } from '@dxelab/uefi';
import { TPL_APPLICATION } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { DiskBench, bench, statusOf, unit } from './disk-bench.fixture.ts';

describe.each(PROFILES)('BlockIo of a SCSI disk, %s (UEFI §13.9)', (profile) => {
  test('reads and writes blocks, at the TPL of the caller again', () => {
    const world = bench(profile);
    const { disk } = world;
    const buffer = new Uint8Array(1024);
    disk.readBlocks(mediaIdOf(disk), 7, buffer);
    expect([buffer[0], buffer[1023]]).toEqual([7, 8]);
    disk.writeBlocks(mediaIdOf(disk), 2, buffer);
    const back = new Uint8Array(512);
    disk.readBlocks(mediaIdOf(disk), 3, back);
    expect(back[0]).toBe(8);
    expect(world.tpl).toBe(TPL_APPLICATION);
    expect(world.events).toBe(0);
  });

  test('media: from INQUIRY, its block limits, READ CAPACITY and MODE SENSE', () => {
    expect(bench(profile).disk.media).toMatchObject({
      mediaId: 1,
      mediaPresent: true,
      removableMedia: false,
      logicalPartition: false,
      readOnly: false,
      writeCaching: false,
      blockSize: 512,
      lastBlock: 63,
      optimalTransferLengthGranularity: 8,
    });
  });

  test.each<[what: string, lba: number, length: number, expected: EfiStatus]>([
    ['nothing', 0, 0, 'EFI_SUCCESS'],
    ['nothing, from beyond the end', 99, 0, 'EFI_SUCCESS'],
    ['the last block', 63, 512, 'EFI_SUCCESS'],
    ['half a block', 0, 256, 'EFI_BAD_BUFFER_SIZE'],
    ['half a block beyond the end: the size is looked at first', 64, 256, 'EFI_BAD_BUFFER_SIZE'],
    ['beyond the end', 64, 512, 'EFI_INVALID_PARAMETER'],
    ['over the end', 63, 1024, 'EFI_INVALID_PARAMETER'],
    ['an address of 2^53', 2 ** 53, 512, 'EFI_INVALID_PARAMETER'],
    ['a negative address', -1, 512, 'EFI_INVALID_PARAMETER'],
    ['a broken address', 0.5, 512, 'EFI_INVALID_PARAMETER'],
  ])('%s: %d, %d bytes is %s', (_what, lba, length, expected) => {
    const { disk } = bench(profile);
    const id = mediaIdOf(disk);
    expect(statusOf(() => disk.readBlocks(id, lba, new Uint8Array(length)))).toBe(expected);
    expect(statusOf(() => disk.writeBlocks(id, lba, new Uint8Array(length)))).toBe(expected);
  });

  test('an old MediaId is EFI_MEDIA_CHANGED, before anything else is looked at', () => {
    const { disk } = bench(profile);
    expect(statusOf(() => disk.readBlocks(9, 99, new Uint8Array(3)))).toBe('EFI_MEDIA_CHANGED');
    expect(statusOf(() => disk.writeBlocks(9, 0, new Uint8Array(0)))).toBe('EFI_MEDIA_CHANGED');
  });

  test('guest memory must be aligned as the channel asks', () => {
    const { disk } = bench(profile, { ioAlign: 8 });
    expect(disk.media.ioAlign).toBe(8);
    const read = (address: number) =>
      statusOf(() => disk.readBlocks(mediaIdOf(disk), 0, { address, length: 512 }));
    expect(read(0x1004)).toBe('EFI_INVALID_PARAMETER');
  });

  test('a write-protected disk is EFI_WRITE_PROTECTED to write, though nothing be written', () => {
    const { disk } = bench(profile, { readOnly: true });
    expect(disk.media.readOnly).toBe(true);
    const write = (length: number) =>
      statusOf(() => disk.writeBlocks(mediaIdOf(disk), 0, new Uint8Array(length)));
    expect(write(0)).toBe('EFI_WRITE_PROTECTED');
    expect(write(512)).toBe('EFI_WRITE_PROTECTED');
    expect(statusOf(() => disk.readBlocks(mediaIdOf(disk), 0, new Uint8Array(512)))).toBe(
      'EFI_SUCCESS',
    );
  });

  test('a CD-ROM has blocks of 2048 bytes and is read-only', () => {
    const { disk, unit: cd } = bench(profile, { deviceType: 5, removable: true, blockSize: 2048 });
    expect(disk.media).toMatchObject({ blockSize: 2048, readOnly: true, removableMedia: true });
    expect(cd.codes()).not.toContain(0x5a);
    const sector = new Uint8Array(2048);
    disk.readBlocks(mediaIdOf(disk), 17, sector);
    expect(sector[2047]).toBe(17);
  });

  test('blocks of 4096 bytes', () => {
    const { disk } = bench(profile, { blockSize: 4096 });
    const block = new Uint8Array(4096);
    disk.readBlocks(mediaIdOf(disk), 63, block);
    expect(block[4095]).toBe(63);
    expect(statusOf(() => disk.readBlocks(1, 0, new Uint8Array(512)))).toBe('EFI_BAD_BUFFER_SIZE');
  });
});

describe('more than 2 TiB (SBC-4 §5.15.2)', () => {
  const lastLba = 0x1_2345_6789n;

  test.each(PROFILES)('%s: READ CAPACITY (16), READ (16), WRITE (16)', (profile) => {
    const { disk, unit: large } = bench(profile, { lastLba, knowsFua: true });
    expect(disk.media.lastBlock).toBe(Number(lastLba));
    large.codes();
    const block = new Uint8Array(512);
    disk.readBlocks(1, 0x1_2345_6780, block);
    disk.writeBlocks(1, 0x1_2345_6780, block);
    expect(large.seen.map(({ cdb }) => [...cdb])).toEqual([
      [0x88, 0, 0, 0, 0, 1, 0x23, 0x45, 0x67, 0x80, 0, 0, 0, 1, 0, 0],
      [0x8a, profile === 'edk2' ? 8 : 0, 0, 0, 0, 1, 0x23, 0x45, 0x67, 0x80, 0, 0, 0, 1, 0, 0],
    ]);
  });

  test.each(PROFILES)('%s: the last block that READ (10) reaches needs no more', (profile) => {
    const { disk, unit: small } = bench(profile, { lastLba: 0xffff_fffen });
    small.codes();
    disk.readBlocks(1, 0xffff_fffe, new Uint8Array(512));
    expect(small.codes()).toEqual([0x28]);
  });

  test.each(PROFILES)('%s: what 2^53 bytes do not hold is EFI_UNSUPPORTED', (profile) => {
    expect(statusOf(() => bench(profile, { lastLba: 1n << 60n }))).toBe('EFI_UNSUPPORTED');
  });

  test('without READ CAPACITY (16) the size is not known', () => {
    const start = () => bench('specification', { lastLba, knowsCapacity16: false });
    expect(statusOf(start)).toBe('EFI_DEVICE_ERROR');
  });
});

describe('physical blocks (ScsiDiskDxe.AlignmentMisread)', () => {
  test.each<[bigint | undefined, 'specification' | 'edk2', number, number]>([
    [undefined, 'specification', 8, 0],
    [undefined, 'edk2', 0, 0],
    [0x1_0000_0000n, 'specification', 8, 0],
    [0x1_0000_0000n, 'edk2', 8, 0xc000],
  ])('last block %s, %s: %d in each, lowest aligned %d', (lastLba, profile, blocks, lowest) => {
    const large = lastLba === undefined ? {} : { lastLba };
    const { media } = bench(profile, { ...large, physicalBlockExponent: 3, thin: true }).disk;
    expect(media.logicalBlocksPerPhysicalBlock).toBe(blocks);
    expect(media.lowestAlignedLba).toBe(lowest);
  });

  test('a disk that does not know READ CAPACITY (16) says nothing of it', () => {
    const { disk } = bench('specification', { knowsCapacity16: false });
    expect(disk.media).toMatchObject({ lastBlock: 63, logicalBlocksPerPhysicalBlock: 0 });
  });
});

describe('block sizes (ScsiDiskDxe.CapacityBelieved)', () => {
  test.each([0, 256, 520, 0x2_0000])('%d bytes: EFI_UNSUPPORTED, or believed', (blockSize) => {
    const capacity = Uint8Array.of(0, 0, 0, 63, 0, blockSize >> 16, blockSize >> 8, blockSize);
    const odd = () => unit().script({ to: 0x25, data: capacity });
    expect(statusOf(() => new DiskBench('specification', odd()))).toBe('EFI_UNSUPPORTED');
    expect(new DiskBench('edk2', odd()).disk.media.blockSize).toBe(blockSize);
  });

  test('READ CAPACITY that ends with CHECK CONDITION: tried again, or a block of 0 bytes', () => {
    const early = () => unit().script({ to: 0x25, sense: [6, 0x2900] });
    expect(new DiskBench('specification', early()).disk.media.lastBlock).toBe(63);
    const { disk } = new DiskBench('edk2', early());
    expect(disk.media).toMatchObject({ blockSize: 0, lastBlock: 0, mediaPresent: true });
    expect(statusOf(() => disk.readBlocks(1, 0, new Uint8Array(512)))).toBe('EFI_DEVICE_ERROR');
  });
});

describe('the write cache (ScsiDiskDxe.FuaInsteadOfFlush)', () => {
  test('specification: FlushBlocks is SYNCHRONIZE CACHE, if there is a cache', () => {
    const { disk, unit: cached } = bench('specification', { writeCache: true, knowsFua: true });
    expect(disk.media.writeCaching).toBe(true);
    cached.codes();
    disk.writeBlocks(1, 0, new Uint8Array(512));
    disk.flushBlocks();
    expect(cached.seen.map(({ code, cdb }) => [code, cdb[1]])).toEqual([
      [0x2a, 0],
      [0x35, 0],
    ]);
    const { disk: plain, unit: uncached } = bench('specification');
    uncached.codes();
    plain.flushBlocks();
    expect(uncached.codes()).toEqual([]);
  });

  test('specification: a flush that fails is EFI_DEVICE_ERROR', () => {
    const { disk, unit: cached } = bench('specification', { writeCache: true });
    cached.script({ to: 0x35, sense: [3, 0x0c00] });
    expect(statusOf(() => disk.flushBlocks())).toBe('EFI_DEVICE_ERROR');
  });

  test.each<[boolean, boolean, number]>([
    [true, false, 8],
    [false, true, 8],
    [false, false, 0],
  ])(
    'edk2: cache %s, FUA known %s: writes with %d, and never a flush',
    (writeCache, knowsFua, flags) => {
      const { disk, unit: device } = bench('edk2', { writeCache, knowsFua });
      expect(disk.media.writeCaching).toBe(false);
      device.codes();
      disk.writeBlocks(1, 0, new Uint8Array(512));
      disk.flushBlocks();
      expect(device.seen.map(({ code, cdb }) => [code, cdb[1]])).toEqual([[0x2a, flags]]);
    },
  );

  test('edk2: a disk that does not say gets FUA, too', () => {
    const { disk, unit: silent } = bench('edk2', { knowsModePages: false });
    expect(silent.codes().filter((code) => code === 0x5a)).toHaveLength(3);
    disk.writeBlocks(1, 0, new Uint8Array(512));
    expect(silent.seen[0]?.cdb[1]).toBe(8);
  });
});

describe('Reset (ScsiDiskDxe.ResetUnsupportedSucceeds)', () => {
  test.each(PROFILES)('%s: the device, and with extended verification the channel', (profile) => {
    const { disk, unit: device } = bench(profile);
    disk.reset(false);
    disk.reset(true);
    expect(device.resets).toEqual(['device', 'device', 'bus']);
  });

  test.each<['specification' | 'edk2', EfiStatus]>([
    ['specification', 'EFI_DEVICE_ERROR'],
    ['edk2', 'EFI_SUCCESS'],
  ])('%s: a channel that cannot reset: %s', (profile, expected) => {
    const { disk, unit: device } = bench(profile);
    device.resetThrows = 'EFI_UNSUPPORTED';
    expect(statusOf(() => disk.reset(false))).toBe(expected);
    expect(statusOf(() => disk.reset(true))).toBe('EFI_DEVICE_ERROR');
    device.resetThrows = 'EFI_TIMEOUT';
    expect(statusOf(() => disk.reset(false))).toBe('EFI_DEVICE_ERROR');
  });
});

function mediaIdOf({ media }: { readonly media: { readonly mediaId: number } }): number {
  return media.mediaId;
}
