import type { BlockBackend } from '@dxelab/block-backends';
import { MemoryBackend, SparseBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScsiDisk } from '../disk/scsi-disk.ts';
import type { Answer } from '../test-task.fixture.ts';
import { cdbOf, run } from '../test-task.fixture.ts';

const BLOCKS = 64;

/** A disk whose attention of power-on has been told. */
function disk(
  backend: BlockBackend = new MemoryBackend(BLOCKS * 512),
  blockSize: 512 | 4096 = 512,
): ScsiDisk {
  const unit = new ScsiDisk({ backend, blockSize });
  run(unit, cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6));
  return unit;
}

type Command = (lba: number, blocks: number) => number[];

const six =
  (opcode: number): Command =>
  (lba, blocks) =>
    cdbOf(opcode, 6, [1, 3, lba], [4, 1, blocks]);
const ten =
  (opcode: number): Command =>
  (lba, blocks) =>
    cdbOf(opcode, 10, [2, 4, lba], [7, 2, blocks]);
const twelve =
  (opcode: number): Command =>
  (lba, blocks) =>
    cdbOf(opcode, 12, [2, 4, lba], [6, 4, blocks]);
const sixteen =
  (opcode: number): Command =>
  (lba, blocks) =>
    cdbOf(opcode, 16, [2, 8, lba], [10, 4, blocks]);

const READS: readonly Command[] = [
  six(SCSI.SCSI_READ_6),
  ten(SCSI.SCSI_READ_10),
  twelve(SCSI.SCSI_READ_12),
  sixteen(SCSI.SCSI_READ_16),
];
const WRITES: readonly Command[] = [
  six(SCSI.SCSI_WRITE_6),
  ten(SCSI.SCSI_WRITE_10),
  twelve(SCSI.SCSI_WRITE_12),
  sixteen(SCSI.SCSI_WRITE_16),
];

test('every READ finds what any WRITE wrote, however buffers are cut', () => {
  const operation = fc.record({
    write: fc.constantFrom(...WRITES),
    read: fc.constantFrom(...READS),
    lba: fc.nat(BLOCKS - 1),
    blocks: fc.integer({ min: 1, max: 8 }),
    value: fc.nat(255),
    piece: fc.integer({ min: 1, max: 2000 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 8 }), (operations) => {
      const contents = new Uint8Array(BLOCKS * 512);
      const unit = disk(new MemoryBackend(contents));
      const model = new Uint8Array(BLOCKS * 512);
      for (const { write, read, lba, blocks: wanted, value, piece } of operations) {
        const blocks = Math.min(wanted, BLOCKS - lba);
        const out = new Uint8Array(blocks * 512).map((_, index) => value + index * 7);
        model.set(out, lba * 512);
        expect(run(unit, write(lba, blocks), { out, piece }).outcome).toBe('status 0');
        const { data } = run(unit, read(lba, blocks), { piece });
        expect(Buffer.compare(data, out)).toBe(0);
      }
      expect(Buffer.compare(contents, model)).toBe(0);
    }),
    { numRuns: 50 },
  );
});

describe('lengths and addresses (SBC-4)', () => {
  const moved = ({ outcome, dataInMoved }: Answer): unknown[] => [outcome, dataInMoved];

  test('a length of 0 is 256 blocks in the 6-byte commands, and none in the others', () => {
    const unit = disk(new MemoryBackend(256 * 512));
    expect(moved(run(unit, six(SCSI.SCSI_READ_6)(0, 0)))).toEqual(['status 0', 256 * 512]);
    expect(run(unit, six(SCSI.SCSI_READ_6)(1, 0)).outcome).toBe('5/2100');
    for (const read of READS.slice(1))
      expect(moved(run(unit, read(0, 0)))).toEqual(['status 0', 0]);
    for (const write of WRITES.slice(1)) expect(run(unit, write(0, 0)).dataOutWanted).toBe(0);
    const out = new Uint8Array(256 * 512);
    expect(run(unit, six(SCSI.SCSI_WRITE_6)(0, 0), { out }).dataOutMoved).toBe(256 * 512);
  });

  test.each(READS.slice(1))('nothing can be asked for at the end, but not beyond it', (read) => {
    expect(run(disk(), read(BLOCKS, 0)).outcome).toBe('status 0');
    expect(run(disk(), read(BLOCKS + 1, 0)).outcome).toBe('5/2100');
    expect(run(disk(), read(BLOCKS - 1, 2)).outcome).toBe('5/2100');
  });

  test('the first three bits of a 6-byte address mean nothing', () => {
    const cdb = six(SCSI.SCSI_READ_6)(0xe0_0003, 1);
    expect(moved(run(disk(), cdb))).toEqual(['status 0', 512]);
  });

  test('an address of 64 bits that all are one is beyond the end, and does not wrap', () => {
    const cdb = cdbOf(SCSI.SCSI_READ_16, 16, [2, 4, 0xffff_ffff], [6, 4, 0xffff_ffff], [10, 4, 1]);
    expect(run(disk(), cdb).outcome).toBe('5/2100');
  });

  test('more blocks than the block limits page allows are refused', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(BLOCKS * 512), maxTransferLength: 8 });
    run(unit, cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6));
    expect(run(unit, ten(SCSI.SCSI_READ_10)(0, 8)).outcome).toBe('status 0');
    expect(run(unit, ten(SCSI.SCSI_READ_10)(0, 9)).outcome).toBe('5/2400');
  });
});

