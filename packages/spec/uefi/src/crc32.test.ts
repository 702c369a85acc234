import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The definition: one bit after the other. */
function bitwise(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0xedb88320);
  }
  return ~crc >>> 0;
}

test.each([
  ['', 0],
  ['a', 0xe8b7be43],
  ['123456789', 0xcbf43926],
  ['The quick brown fox jumps over the lazy dog', 0x414fa339],
])('crc32 of %j', (text, expected) => {
  expect(crc32(ascii(text))).toBe(expected);
});

test('property: it is the bitwise definition, for every length and alignment', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat({ max: 8 }), (bytes, skip) => {
      const data = bytes.subarray(Math.min(skip, bytes.length));
      expect(crc32(data)).toBe(bitwise(data));
    }),
  );
});

test('property: it can be taken up where it was left', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (head, tail) => {
      expect(crc32(tail, crc32(head))).toBe(crc32(Uint8Array.from([...head, ...tail])));
    }),
  );
});
