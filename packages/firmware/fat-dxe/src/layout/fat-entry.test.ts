import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAT_BAD, FAT_END, FAT_END_MIN, FAT_FREE, fatEntryCodec } from './fat-entry.ts';

const WIDTHS = [
  { type: 'FAT12', most: 0xff4, bits: 12 },
  { type: 'FAT16', most: 0xfff4, bits: 16 },
  { type: 'FAT32', most: 0x0ffffff5, bits: 32 },
] as const;

describe.each(WIDTHS)('$type', ({ type, most, bits }) => {
  const codec = fatEntryCodec(type);
  const values = fc.oneof(
    fc.integer({ min: 0, max: most }),
    fc.constantFrom(FAT_FREE, FAT_BAD, FAT_END),
  );

  test('what is written is read, and its neighbours stay', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 2, maxLength: 50 }), (entries) => {
        const bytes = new Uint8Array(entries.length * 4 + 4);
        for (const [cluster, value] of entries.entries()) {
          codec.write(bytes, codec.offset(cluster), cluster, value);
        }
        for (const [cluster, value] of entries.entries()) {
          expect(codec.read(bytes, codec.offset(cluster), cluster)).toBe(value);
        }
      }),
    );
  });

  test('an entry lies where the specification puts it', () => {
    for (const cluster of [0, 1, 2, 3, 100, 101]) {
      expect(codec.offset(cluster)).toBe(Math.floor((cluster * bits) / 8));
    }
  });

  test('all marks of an end read as one, and none of them as a bad cluster', () => {
    const bytes = new Uint8Array(8).fill(0xff);
    bytes[0] = 0xf8;
    expect(codec.read(bytes, 0, 0)).toBeGreaterThanOrEqual(FAT_END_MIN);
    bytes[0] = 0xf7;
    expect(codec.read(bytes, 0, 0)).toBe(FAT_BAD);
    bytes[0] = 0xf6;
    expect(codec.read(bytes, 0, 0)).toBeLessThan(FAT_BAD);
  });
});

test('FAT32 keeps the four bits that are not its own', () => {
  const bytes = Uint8Array.of(0, 0, 0, 0xa0);
  const codec = fatEntryCodec('FAT32');
  codec.write(bytes, 0, 0, 0x0abcdef1);
  expect([...bytes]).toEqual([0xf1, 0xde, 0xbc, 0xaa]);
  expect(codec.read(bytes, 0, 0)).toBe(0x0abcdef1);
});

test('two entries of FAT12 share a byte', () => {
  const bytes = new Uint8Array(3);
  const codec = fatEntryCodec('FAT12');
  codec.write(bytes, codec.offset(0), 0, 0x123);
  codec.write(bytes, codec.offset(1), 1, 0x456);
  expect([...bytes]).toEqual([0x23, 0x61, 0x45]);
});
