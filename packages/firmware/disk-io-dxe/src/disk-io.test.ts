import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import type { EfiBlockIoMedia, GuestBuffer, HostBuffer } from '@dxelab/uefi';
import { TPL_APPLICATION, TPL_CALLBACK, efiStatusOf, isGuestBuffer } from '@dxelab/uefi';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DiskIo, type DiskIoServices } from './disk-io.ts';
import { RamDisk } from './ram-disk.fixture.ts';

/** Memory with a pool that only grows, and the TPL as a number. */
class World {
  readonly ram: GuestRam;
  readonly bs: DiskIoServices;
  readonly pools = new Set<GuestBuffer>();
  /** Those that were freed, too. */
  readonly everyPool: GuestBuffer[] = [];
  tpl: number = TPL_APPLICATION;
  #next = 8;

  constructor() {
    const range = { base: 0, bytes: new Uint8Array(0x100000) };
    this.ram = new GuestRam(new Cycles(() => {}), new LocalRam([range]), range);
    this.bs = {
      allocatePool: (_type, size) => {
        const pool = { address: this.#next, length: size };
        this.#next += Math.ceil(size / 8) * 8;
        this.pools.add(pool);
        this.everyPool.push(pool);
        return pool;
      },
      freePool: (pool) => {
        if (!this.pools.delete(pool)) throw new Error('freed what was not allocated');
      },
      raiseTpl: (tpl) => {
        const old = this.tpl;
        this.tpl = tpl;
        return old;
      },
      restoreTpl: (tpl) => {
        this.tpl = tpl;
      },
    };
  }

  disk(blocks: number, media: Partial<EfiBlockIoMedia> = {}): RamDisk {
    const size = blocks * (media.blockSize ?? 512);
    const bytes = Uint8Array.from(
      { length: size },
      (_, index) => (index * 7 + (index >> 8)) & 0xff,
    );
    return new RamDisk(this.ram, bytes, media);
  }

  diskIo(disk: RamDisk, rangeUnchecked = false): DiskIo {
    return new DiskIo(disk, this.bs, this.ram, { rangeUnchecked });
  }

  /** A buffer of either kind; guest memory at an odd address if it is to be misaligned. */
  buffer(kind: 'array' | 'guest', length: number, misaligned = 0): HostBuffer {
    return kind === 'array' ? new Uint8Array(length) : { address: 0x80000 + misaligned, length };
  }

  bytesOf(buffer: HostBuffer): Uint8Array {
    if (!isGuestBuffer(buffer)) return buffer;
    const bytes = new Uint8Array(buffer.length);
    this.ram.readBytes(buffer.address, bytes);
    return bytes;
  }
}

function statusOf(body: () => void): string {
  try {
    body();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}

const shape = ({ requests }: RamDisk): string[] =>
  requests.map(({ kind, lba, length }) => `${kind} ${lba} ${length}`);

describe.each(['array', 'guest'] as const)('DiskIo into %s memory (UEFI §13.7)', (kind) => {
  test('whole blocks reach BlockIo as one request, with the very buffer', () => {
    const world = new World();
    const disk = world.disk(2048);
    const buffer = world.buffer(kind, 1 << 19);
    world.diskIo(disk).readDisk(7, 1024, buffer);
    expect(shape(disk)).toEqual(['read 2 524288']);
    expect(disk.requests[0]?.buffer).toBe(buffer);
    const expected = disk.bytes.subarray(1024, 1024 + (1 << 19));
    expect(Buffer.compare(world.bytesOf(buffer), expected)).toBe(0);
  });

  test('a range is split in the part of its first block, of its last, and the blocks between', () => {
    const world = new World();
    const disk = world.disk(16);
    const buffer = world.buffer(kind, 100 + 3 * 512 + 50);
    world.diskIo(disk).readDisk(7, 412, buffer);
    expect(shape(disk)).toEqual(['read 0 512', 'read 4 512', 'read 1 1536']);
    expect(world.bytesOf(buffer)).toEqual(disk.bytes.subarray(412, 412 + buffer.length));
  });

  test('a part of a block is read, modified and written', () => {
    const world = new World();
    const disk = world.disk(4);
    const before = disk.bytes.slice();
    const buffer = world.buffer(kind, 10);
    world.diskIo(disk).writeDisk(7, 700, buffer);
    expect(shape(disk)).toEqual(['read 1 512', 'write 1 512']);
    before.set(world.bytesOf(buffer), 700);
    expect(disk.bytes).toEqual(before);
  });

  test('what BlockIo fails with passes through, and the working buffer is freed', () => {
    const world = new World();
    const disk = world.disk(4);
    disk.failing.set(2, 'EFI_DEVICE_ERROR').set(3, '0x8000000000000063');
    const diskIo = world.diskIo(disk);
    const read = (offset: number, length: number) => () =>
      diskIo.readDisk(7, offset, world.buffer(kind, length));
    expect(statusOf(read(1024, 512))).toBe('EFI_DEVICE_ERROR');
    expect(statusOf(read(1025, 5))).toBe('EFI_DEVICE_ERROR');
    expect(statusOf(read(1536, 5))).toBe('0x8000000000000063');
    expect(world.pools.size).toBe(0);
    expect(world.tpl).toBe(TPL_APPLICATION);
  });

  test('property: any range reads and writes like an array, whatever the alignment', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(512, 2048, 4096),
        fc.constantFrom(0, 1, 4, 4096),
        fc.nat({ max: 3 }),
        fc.nat({ max: 6 * 4096 }),
        fc.nat({ max: 2 * 4096 }),
        (blockSize, ioAlign, misaligned, offset, length) => {
          const world = new World();
          const disk = world.disk((8 * 4096) / blockSize, { blockSize, ioAlign });
          const expected = disk.bytes.slice();
          const diskIo = world.diskIo(disk);
          const buffer = world.buffer(kind, length, misaligned);
          diskIo.readDisk(7, offset, buffer);
          const read = world.bytesOf(buffer);
          expect(Buffer.compare(read, expected.subarray(offset, offset + length))).toBe(0);
          const other = (offset * 3) % (6 * 4096);
          diskIo.writeDisk(7, other, buffer);
          expected.set(read, other);
          expect(Buffer.compare(disk.bytes, expected)).toBe(0);
          expect(world.pools.size).toBe(0);
        },
      ),
    );
  });
});

