import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyOption } from './key-option.ts';
import { readKeyOption, writeKeyOption } from './key-option.ts';

const F9 = { scanCode: 0x13, unicodeChar: 0 };
const option: KeyOption = {
  revision: 0,
  modifiers: ['shift', 'alt'],
  bootOptionCrc: 0xdeadbeef,
  bootOption: 0x1f,
  keys: [F9, { scanCode: 0, unicodeChar: 0x61 }],
};
const bytes = [0, 5, 0, 0x80, 0xef, 0xbe, 0xad, 0xde, 0x1f, 0, 0x13, 0, 0, 0, 0, 0, 0x61, 0];

describe('EFI_KEY_OPTION (UEFI §3.1.6)', () => {
  test('key data, CRC-32, number of the boot option, keys', () => {
    expect([...writeKeyOption(option)]).toEqual(bytes);
    expect(readKeyOption(Uint8Array.from(bytes)).value).toEqual(option);
  });

  test.each<[string, readonly number[]]>([
    ['expected at least 10 bytes, found 9', bytes.slice(0, 9)],
    ['expected 18 bytes for 2 keys, found 17', bytes.slice(0, -1)],
    ['expected 18 bytes for 2 keys, found 19', [...bytes, 0]],
    ['reserved bits of the key data are set', [0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])('%s', (problem, given) => {
    expect(readKeyOption(Uint8Array.from(given)).problem).toBe(problem);
  });

  test.each<[string, Partial<KeyOption>]>([
    ['four keys', { keys: [F9, F9, F9, F9] }],
    ['a revision of 9 bits', { revision: 256 }],
    ['a scan code of 17 bits', { keys: [{ scanCode: 0x10000, unicodeChar: 0 }] }],
    ['a CRC-32 of 33 bits', { bootOptionCrc: 2 ** 32 }],
  ])('%s is EFI_INVALID_PARAMETER', (_what, part) => {
    expect(() => writeKeyOption({ ...option, ...part })).toThrow('EFI_INVALID_PARAMETER');
  });

  test('property: whatever bytes are read, the same are written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.uint8Array({ minLength: 22, maxLength: 22 }),
        (count, any) => {
          const given = any.slice(0, 10 + count * 4);
          given.set([(any[1] ?? 0) & 0x3f, 0, count << 6], 1);
          const { value } = readKeyOption(given);
          expect(value?.keys).toHaveLength(count);
          expect(writeKeyOption(value ?? option)).toEqual(given);
        },
      ),
    );
  });

  test('property: no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (given) => {
        const { value, problem } = readKeyOption(given);
        expect(value === undefined).toBe(problem !== undefined);
      }),
    );
  });
});
