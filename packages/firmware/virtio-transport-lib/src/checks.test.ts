import { describe, expect, test } from 'vitest';
import { legacyFeatures, queuePageNumber, require4096 } from './checks.ts';

describe('what a transport cannot carry', () => {
  test('page sizes and alignments other than 4096: EFI_UNSUPPORTED', () => {
    expect(() => require4096('the page size', 4096)).not.toThrow();
    expect(() => require4096('the page size', 8192)).toThrow(
      'EFI_UNSUPPORTED: the page size is 4096, not 8192',
    );
  });

  test('features of a legacy device beyond bit 31: EFI_UNSUPPORTED', () => {
    expect(legacyFeatures(0xffffffffn)).toBe(0xffffffff);
    expect(() => legacyFeatures(1n << 32n)).toThrow('EFI_UNSUPPORTED');
  });

  test.each([
    [0x1000, 1],
    [2 ** 44 - 0x1000, 0xffffffff],
  ])('a ring at %d begins in page %d', (address, page) => {
    expect(queuePageNumber(address)).toBe(page);
  });

  test.each([0x1800, 2 ** 44, -0x1000])(
    'a ring at %d of a legacy device: EFI_UNSUPPORTED',
    (address) => {
      expect(() => queuePageNumber(address)).toThrow('EFI_UNSUPPORTED');
    },
  );
});
