import { BackendError, MemoryBackend, SparseBackend } from '@dxelab/virtio-devices';
import type { EfiStatus } from '@dxelab/uefi';
import { BlockIoProtocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import { describe, expect, test } from 'vitest';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { ScsiDiskWorld, numbered, statusOf } from './disk-world.fixture.ts';

const MIB = 2 ** 20;

/** Reads the first block, with the id that the medium has now. */
function read(world: ScsiDiskWorld): EfiStatus {
  const [handle] = [...world.below(BlockIoProtocol).values()];
  if (handle === undefined) throw new TypeError('there is no disk');
  const { media, readBlocks } = bound(world.open(handle, BlockIoProtocol));
  return statusOf(() => readBlocks(media.mediaId, 0, new Uint8Array(media.blockSize)));
}

function bound(blockIo: ReturnType<ScsiDiskWorld['openDisk']>) {
  const readBlocks = blockIo.readBlocks.bind(blockIo);
  return { media: blockIo.media, readBlocks };
}

/** A disk of which some blocks cannot be read or written. */
class BadBlocks extends MemoryBackend {
  readonly bad: ReadonlySet<number>;

  constructor(bytes: Uint8Array, bad: readonly number[]) {
    super(bytes);
    this.bad = new Set(bad);
  }

  override read(position: number, target: Uint8Array, offset: number, length: number): void {
    this.#check(position, length);
    super.read(position, target, offset, length);
  }

  override write(position: number, source: Uint8Array, offset: number, length: number): void {
    this.#check(position, length);
    super.write(position, source, offset, length);
  }

  #check(position: number, length: number): void {
    for (let at = position; at < position + length; at += 512) {
      if (this.bad.has(Math.floor(at / 512))) throw new BackendError(`block at ${at} is bad`);
    }
  }
}

describe.each(PROFILES)('media of a SCSI host, %s', (profile) => {
  test('a disk with a GPT is put into an empty drive: its partition appears, and goes with it', () => {
    const unit = new ScsiDisk({ backend: undefined, removable: true });
    const world = new ScsiDiskWorld({ profile, units: unit });
    world.connect();
    expect([...world.below(BlockIoProtocol).keys()]).toEqual(['Scsi(0x0,0x0)']);
    expect(read(world)).toBe('EFI_NO_MEDIA');
    unit.insert(new MemoryBackend(demoDisk()));
    expect(read(world)).toBe('EFI_MEDIA_CHANGED');
    expect([...world.below(BlockIoProtocol).keys()]).toEqual([
      'Scsi(0x0,0x0)',
      expect.stringContaining('Scsi(0x0,0x0)/HD(1,GPT,'),
    ]);
    expect(read(world)).toBe('EFI_SUCCESS');
    unit.eject();
    expect(read(world)).toBe('EFI_NO_MEDIA');
    expect([...world.below(BlockIoProtocol).keys()]).toEqual(['Scsi(0x0,0x0)']);
    expect(world.findings).toEqual([]);
  });

  test('discs are changed in a CD-ROM drive', () => {
    const unit = new ScsiCdRom({ backend: new MemoryBackend(MIB) });
    const world = new ScsiDiskWorld({ profile, units: unit });
    const cd = world.openDisk();
    expect(cd.media).toMatchObject({ lastBlock: 511, blockSize: 2048, readOnly: true });
    unit.insert(new MemoryBackend(2 * MIB));
    expect(read(world)).toBe('EFI_MEDIA_CHANGED');
    expect(cd.media.lastBlock).toBe(1023);
    expect(read(world)).toBe('EFI_SUCCESS');
  });

  test('a drive that becomes ready is waited for', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(MIB), spinUp: 20 });
    const world = new ScsiDiskWorld({ profile, units: unit });
    expect(world.openDisk().media).toMatchObject({ mediaPresent: true, lastBlock: 2047 });
  });

  test('a medium that was stopped is started, but for edk2', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(MIB), spinUp: 3 });
    const world = new ScsiDiskWorld({ profile, units: unit });
    world.connect();
    unit.stop();
    expect(read(world)).toBe(profile === 'edk2' ? 'EFI_DEVICE_ERROR' : 'EFI_SUCCESS');
  });

  test('a reset of the host is no failure of what comes next', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(numbered(MIB)) });
    const world = new ScsiDiskWorld({ profile, units: unit });
    const disk = world.openDisk();
    unit.reset();
    const block = new Uint8Array(512);
    disk.readBlocks(disk.media.mediaId, 5, block);
    expect(block[3]).toBe(5);
  });

  test('a unit that is pulled out fails, and its handles can be taken away', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(demoDisk()) });
    const world = new ScsiDiskWorld({ profile, units: unit });
    const channel = world.connect();
    expect(world.below(BlockIoProtocol).size).toBe(2);
    world.device.unplug(0, 0);
    expect(read(world)).toBe('EFI_DEVICE_ERROR');
    world.bs.disconnectController(channel);
    expect(world.has(BlockIoProtocol)).toBe(false);
    world.connect();
    expect(world.has(BlockIoProtocol)).toBe(false);
  });

  test('bad blocks: EFI_DEVICE_ERROR, and what is around them can be read', () => {
    const bytes = numbered(MIB);
    const unit = new ScsiDisk({ backend: new BadBlocks(bytes, [20, 100]) });
    const world = new ScsiDiskWorld({ profile, units: unit });
    const disk = world.openDisk();
    const { mediaId } = disk.media;
    const eight = new Uint8Array(4096);
    expect(statusOf(() => disk.readBlocks(mediaId, 16, eight))).toBe('EFI_DEVICE_ERROR');
    expect(statusOf(() => disk.writeBlocks(mediaId, 96, eight))).toBe('EFI_DEVICE_ERROR');
    disk.readBlocks(mediaId, 21, eight);
    expect(eight).toEqual(bytes.subarray(21 * 512, 29 * 512));
    expect(read(world)).toBe('EFI_SUCCESS');
  });

  test('4096-byte blocks', () => {
    const bytes = numbered(MIB);
    const unit = new ScsiDisk({ backend: new MemoryBackend(bytes), blockSize: 4096 });
    const world = new ScsiDiskWorld({ profile, units: unit });
    const disk = world.openDisk();
    expect(disk.media).toMatchObject({ blockSize: 4096, lastBlock: 255 });
    const block = new Uint8Array(4096);
    disk.readBlocks(disk.media.mediaId, 255, block);
    expect(block).toEqual(bytes.subarray(255 * 4096));
  });

  test('8 TiB: the last block is written and read', () => {
    const unit = new ScsiDisk({ backend: new SparseBackend(8 * 2 ** 40) });
    const world = new ScsiDiskWorld({ profile, units: unit });
    const disk = world.openDisk();
    const last = 2 ** 34 - 1;
    expect(disk.media.lastBlock).toBe(last);
    const { mediaId } = disk.media;
    disk.writeBlocks(mediaId, last, new Uint8Array(512).fill(0x5a));
    const block = new Uint8Array(512);
    disk.readBlocks(mediaId, last, block);
    expect(new Set(block)).toEqual(new Set([0x5a]));
    disk.readBlocks(mediaId, last - 2 ** 32, block);
    expect(new Set(block)).toEqual(new Set([0]));
  });

  test('more than a command can move', () => {
    const bytes = numbered(4 * MIB, 7);
    const unit = new ScsiDisk({ backend: new MemoryBackend(bytes), maxTransferLength: 8192 });
    const world = new ScsiDiskWorld({ profile, units: unit, scsi: { maxSectors: 1000 } });
    const disk = world.openDisk();
    const all = new Uint8Array(4 * MIB);
    disk.readBlocks(disk.media.mediaId, 0, all);
    expect(Buffer.compare(all, bytes)).toBe(0);
  });
});

