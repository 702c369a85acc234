import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyDecoder } from './key-decoder.ts';
import { Utf8Decoder } from './utf8-decoder.ts';

/** What keys a text makes, and what is left of it at the end: scan codes, and characters as text. */
function keysOf(text: string, vtUtf8Only = false): (number | string)[] {
  const decoder = new KeyDecoder(vtUtf8Only);
  const keys = Array.from(text, (character) => decoder.decode(character)).flat();
  return [...keys, ...decoder.flush()].map(({ scanCode, unicodeChar }) =>
    scanCode === 0 ? String.fromCodePoint(unicodeChar) : scanCode,
  );
}

describe('the keys of a VT-UTF8 terminal (UEFI Appendix B)', () => {
  test.each([
    ['a\r', ['a', '\r']],
    ['\u001B[A\u001B[B\u001B[C\u001B[D', [1, 2, 3, 4]],
    ['\u001Bh\u001Bk\u001B+\u001B-\u001B?\u001B/', [5, 6, 7, 8, 9, 0xa]],
    ['\u001B1\u001B9\u001B0\u001B!\u001B@', [0xb, 0x13, 0x14, 0x15, 0x16]],
    ['\u001B', [0x17]],
    ['\u001B\u001B[A', [0x17, 1]],
    // no key's sequence: each character is a key
    ['\u001B[Q', [0x17, '[', 'Q']],
    ['\u001Bx', [0x17, 'x']],
  ])('%j', (text, keys) => {
    expect(keysOf(text)).toEqual(keys);
    expect(keysOf(text, true)).toEqual(keys);
  });

  test.each([
    ['\u001B[H\u001B[F', [5, 6]],
    ['\u001B[2~\u001B[3~\u001B[5~\u001B[6~', [7, 8, 9, 0xa]],
    ['\u001BOP\u001B[15~\u001B[24~', [0xb, 0xf, 0x16]],
    ['\u007F', ['\b']],
  ])('an xterm sends %j, which EDK II does not know', (text, keys) => {
    expect(keysOf(text)).toEqual(keys);
    expect(keysOf(text, true)).not.toEqual(keys);
  });

  test('property: no character is lost, and nothing stays pending', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\u001B', '[', 'Z', '5', 'O') }), (text) => {
        const decoder = new KeyDecoder(false);
        const keys = [...Array.from(text, (one) => decoder.decode(one)).flat(), ...decoder.flush()];
        expect(decoder.isPending).toBe(false);
        expect(keys.length).toBeGreaterThanOrEqual(text === '' ? 0 : 1);
        expect(keys.length).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

describe('UTF-8 that comes byte by byte (RFC 3629 §3)', () => {
  const decode = (bytes: Iterable<number>): string => {
    const decoder = new Utf8Decoder();
    return Array.from(bytes, (byte) => decoder.decode(byte)).join('');
  };

  test('property: every text of the Basic Multilingual Plane', () => {
    const bmp = fc.integer({ min: 0, max: 0xffff }).filter((point) => (point & 0xf800) !== 0xd800);
    fc.assert(
      fc.property(fc.array(bmp), (points) => {
        const text = String.fromCodePoint(...points);
        expect(decode(new TextEncoder().encode(text))).toBe(text);
      }),
    );
  });

  test.each([
    ['half a character', [0xc3, 0x41], '\uFFFDA'],
    ['a byte that begins none', [0x80, 0xff], '\uFFFD\uFFFD'],
    ['more bytes than it takes', [0xc0, 0x80], '\uFFFD'],
    ['a surrogate', [0xed, 0xa0, 0x80], '\uFFFD'],
    ['a character that no key has', [0xf0, 0x9f, 0x98, 0x80], '\uFFFD'],
  ])('%s is U+FFFD', (_, bytes, text) => {
    expect(decode(bytes)).toBe(text);
  });
});
