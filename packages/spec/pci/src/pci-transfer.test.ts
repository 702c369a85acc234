import { describe, expect, test } from 'vitest';
import { pciTransfer } from './pci-transfer.ts';

const buffer = new Uint8Array(64);

describe('the widths of a transfer (UEFI §14.2)', () => {
  test.each([
    [0, 1, 1, 1, 3],
    [1, 2, 2, 2, 6],
    [2, 4, 4, 4, 12],
    [3, 8, 8, 8, 24],
    [4, 1, 0, 1, 1],
    [6, 4, 0, 4, 4],
    [8, 1, 1, 0, 3],
    [11, 8, 8, 0, 24],
  ])('width %i: size %i, address by %i, buffer by %i, %i bytes', (width, size, ...rest) => {
    const [addressStride, bufferStride, length] = rest;
    const count = 3;
    expect(pciTransfer(width, count, buffer)).toEqual({
      size,
      count,
      addressStride,
      bufferStride,
      length,
    });
  });

  test.each([-1, 12, 0.5, Number.NaN])('width %d is EFI_INVALID_PARAMETER', (width) => {
    expect(() => pciTransfer(width, 1, buffer)).toThrow(/EFI_INVALID_PARAMETER.*width/);
  });

  test.each([-1, 2 ** 53, 0.5, Number.NaN])('a count of %d is EFI_INVALID_PARAMETER', (count) => {
    expect(() => pciTransfer(2, count, buffer)).toThrow(/EFI_INVALID_PARAMETER/);
  });

  test('a buffer must hold what walks through it: a fill takes one value', () => {
    expect(() => pciTransfer(2, 17, buffer)).toThrow(/EFI_INVALID_PARAMETER.*68 bytes, not 64/);
    expect(pciTransfer(10, 17, buffer).length).toBe(68);
    expect(() => pciTransfer(10, 1, new Uint8Array(3))).toThrow(/EFI_INVALID_PARAMETER/);
  });

  test('nothing needs no buffer', () => {
    expect(pciTransfer(6, 0, new Uint8Array(0)).length).toBe(0);
  });
});
