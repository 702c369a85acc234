import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZERO_GUID, guid, guidFromBytes, guidToBytes } from './guid.ts';

describe('GUIDs (UEFI Appendix A)', () => {
  test('identity is the canonical, lower-case text', () => {
    expect(guid('C12A7328-F81F-11D2-BA4B-00A0C93EC93B')).toBe(
      guid('c12a7328-f81f-11d2-ba4b-00a0c93ec93b'),
    );
  });

  test('in memory the first three fields are little-endian, the rest as written', () => {
    const bytes = guidToBytes(guid('00112233-4455-6677-8899-aabbccddeeff'));
    expect(Buffer.from(bytes).toString('hex')).toBe('33221100554477668899aabbccddeeff');
  });

  test.each([
    '',
    '00112233-4455-6677-8899-aabbccddeef',
    '{c12a7328}',
    'g0112233-4455-6677-8899-aabbccddeeff',
  ])('%j is no GUID: the source code is wrong, not a service', (text) => {
    expect(() => guid(text)).toThrow(TypeError);
  });

  test('what the array does not have reads as zero', () => {
    expect(guidFromBytes(new Uint8Array(0))).toBe(ZERO_GUID);
  });

  test('property: 16 bytes at any offset come back', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.nat({ max: 20 }),
        (bytes, offset) => {
          const memory = new Uint8Array(offset + 20);
          memory.set(bytes, offset);
          const value = guidFromBytes(memory, offset);
          expect(guid(value)).toBe(value);
          expect(guidToBytes(value)).toEqual(bytes);
        },
      ),
    );
  });
});
