import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RECORD_SIZE, writeRecord } from './directory-record.ts';
import { longNameSlots, readLongName, shortNameChecksum, writeLongName } from './long-name.ts';
import { EMPTY_RECORD } from '../volume/node-tree.ts';

const SHORT = 'ALONGN~1TXT';

/** A directory with nothing but one entry. */
function slotsOf(name: string): { bytes: Uint8Array; slot: number } {
  const slot = longNameSlots(name);
  const bytes = new Uint8Array((slot + 1) * RECORD_SIZE);
  writeLongName(bytes, 0, name, SHORT);
  writeRecord(bytes, slot * RECORD_SIZE, { ...EMPTY_RECORD, shortName: SHORT });
  return { bytes, slot };
}

const legal = fc
  .string({ minLength: 1, maxLength: 255, unit: 'binary' })
  .filter((name) => name.length <= 255 && !/["*/:<>?\\|]/.test(name) && !hasControl(name));

function hasControl(name: string): boolean {
  return Array.from(name, (char) => char.charCodeAt(0)).some((unit) => unit < 0x20);
}

describe('long names (FAT specification, "Long Directory Entries")', () => {
  test('what is written is read, whatever the units', () => {
    fc.assert(
      fc.property(legal, (name) => {
        const { bytes, slot } = slotsOf(name);
        expect(readLongName(bytes, slot)).toEqual({ name, slots: slot });
      }),
    );
  });

  test('a name of 13 units fills its slot, one of 14 needs two, 255 need 20', () => {
    expect([1, 13, 14, 26, 27, 255].map((length) => longNameSlots('x'.repeat(length)))).toEqual([
      1, 1, 2, 2, 3, 20,
    ]);
  });

  test('the bytes of a slot: order, units, attribute, checksum, NUL and all-ones', () => {
    const { bytes } = slotsOf('abcdefghijklmno.txt');
    const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const sum = shortNameChecksum(SHORT).toString(16).padStart(2, '0');
    expect(text.slice(0, 128)).toBe(
      `426e006f002e007400` +
        `78000f00${sum}` +
        `74000000ffffffffffffffff` +
        `0000ffffffff` +
        `0161006200630064` +
        `0065000f00${sum}` +
        `660067006800690` +
        `06a006b000000` +
        `6c006d00`,
    );
  });

  test('the checksum turns and adds', () => {
    expect(shortNameChecksum('FOO     TXT')).toBe(checksum('FOO     TXT'));
    expect(shortNameChecksum('           ')).toBe(checksum('           '));
  });
});

describe('orphans are no names', () => {
  const name = 'a name of more than two slots, for orphans';

  test.each<[string, (bytes: Uint8Array, slot: number) => void]>([
    ['another 8.3 name has moved in', (bytes, slot) => bytes.set([0x42], slot * 32)],
    ['a slot is deleted', (bytes) => bytes.set([0xe5], 32)],
    ['an ordinal is out of order', (bytes) => bytes.set([7], 32)],
    ['a checksum is another', (bytes) => bytes.set([(bytes[45] ?? 0) ^ 1], 45)],
    ['a type is not 0', (bytes) => bytes.set([1], 44)],
    ['a cluster is not 0', (bytes) => bytes.set([1], 58)],
    ['the slot with the end is missing', (bytes) => bytes.set([0x04])],
    ['a slot is an ordinary entry', (bytes) => bytes.set([0x20], 43)],
    ['it has a character that no path can have', (bytes) => bytes.set([0x5c], (3 - 1) * 32 + 33)],
  ])('%s', (_title, damage) => {
    const { bytes, slot } = slotsOf(name);
    damage(bytes, slot);
    expect(readLongName(bytes, slot)).toBeUndefined();
  });

  test('the first slot of a directory has nothing before it', () => {
    const { bytes, slot } = slotsOf(name);
    expect(readLongName(bytes.subarray(slot * 32), 0)).toBeUndefined();
  });

  test('no bytes make it fail', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32 * 22, maxLength: 32 * 22 }), (bytes) => {
        for (let slot = 0; slot < 22; slot++) expect(() => readLongName(bytes, slot)).not.toThrow();
      }),
    );
  });
});

/** Written from the text of the specification. */
function checksum(shortName: string): number {
  let sum = 0;
  for (const char of shortName) {
    const turned = (sum >> 1) | ((sum & 1) << 7);
    sum = (turned + char.charCodeAt(0)) % 256;
  }
  return sum;
}
