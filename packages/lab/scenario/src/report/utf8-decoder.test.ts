import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Utf8Decoder } from './utf8-decoder.ts';

function decode(bytes: Iterable<number>): string {
  let text = '';
  const decoder = new Utf8Decoder((character) => (text += character));
  for (const byte of bytes) decoder.write(byte);
  return text;
}

describe('Utf8Decoder', () => {
  test('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decode(new TextEncoder().encode(text))).toBe(text);
      }),
    );
  });

  test('shows each character as soon as it is complete', () => {
    expect(decode([0xc3])).toBe('');
    expect(decode([0xc3, 0xa9])).toBe('é');
  });

  test.each([
    [[0x41, 0xff, 0x42], 'A\u{fffd}B'],
    [[0xc3, 0x41], '\u{fffd}A'],
    [[0x80], '\u{fffd}'],
    [[0xe0, 0x80, 0x80], '\u{fffd}'],
    [[0xed, 0xa0, 0x80], '\u{fffd}'],
    [[0xf4, 0x90, 0x80, 0x80], '\u{fffd}'],
  ])('replaces what is no UTF-8: %j', (bytes, text) => {
    expect(decode(bytes)).toBe(text);
  });
});
