import { MemoryBackend, SparseBackend } from '@dxelab/block-backends';
import type { BlockBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import { ScsiDisk } from '../disk/scsi-disk.ts';
import { cdbOf, run } from '../test-task.fixture.ts';

const BLOCKS = 64;

/** A disk whose block n is filled with n, which can be unmapped. */
class Numbered extends MemoryBackend {
  readonly bytes: Uint8Array;
  constructor() {
    const bytes = new Uint8Array(BLOCKS * 512).map((_, index) => index >> 9);
    super(bytes);
    this.bytes = bytes;
  }
  discard(position: number, length: number): void {
    this.bytes.fill(0xdd, position, position + length);
  }
  /** What is in each block, of which all bytes are alike. */
  get blocks(): number[] {
    return Array.from({ length: BLOCKS }, (_, block) => this.bytes[block * 512] ?? 0);
  }
}

function start(backend: BlockBackend = new Numbered()): ScsiDisk {
  const unit = new ScsiDisk({ backend });
  run(unit, cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6));
  return unit;
}

describe('UNMAP (SBC-4)', () => {
  const unmap = (length: number): number[] => cdbOf(SCSI.SCSI_UNMAP, 10, [7, 2, length]);

  function list(...ranges: readonly (readonly [lba: number, blocks: number])[]): Uint8Array {
    const data = new Uint8Array(8 + ranges.length * 16);
    SCSI.setBigEndian(data, 0, 2, data.length - 2);
    SCSI.setBigEndian(data, 2, 2, ranges.length * 16);
    for (const [index, [lba, blocks]] of ranges.entries()) {
      SCSI.setBigEndian(data, 8 + index * 16, 8, lba);
      SCSI.setBigEndian(data, 16 + index * 16, 4, blocks);
    }
    return data;
  }

  test('discards each range', () => {
    const backend = new Numbered();
    const out = list([3, 2], [60, 4], [7, 0]);
    expect(run(start(backend), unmap(out.length), { out }).outcome).toBe('status 0');
    const discarded = backend.blocks.flatMap((value, block) => (value === 0xdd ? [block] : []));
    expect(discarded).toEqual([3, 4, 60, 61, 62, 63]);
  });

  test('discards nothing if one range is beyond the end', () => {
    const backend = new Numbered();
    const out = list([3, 2], [60, 5]);
    expect(run(start(backend), unmap(out.length), { out }).outcome).toBe('5/2100');
    expect(backend.blocks.includes(0xdd)).toBe(false);
  });

  test('does nothing without a parameter list, and ignores a descriptor that is cut', () => {
    const backend = new Numbered();
    expect(run(start(backend), unmap(0)).outcome).toBe('status 0');
    const out = list([3, 1], [4, 1]);
    SCSI.setBigEndian(out, 2, 2, 31);
    expect(run(start(backend), unmap(out.length), { out }).outcome).toBe('status 0');
    expect([backend.blocks[3], backend.blocks[4]]).toEqual([0xdd, 4]);
  });

  test.each([
    ['the header is cut', 7],
    ['a descriptor is cut that the header promises', 23],
  ])('PARAMETER LIST LENGTH ERROR if %s', (_what, length) => {
    const out = list([3, 1]).slice(0, length);
    expect(run(start(), unmap(length), { out }).outcome).toBe('5/1a00');
  });

  test('refuses more blocks and more descriptors than the block limits page allows', () => {
    const large = start(new SparseBackend(2 ** 40));
    const most = list([0, 0x20_0000]);
    expect(run(large, unmap(most.length), { out: most }).outcome).toBe('status 0');
    const blocks = list([0, 0x20_0000], [0, 1]);
    expect(run(large, unmap(blocks.length), { out: blocks }).outcome).toBe('5/2600');
    const ranges = list(...Array.from({ length: 256 }, () => [0, 1] as const));
    expect(run(large, unmap(ranges.length), { out: ranges }).outcome).toBe('5/2600');
  });

  test('is not there if the backend cannot', () => {
    const out = list([3, 1]);
    const unit = start(new MemoryBackend(BLOCKS * 512));
    expect(run(unit, unmap(out.length), { out }).outcome).toBe('5/2000');
  });
});