describe('large disks (SBC-4, READ CAPACITY)', () => {
  const capacity10 = cdbOf(SCSI.SCSI_READ_CAPACITY_10, 10);
  const capacity16 = cdbOf(SCSI.SCSI_SERVICE_ACTION_IN_16, 16, [1, 1, 0x10], [10, 4, 32]);

  test('of 3 TiB say so in the 16-byte form alone, and are reached beyond 2^32 blocks', () => {
    const unit = disk(new SparseBackend(3 * 2 ** 40));
    expect(SCSI.readReadCapacity10(run(unit, capacity10).data)).toEqual({
      lastLba: SCSI.SCSI_CAPACITY_TOO_LARGE,
      blockSize: 512,
    });
    expect(SCSI.readReadCapacity16(run(unit, capacity16).data)).toMatchObject({
      lastLba: 3n * 2n ** 31n - 1n,
      provisioningManaged: true,
    });
    const last = 3 * 2 ** 31 - 1;
    const out = new Uint8Array(512).fill(0x77);
    expect(run(unit, sixteen(SCSI.SCSI_WRITE_16)(last, 1), { out }).outcome).toBe('status 0');
    expect(run(unit, sixteen(SCSI.SCSI_READ_16)(last, 1)).data).toEqual(out);
    expect(run(unit, sixteen(SCSI.SCSI_READ_16)(last, 2)).outcome).toBe('5/2100');
  });

  test('of 2 TiB have a last block that is no number of the 10-byte form', () => {
    const unit = disk(new SparseBackend(2 ** 41));
    expect(SCSI.readReadCapacity10(run(unit, capacity10).data)?.lastLba).toBe(0xffff_ffff);
    expect(SCSI.readReadCapacity16(run(unit, capacity16).data)?.lastLba).toBe(0xffff_ffffn);
  });

  test('of 16 TiB in blocks of 4096 bytes fit the 10-byte form but for the last block', () => {
    const unit = disk(new SparseBackend(2 ** 44 - 4096), 4096);
    expect(SCSI.readReadCapacity10(run(unit, capacity10).data)).toEqual({
      lastLba: 0xffff_fffe,
      blockSize: 4096,
    });
    const out = new Uint8Array(4096).fill(0x33);
    expect(run(unit, ten(SCSI.SCSI_WRITE_10)(0xffff_fffe, 1), { out }).outcome).toBe('status 0');
    expect(run(unit, ten(SCSI.SCSI_READ_10)(0xffff_fffe, 1)).data).toEqual(out);
  });

  test('of nearly 2^53 bytes are told exactly', () => {
    const unit = disk(new SparseBackend(2 ** 53 - 512));
    expect(SCSI.readReadCapacity16(run(unit, capacity16).data)?.lastLba).toBe(2n ** 44n - 2n);
  });

  test('say how large a physical block is', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(2 ** 16), physicalBlockSize: 4096 });
    run(unit, capacity10);
    expect(SCSI.readReadCapacity16(run(unit, capacity16).data)).toMatchObject({
      physicalBlockExponent: 3,
      provisioningManaged: false,
    });
  });
});

describe('the write cache (SBC-4, caching mode page)', () => {
  class Flushing extends MemoryBackend {
    flushes = 0;
    override flush(): void {
      this.flushes++;
    }
  }
  const out = new Uint8Array(512);
  const write = (flags: number): number[] =>
    cdbOf(SCSI.SCSI_WRITE_10, 10, [1, 1, flags], [7, 2, 1]);

  test('holds writes until SYNCHRONIZE CACHE, or FUA', () => {
    const backend = new Flushing(BLOCKS * 512);
    const unit = disk(backend);
    run(unit, write(0), { out });
    expect(backend.flushes).toBe(0);
    run(unit, cdbOf(SCSI.SCSI_SYNCHRONIZE_CACHE_10, 10));
    expect(backend.flushes).toBe(1);
    run(unit, write(0x08), { out });
    expect(backend.flushes).toBe(2);
  });

  test('that is off holds nothing', () => {
    const backend = new Flushing(BLOCKS * 512);
    const unit = new ScsiDisk({ backend, writeCache: false });
    run(unit, cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6));
    run(unit, write(0), { out });
    expect(backend.flushes).toBe(1);
    run(unit, cdbOf(SCSI.SCSI_WRITE_SAME_10, 10, [7, 2, 1]), { out });
    expect(backend.flushes).toBe(2);
  });

  test('is emptied by a stop, unless NO_FLUSH', () => {
    const backend = new Flushing(BLOCKS * 512);
    const unit = disk(backend);
    run(unit, cdbOf(SCSI.SCSI_START_STOP_UNIT, 6, [4, 1, 4]));
    expect(backend.flushes).toBe(0);
    run(unit, cdbOf(SCSI.SCSI_START_STOP_UNIT, 6));
    expect(backend.flushes).toBe(1);
  });
});
