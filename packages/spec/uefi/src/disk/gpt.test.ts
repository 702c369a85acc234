import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../crc32.ts';
import { ZERO_GUID, guid } from '../guid.ts';
import { EFI_PART_TYPE_EFI_SYSTEM_PART_GUID } from '../protocols/partition-info.ts';
import type { GptEntries } from './gpt-entries.ts';
import { readGptEntries } from './gpt-entries.ts';
import type { GptEntry } from './gpt-entry.ts';
import { isUsedGptEntry, readGptEntry, writeGptEntry } from './gpt-entry.ts';
import type { GptHeader } from './gpt-header.ts';
import { readGptHeader, writeGptHeader } from './gpt-header.ts';

const HEADER: GptHeader = {
  headerSize: 92,
  myLba: 1n,
  alternateLba: 999n,
  firstUsableLba: 34n,
  lastUsableLba: 966n,
  diskGuid: guid('01234567-89ab-cdef-0123-456789abcdef'),
  partitionEntryLba: 2n,
  numberOfPartitionEntries: 128,
  sizeOfPartitionEntry: 128,
  partitionEntryArrayCrc32: 0xab54d286,
};

/** A header with other fields, and the CRC-32 that they have. */
const header = (change: Partial<GptHeader> = {}): Uint8Array =>
  writeGptHeader({ ...HEADER, ...change }, 512);

/** A change of bytes behind the CRC-32's back, or, with `mended`, before it is computed. */
function damaged(offset: number, value: number, mended = false): Uint8Array {
  const block = header();
  block[offset] = value;
  if (mended) {
    block.fill(0, 16, 20);
    new DataView(block.buffer).setUint32(16, crc32(block.subarray(0, 92)), true);
  }
  return block;
}

describe('GPT header (UEFI §5.3.2)', () => {
  test('Table 5.5: what was written is read', () => {
    expect(readGptHeader(header(), 1)).toEqual({ value: HEADER, problem: undefined });
  });

  test('64-bit blocks come as they are, 2^64-1 too', () => {
    const far = { ...HEADER, lastUsableLba: 2n ** 64n - 1n, partitionEntryLba: 2n ** 53n + 1n };
    expect(readGptHeader(header(far), 1).value).toEqual(far);
  });

  test('the CRC-32 covers as many bytes as the header says that it has', () => {
    const long = header({ headerSize: 512 });
    expect(readGptHeader(long, 1).problem).toBeUndefined();
    long[511] = 1;
    expect(readGptHeader(long, 1).problem).toContain('the CRC-32 of the header is');
  });

  test.each<[string, Uint8Array, string]>([
    ['signature', damaged(0, 0x65), 'expected the signature "EFI PART", found "eFI PART"'],
    ['revision', damaged(10, 2, true), 'expected revision 0x10000, found 0x20000'],
    ['header size, small', header({ headerSize: 91 }), 'size of 92 to 512 bytes, found 91'],
    ['header size, large', damaged(13, 0xff), 'size of 92 to 512 bytes, found 65372'],
    ['CRC-32', damaged(56, 0xff), 'the CRC-32 of the header is 0x'],
    ['own block', header({ myLba: 2n }), 'in block 1 says that it is in block 2'],
    ['own block in 64 bits', header({ myLba: 2n ** 32n + 1n }), 'is in block 4294967297'],
    ['no entries', header({ numberOfPartitionEntries: 0 }), 'has no partition entries'],
    ['small entries', header({ sizeOfPartitionEntry: 64 }), 'a power of two, found 64'],
    ['odd entries', header({ sizeOfPartitionEntry: 384 }), 'a power of two, found 384'],
    ['short block', header().subarray(0, 91), 'a block of at least 92 bytes, found 91'],
  ])('rejected, and named: %s', (_what, block, problem) => {
    expect(readGptHeader(block, 1).problem).toContain(problem);
  });

  test('property: one wrong bit anywhere in the header is noticed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 92 * 8 - 1 }), (bit) => {
        const block = header();
        block[bit >> 3] = (block[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(readGptHeader(block, 1).problem).toBeDefined();
      }),
    );
  });

  test('property: no block fails to be read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (block) => {
        expect(readGptHeader(block, 1).problem).toBeDefined();
      }),
    );
  });
});

const entry = (first: bigint, last: bigint, attributes = 0n): Omit<GptEntry, 'bytes'> => ({
  partitionTypeGuid: EFI_PART_TYPE_EFI_SYSTEM_PART_GUID,
  uniquePartitionGuid: HEADER.diskGuid,
  startingLba: first,
  endingLba: last,
  attributes,
  partitionName: 'EFI System Käse',
});