describe('DiskIo and the memory that a device can reach', () => {
  test('a misaligned buffer goes through a working buffer, 64 blocks at a time', () => {
    const world = new World();
    const disk = world.disk(150, { ioAlign: 16 });
    const buffer = world.buffer('guest', 130 * 512, 8);
    world.diskIo(disk).readDisk(7, 512, buffer);
    expect(shape(disk)).toEqual(['read 1 32768', 'read 65 32768', 'read 129 1024']);
    expect(Buffer.compare(world.bytesOf(buffer), disk.bytes.subarray(512, 131 * 512))).toBe(0);
  });

  test.each([512, 4096])('a working buffer aligned to %i lies in memory of its own', (ioAlign) => {
    const world = new World();
    const disk = world.disk(16, { ioAlign });
    world.diskIo(disk).readDisk(7, 100, world.buffer('guest', 3000));
    for (const { buffer, length } of disk.requests) {
      const address = isGuestBuffer(buffer) ? buffer.address : Number.NaN;
      const within = world.everyPool.some(
        (pool) => pool.address <= address && address + length <= pool.address + pool.length,
      );
      expect(within).toBe(true);
    }
    expect(disk.requests).toHaveLength(3);
  });

  test('an array has no address: it is bounced below, so that it counts as aligned', () => {
    const world = new World();
    const disk = world.disk(4, { ioAlign: 4096 });
    const buffer = new Uint8Array(4096).subarray(1, 1025);
    world.diskIo(disk).readDisk(7, 512, buffer);
    expect(shape(disk)).toEqual(['read 1 1024']);
  });

  test('a request runs at TPL_CALLBACK', () => {
    const world = new World();
    const disk = world.disk(4);
    let tpl = 0;
    disk.readBlocks = () => {
      tpl = world.tpl;
    };
    world.diskIo(disk).readDisk(7, 0, new Uint8Array(512));
    expect(tpl).toBe(TPL_CALLBACK);
    expect(world.tpl).toBe(TPL_APPLICATION);
  });
});

describe('DiskIo and ranges that are not on the disk', () => {
  const ranges = [
    ['the last byte and one more', 2047, 2],
    ['behind the end', 2048, 1],
    ['far behind the end', 2 ** 52, 512],
    ['over 2^53', Number.MAX_SAFE_INTEGER, 2],
    ['2^64', 2 ** 64, 512],
    ['before the beginning', -1, 2],
    ['no whole byte', 0.5, 1],
    ['no number', Number.NaN, 1],
  ] as const;

  test.each(ranges)(
    '%s: EFI_INVALID_PARAMETER, and nothing is written',
    (_what, offset, length) => {
      const world = new World();
      const disk = world.disk(4);
      const before = disk.bytes.slice();
      const diskIo = world.diskIo(disk);
      const buffer = new Uint8Array(length).fill(0xee);
      expect(statusOf(() => diskIo.readDisk(7, offset, buffer))).toBe('EFI_INVALID_PARAMETER');
      expect(statusOf(() => diskIo.writeDisk(7, offset, buffer))).toBe('EFI_INVALID_PARAMETER');
      expect(disk.bytes).toEqual(before);
      expect(disk.requests).toEqual([]);
    },
  );

  test.each(ranges)('%s: the state of the medium comes first', (_what, offset, length) => {
    const world = new World();
    const disk = world.disk(4);
    const diskIo = world.diskIo(disk);
    const buffer = new Uint8Array(length);
    expect(statusOf(() => diskIo.readDisk(6, offset, buffer))).toBe('EFI_MEDIA_CHANGED');
    disk.media.mediaPresent = false;
    expect(statusOf(() => diskIo.writeDisk(7, offset, buffer))).toBe('EFI_NO_MEDIA');
  });

  test('QUIRK DiskIoDxe.RangeUnchecked: what lies on the disk is written before BlockIo refuses', () => {
    const world = new World();
    const disk = world.disk(4);
    const diskIo = world.diskIo(disk, true);
    const write = () => diskIo.writeDisk(7, 2000, new Uint8Array(600).fill(0xee));
    expect(statusOf(write)).toBe('EFI_INVALID_PARAMETER');
    expect(disk.bytes[2000]).toBe(0xee);
  });

  test('nothing at all can be transferred anywhere on the disk, and asks about the medium', () => {
    const world = new World();
    const disk = world.disk(4);
    const diskIo = world.diskIo(disk);
    for (const offset of [0, 5, 2048]) diskIo.readDisk(7, offset, new Uint8Array(0));
    expect(disk.requests).toEqual([]);
    expect(statusOf(() => diskIo.readDisk(8, 5, new Uint8Array(0)))).toBe('EFI_MEDIA_CHANGED');
  });

  test('a drive that knows no block size yet has no medium', () => {
    const world = new World();
    const disk = world.disk(4, { blockSize: 512 });
    disk.media.blockSize = 0;
    expect(statusOf(() => world.diskIo(disk).readDisk(7, 0, new Uint8Array(1)))).toBe(
      'EFI_NO_MEDIA',
    );
  });
});