describe('WRITE SAME (SBC-4)', () => {
  const same10 = (lba: number, blocks: number, flags = 0): number[] =>
    cdbOf(SCSI.SCSI_WRITE_SAME_10, 10, [1, 1, flags], [2, 4, lba], [7, 2, blocks]);
  const same16 = (lba: number, blocks: number, flags = 0): number[] =>
    cdbOf(SCSI.SCSI_WRITE_SAME_16, 16, [1, 1, flags], [2, 8, lba], [10, 4, blocks]);
  const sevens = new Uint8Array(512).fill(7);
  const zeros = new Uint8Array(512);

  test.each([
    ['10', same10],
    ['16', same16],
  ])('(%s) writes one block to each', (_size, same) => {
    const backend = new Numbered();
    const { outcome, dataOutMoved } = run(start(backend), same(10, 3), { out: sevens });
    expect([outcome, dataOutMoved]).toEqual(['status 0', 512]);
    expect(backend.blocks.slice(8, 15)).toEqual([8, 9, 7, 7, 7, 13, 14]);
    expect([...backend.bytes.subarray(5120, 6656)].every((byte) => byte === 7)).toBe(true);
  });

  test('of zeros, with NDOB without sending one, and with UNMAP leaves zeros', () => {
    const backend = new Numbered();
    const unit = start(backend);
    expect(run(unit, same16(1, 1), { out: zeros }).outcome).toBe('status 0');
    expect(run(unit, same16(3, 1, 0x01))).toMatchObject({ outcome: 'status 0', dataOutWanted: 0 });
    expect(run(unit, same16(5, 1, 0x08), { out: zeros }).outcome).toBe('status 0');
    expect(backend.blocks.slice(0, 7)).toEqual([0, 0, 2, 0, 4, 0, 6]);
  });

  test('of zeros works on a backend that cannot make them', () => {
    const memory = new Numbered();
    const plain: BlockBackend = {
      size: memory.size,
      readOnly: false,
      read: memory.read.bind(memory),
      write: memory.write.bind(memory),
      flush() {},
    };
    expect(run(start(plain), same10(1, 2), { out: zeros }).outcome).toBe('status 0');
    expect(memory.blocks.slice(0, 4)).toEqual([0, 0, 0, 3]);
    expect(run(start(plain), same10(1, 2, 0x08), { out: zeros }).outcome).toBe('5/2400');
  });

  test.each([
    ['0 blocks, as the block limits page has WSNZ', same16(0, 0)],
    ['NDOB in the 10-byte form', same10(0, 1, 0x01)],
    ['LBDATA, which is obsolete', same10(0, 1, 0x02)],
    ['more blocks than the block limits page allows', same16(0, 0x1_0001)],
  ])('refuses %s', (_what, cdb) => {
    const unit = start(new SparseBackend(2 ** 30));
    expect(run(unit, cdb, { out: zeros }).outcome).toBe('5/2400');
  });
});

describe('VERIFY (SBC-4)', () => {
  const verify = (byteCheck: number, lba = 3, blocks = 2): number[] =>
    cdbOf(SCSI.SCSI_VERIFY_16, 16, [1, 1, byteCheck << 1], [2, 8, lba], [10, 4, blocks]);
  const backend = new Numbered();

  test('BYTCHK 01b compares each block', () => {
    const out = backend.bytes.slice(3 * 512, 5 * 512);
    expect(run(start(backend), verify(1), { out }).outcome).toBe('status 0');
    out[1023] = 0xff;
    expect(run(start(backend), verify(1), { out }).outcome).toBe('e/1d00');
  });

  test('BYTCHK 11b compares each block with the same one', () => {
    const out = new Uint8Array(512).fill(3);
    expect(run(start(backend), verify(3, 3, 1), { out }).outcome).toBe('status 0');
    expect(run(start(backend), verify(3), { out })).toMatchObject({
      outcome: 'e/1d00',
      dataOutWanted: 512,
    });
  });

  test('0 blocks compare nothing', () => {
    for (const byteCheck of [0, 1, 3]) {
      expect(run(start(backend), verify(byteCheck, 3, 0))).toMatchObject({
        outcome: 'status 0',
        dataOutWanted: 0,
      });
    }
  });
});