/** The array of these entries; `undefined` is one that is not used. */
function entries(
  ranges: readonly (readonly [bigint, bigint] | undefined)[],
  lastBlock = 999n,
): GptEntries {
  const array = new Uint8Array(128 * 128);
  for (const [index, range] of ranges.entries()) {
    if (range !== undefined) array.set(writeGptEntry(entry(...range)), index * 128);
  }
  return readGptEntries(array, HEADER, lastBlock);
}

describe('GPT partition entries (UEFI §5.3.3)', () => {
  test('Table 5.6: what was written is read', () => {
    const written = entry(34n, 2n ** 64n - 1n, 5n);
    expect(readGptEntry(writeGptEntry(written))).toMatchObject(written);
  });

  test('a name of 36 characters has no room for a NUL, and a longer one is cut', () => {
    const long = { ...entry(34n, 35n), partitionName: 'x'.repeat(40) };
    expect(readGptEntry(writeGptEntry(long)).partitionName).toBe('x'.repeat(36));
  });

  test('a type of zeros is an unused entry', () => {
    const unused = { ...entry(34n, 35n), partitionTypeGuid: ZERO_GUID };
    expect(isUsedGptEntry(writeGptEntry(unused))).toBe(false);
  });

  test('the number of a partition counts the unused entries, too', () => {
    const { accepted, rejected } = entries([undefined, [34n, 99n], undefined, [100n, 966n]]);
    expect(accepted.map(({ number }) => number)).toEqual([2, 4]);
    expect(rejected).toEqual([]);
  });

  test.each<[string, readonly [bigint, bigint], string]>([
    ['before the usable blocks', [33n, 99n], 'blocks 33 to 99 are not within the usable 34 to 966'],
    ['behind the usable blocks', [900n, 967n], 'are not within the usable'],
    ['backwards', [99n, 98n], 'ends with block 98, before it begins with block 99'],
    ['over 2^53', [34n, 2n ** 53n + 1n], 'blocks 34 to 9007199254740993 are not within'],
    ['all ones', [2n ** 64n - 1n, 2n ** 64n - 1n], 'blocks 18446744073709551615 to'],
  ])('rejected, and named: %s', (_what, range, problem) => {
    const { accepted, rejected } = entries([range, [100n, 199n]]);
    expect(accepted.map(({ number }) => number)).toEqual([2]);
    expect(rejected.map((one) => one.problem)).toEqual([expect.stringContaining(problem)]);
  });

  test('the disk may be smaller than the header believes', () => {
    const { rejected } = entries([[34n, 966n]], 500n);
    expect(rejected[0]?.problem).toBe('it ends with block 966, the disk with block 500');
  });

  test('of two that overlap neither is believed; the others stay', () => {
    const { accepted, rejected } = entries([
      [100n, 199n],
      [300n, 399n],
      [199n, 250n],
    ]);
    expect(accepted.map(({ number }) => number)).toEqual([2]);
    expect(rejected.map(({ number, problem }) => [number, problem])).toEqual([
      [1, 'it overlaps with partition 3'],
      [3, 'it overlaps with partition 1'],
    ]);
  });

  test('property: accepted are exactly those in range that overlap with no other in range', () => {
    const block = fc.bigInt({ min: 20n, max: 120n });
    const range = fc.option(fc.tuple(block, block), { nil: undefined });
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        const inRange = ranges.map((one) =>
          one !== undefined && one[0] <= one[1] && one[0] >= 34n && one[1] <= 100n
            ? one
            : undefined,
        );
        const expected = inRange.flatMap((one, index) => {
          const overlapping = inRange.some(
            (other, at) => at !== index && one && other && one[0] <= other[1] && other[0] <= one[1],
          );
          return one === undefined || overlapping ? [] : [index + 1];
        });
        const { accepted, rejected } = entries(ranges, 100n);
        expect(accepted.map(({ number }) => number)).toEqual(expected);
        const used = ranges.filter((one) => one !== undefined);
        expect(accepted.length + rejected.length).toBe(used.length);
      }),
      { numRuns: 500 },
    );
  });

  test('an array that is shorter than the header says ends where it ends', () => {
    const array = writeGptEntry(entry(34n, 35n));
    const two = { ...HEADER, numberOfPartitionEntries: 0xffffffff };
    expect(readGptEntries(array, two, 999n).accepted).toHaveLength(1);
  });
});
