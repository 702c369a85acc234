import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Bytes } from './utf8.ts';

describe('UTF-8 (RFC 3629 §3)', () => {
  test.each([
    ['A', [0x41]],
    ['\u007f\u0080', [0x7f, 0xc2, 0x80]],
    ['ü', [0xc3, 0xbc]],
    ['\u07ff\u0800', [0xdf, 0xbf, 0xe0, 0xa0, 0x80]],
    ['€', [0xe2, 0x82, 0xac]],
    ['\uffff', [0xef, 0xbf, 0xbf]],
    ['😀', [0xf0, 0x9f, 0x98, 0x80]],
    ['\u{10ffff}', [0xf4, 0x8f, 0xbf, 0xbf]],
    ['', []],
  ])('%j', (text, bytes) => {
    expect(utf8Bytes(text)).toEqual(bytes);
  });

  test('half a surrogate pair is U+FFFD', () => {
    expect(utf8Bytes('\ud83d!')).toEqual([0xef, 0xbf, 0xbd, 0x21]);
    expect(utf8Bytes('\ude00')).toEqual([0xef, 0xbf, 0xbd]);
  });

  test('property: every text as the host encodes it', () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Bytes(text)).toEqual([...encoder.encode(text)]);
      }),
    );
  });
});