describe('write protection', () => {
  test.each<[profile: 'specification' | 'edk2', readOnly: boolean]>([
    ['specification', true],
    // The first command after power-on meets a unit attention (ScsiDiskDxe.WriteProtectionAskedOnce).
    ['edk2', false],
  ])('%s: a disk that cannot be written is known to be read-only: %s', (profile, readOnly) => {
    const backend = new MemoryBackend(numbered(MIB), { readOnly: true });
    const world = new ScsiDiskWorld({ profile, units: new ScsiDisk({ backend }) });
    const disk = world.openDisk();
    expect(disk.media.readOnly).toBe(readOnly);
    expect(statusOf(() => disk.writeBlocks(disk.media.mediaId, 0, new Uint8Array(512)))).toBe(
      readOnly ? 'EFI_WRITE_PROTECTED' : 'EFI_DEVICE_ERROR',
    );
  });
});

describe('a disk that grows while it is in use', () => {
  test('specification: EFI_MEDIA_CHANGED, and then its new end can be read', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(MIB) });
    const world = new ScsiDiskWorld({ units: unit });
    const disk = world.openDisk();
    unit.resize(new MemoryBackend(2 * MIB));
    expect(read(world)).toBe('EFI_MEDIA_CHANGED');
    expect(disk.media.lastBlock).toBe(4095);
    const { mediaId } = disk.media;
    expect(statusOf(() => disk.readBlocks(mediaId, 4095, new Uint8Array(512)))).toBe('EFI_SUCCESS');
  });

  test('edk2: one read of a block fails, and nobody is told', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(MIB) });
    const world = new ScsiDiskWorld({ profile: 'edk2', units: unit });
    const disk = world.openDisk();
    unit.resize(new MemoryBackend(2 * MIB));
    expect([read(world), read(world)]).toEqual(['EFI_DEVICE_ERROR', 'EFI_SUCCESS']);
    expect(disk.media.lastBlock).toBe(2047);
  });
});

describe('the write cache', () => {
  test('specification: what was written is flushed when asked, and when the disk is stopped', () => {
    let flushes = 0;
    class Counted extends MemoryBackend {
      override flush(): void {
        flushes += 1;
      }
    }
    const unit = new ScsiDisk({ backend: new Counted(MIB) });
    const world = new ScsiDiskWorld({ units: unit });
    const disk = world.openDisk();
    expect(disk.media.writeCaching).toBe(true);
    disk.writeBlocks(disk.media.mediaId, 0, new Uint8Array(512));
    expect(flushes).toBe(0);
    disk.flushBlocks();
    expect(flushes).toBe(1);
    world.bs.disconnectController(world.only(BlockIoProtocol));
    expect(flushes).toBe(2);
  });
});
