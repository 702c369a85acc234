import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isExtendedMbrRecord,
  isProtectiveMbr,
  isUsedMbrRecord,
  mbrProblem,
  readMbr,
} from './mbr.ts';

type Record = readonly [type: number, first: number, size: number];

/** An MBR with these records. */
function mbr(...records: readonly Record[]): Uint8Array {
  const block = new Uint8Array(512);
  const view = new DataView(block.buffer);
  view.setUint32(440, 0x1234abcd, true);
  for (const [index, [type, first, size]] of records.entries()) {
    const offset = 446 + index * 16;
    view.setUint8(offset, 0x80);
    view.setUint8(offset + 4, type);
    view.setUint32(offset + 8, first, true);
    view.setUint32(offset + 12, size, true);
  }
  view.setUint16(510, 0xaa55, true);
  return block;
}

describe('MBR (UEFI §5.2)', () => {
  test('Tables 5.1 and 5.2: signature, records, and the signature of the disk', () => {
    const { partitions, signature, uniqueMbrSignature } = readMbr(mbr([0xef, 2048, 4096]));
    expect(signature).toBe(0xaa55);
    expect([...uniqueMbrSignature]).toEqual([0xcd, 0xab, 0x34, 0x12]);
    expect(partitions).toHaveLength(4);
    expect(partitions[0]).toMatchObject({
      bootIndicator: 0x80,
      osIndicator: 0xef,
      startingLba: 2048,
      sizeInLba: 4096,
    });
    expect(partitions[0]?.bytes).toHaveLength(16);
  });

  test.each<[string, Record, boolean, boolean]>([
    ['a type and a size', [0x83, 1, 1], true, false],
    ['no type', [0, 1, 1], false, false],
    ['no size', [0x83, 1, 0], false, false],
    ['extended (DOS)', [0x05, 1, 1], true, true],
    ['extended (Windows)', [0x0f, 1, 1], true, true],
  ])('a record with %s', (_what, record, used, extended) => {
    const [first] = readMbr(mbr(record)).partitions;
    expect(first && isUsedMbrRecord(first)).toBe(used);
    expect(first && isExtendedMbrRecord(first)).toBe(extended);
  });

  test('§5.2.3: a protective MBR has a record of type 0xEE that begins at block 1, wherever it stands', () => {
    expect(isProtectiveMbr(readMbr(mbr([0xee, 1, 0xffffffff])))).toBe(true);
    expect(isProtectiveMbr(readMbr(mbr([0x83, 64, 64], [0xee, 1, 63])))).toBe(true);
    expect(isProtectiveMbr(readMbr(mbr([0xee, 2, 62])))).toBe(false);
    expect(isProtectiveMbr(readMbr(mbr([0x83, 1, 63])))).toBe(false);
  });

  test.each<[string, readonly Record[], string]>([
    [
      'two partitions side by side',
      [
        [0x83, 1, 9],
        [0x83, 10, 90],
      ],
      'sound',
    ],
    ['the whole disk', [[0x83, 0, 100]], 'sound'],
    ['nothing', [], 'no partition record is used'],
    ['one block too many', [[0x83, 1, 100]], 'ends with block 100, the disk with block 99'],
    ['an end beyond 32 bits', [[0x83, 0xffffffff, 0xffffffff]], 'ends with block 8589934589'],
    [
      'one block of overlap',
      [
        [0x83, 1, 10],
        [0x83, 10, 10],
      ],
      'begin at block 1 and 10 overlap',
    ],
    [
      'one within the other',
      [
        [0x83, 5, 5],
        [0, 0, 0],
        [0x0f, 1, 50],
      ],
      'overlap',
    ],
  ])('%s', (_what, records, problem) => {
    expect(mbrProblem(readMbr(mbr(...records)), 99) ?? 'sound').toContain(problem);
  });

  test('without the signature it is none', () => {
    const block = mbr([0x83, 1, 9]).fill(0, 510);
    expect(mbrProblem(readMbr(block), 99)).toContain('expected the signature 0xaa55, found 0x0');
  });

  test('property: of any block with a signature, no accepted record leaves the disk or overlaps', () => {
    const anyRecord = fc.tuple(
      fc.constantFrom(0, 5, 0x83, 0xee, 0xef),
      fc.oneof(fc.nat({ max: 120 }), fc.constant(0xffffffff)),
      fc.oneof(fc.nat({ max: 60 }), fc.constant(0xffffffff)),
    );
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 4 }), (records) => {
        const { partitions, ...rest } = readMbr(mbr(...records));
        if (mbrProblem({ partitions, ...rest }, 99) !== undefined) return;
        const taken = new Uint8Array(100);
        for (const { startingLba, sizeInLba } of partitions.filter(isUsedMbrRecord)) {
          expect(startingLba + sizeInLba).toBeLessThanOrEqual(100);
          for (let lba = startingLba; lba < startingLba + sizeInLba; lba += 1) {
            taken[lba] = (taken[lba] ?? 0) + 1;
          }
        }
        expect(Math.max(...taken)).toBe(1);
      }),
    );
  });

  test('property: any bytes, however few, read as some MBR', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (block) => {
        expect(readMbr(block).partitions).toHaveLength(4);
      }),
    );
  });
});
