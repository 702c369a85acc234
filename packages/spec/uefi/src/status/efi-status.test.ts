import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { efiStatusFromNumber, efiStatusToNumber, isEfiError } from './efi-status.ts';

describe('EFI_STATUS (UEFI Appendix D, PI Vol. 1)', () => {
  test.each([
    ['EFI_SUCCESS', 0n, 0n],
    ['EFI_LOAD_ERROR', 0x8000000000000001n, 0x80000001n],
    ['EFI_NOT_FOUND', 0x800000000000000en, 0x8000000en],
    ['EFI_CRC_ERROR', 0x800000000000001bn, 0x8000001bn],
    ['EFI_HTTP_ERROR', 0x8000000000000023n, 0x80000023n],
    ['EFI_REQUEST_UNLOAD_IMAGE', 0xa000000000000001n, 0xa0000001n],
    ['EFI_NOT_AVAILABLE_YET', 0xa000000000000002n, 0xa0000002n],
    ['EFI_WARN_UNKNOWN_GLYPH', 1n, 1n],
    ['EFI_WARN_RESET_REQUIRED', 7n, 7n],
  ] as const)('%s has its number for 64 and for 32 bits', (status, wide, narrow) => {
    expect(efiStatusToNumber(status)).toBe(wide);
    expect(efiStatusToNumber(status, 32)).toBe(narrow);
    expect(efiStatusFromNumber(wide)).toBe(status);
    expect(efiStatusFromNumber(narrow, 32)).toBe(status);
  });

  test('only the top bit makes an error: a warning is a success with something to say', () => {
    expect(isEfiError('EFI_NOT_FOUND')).toBe(true);
    expect(isEfiError('EFI_SUCCESS')).toBe(false);
    expect(isEfiError('EFI_WARN_STALE_DATA')).toBe(false);
    expect(isEfiError('0x8000000000000063')).toBe(true);
    expect(isEfiError('0x80000063')).toBe(false);
    expect(isEfiError('0x80000063', 32)).toBe(true);
  });

  test.each([
    [0x800000000000001dn, '29 and 30 were never given out'],
    [0xc000000000000001n, "an OEM's error"],
    [0x8n, 'a warning that no one knows'],
  ])('%d has no word and passes through: %s', (number) => {
    expect(efiStatusToNumber(efiStatusFromNumber(number))).toBe(number);
  });

  test('property: every number passes through unharmed', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
        expect(efiStatusToNumber(efiStatusFromNumber(number))).toBe(number);
        const narrow = BigInt.asUintN(32, number);
        expect(efiStatusToNumber(efiStatusFromNumber(narrow, 32), 32)).toBe(narrow);
      }),
    );
  });
});
