import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DirectoryRecord } from './directory-record.ts';
import { RECORD_SIZE, readRecord, slotKind, writeRecord } from './directory-record.ts';

const word = fc.integer({ min: 0, max: 0xffff });
const records: fc.Arbitrary<DirectoryRecord> = fc.record({
  shortName: fc
    .uint8Array({ minLength: 11, maxLength: 11 })
    .filter(([first]) => first !== 0 && first !== 0x05)
    .map((bytes) => String.fromCharCode(...bytes)),
  attributes: fc.integer({ min: 0, max: 0x3f }),
  caseFlags: fc.integer({ min: 0, max: 0xff }),
  createTenths: fc.integer({ min: 0, max: 199 }),
  createTime: word,
  createDate: word,
  accessDate: word,
  modifyTime: word,
  modifyDate: word,
  firstCluster: fc.integer({ min: 0, max: 0x0fffffff }),
  size: fc.integer({ min: 0, max: 0xffffffff }),
});

test('what is written is read, also a name that begins with the mark of a deleted one', () => {
  fc.assert(
    fc.property(records, (record) => {
      const bytes = new Uint8Array(RECORD_SIZE * 2);
      writeRecord(bytes, RECORD_SIZE, record);
      expect(readRecord(bytes, RECORD_SIZE, true)).toEqual(record);
      expect(slotKind(bytes, RECORD_SIZE)).not.toBe('deleted');
    }),
  );
});

test('on FAT12 and FAT16 a cluster number has 16 bits, whatever lies in the other half', () => {
  const bytes = new Uint8Array(RECORD_SIZE).fill(0xff);
  expect(readRecord(bytes, 0, false).firstCluster).toBe(0xffff);
  expect(readRecord(bytes, 0, true).firstCluster).toBe(0xffffffff);
});

test.each([
  [0x00, 0x00, 'end'],
  [0xe5, 0x20, 'deleted'],
  [0x41, 0x0f, 'long-name'],
  [0x41, 0x08, 'volume-id'],
  [0x41, 0x28, 'volume-id'],
  [0x41, 0x10, 'entry'],
  [0x05, 0x20, 'entry'],
] as const)('a slot with %i and attributes %i is: %s', (first, attributes, kind) => {
  const bytes = new Uint8Array(RECORD_SIZE);
  bytes[0] = first;
  bytes[11] = attributes;
  expect(slotKind(bytes, 0)).toBe(kind);
});
