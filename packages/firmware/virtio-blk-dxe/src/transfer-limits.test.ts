import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LARGEST_SEGMENT, transferLimits } from './transfer-limits.ts';
import type { VirtioBlkConfig } from './virtio-blk-config.ts';

const config = (changes: Partial<VirtioBlkConfig> = {}): VirtioBlkConfig => ({
  blockSize: 512,
  blocks: 2048,
  topology: undefined,
  sizeMax: undefined,
  segMax: undefined,
  ...changes,
});

describe('how a transfer is cut (virtio §5.2.3)', () => {
  test('a device that sets no limit gets 1 GiB in one descriptor', () => {
    expect(transferLimits(config(), 3)).toEqual({
      segment: LARGEST_SEGMENT,
      request: LARGEST_SEGMENT,
    });
  });

  test('size_max cuts descriptors, seg_max requests, down to whole blocks', () => {
    const limits = config({ sizeMax: 1000, segMax: 3 });
    expect(transferLimits(limits, 128)).toEqual({ segment: 1000, request: 2560 });
  });

  test('two descriptors of the queue are for header and status', () => {
    const limits = config({ sizeMax: 4096, segMax: 126 });
    expect(transferLimits(limits, 16)).toEqual({ segment: 4096, request: 14 * 4096 });
  });

  test.each<[Partial<VirtioBlkConfig>, string]>([
    [{ sizeMax: 0 }, 'segments of nothing'],
    [{ segMax: 0 }, 'no segments'],
    [{ sizeMax: 511, segMax: 1 }, 'less than a block'],
  ])('%o is EFI_UNSUPPORTED: %s', (limits, _what) => {
    expect(() => transferLimits(config(limits), 128)).toThrow('EFI_UNSUPPORTED');
  });

  test('property: whole blocks, and never more descriptors than there are', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(512, 1024, 4096),
        fc.option(fc.nat(0xffff_ffff), { nil: undefined }),
        fc.option(fc.nat(0xffff_ffff), { nil: undefined }),
        fc.integer({ min: 3, max: 32768 }),
        (blockSize, sizeMax, segMax, queueSize) => {
          fc.pre((sizeMax ?? 512) * (segMax ?? 1) >= blockSize && (sizeMax ?? 4096) >= 4096);
          const { segment, request } = transferLimits(
            config({ blockSize, sizeMax, segMax }),
            queueSize,
          );
          expect(request % blockSize).toBe(0);
          expect(request).toBeGreaterThan(0);
          const segments = Math.ceil(request / segment);
          expect(segments).toBeLessThanOrEqual(Math.min(segMax ?? Infinity, queueSize - 2));
          expect(segment).toBeLessThanOrEqual(sizeMax ?? LARGEST_SEGMENT);
        },
      ),
    );
  });
});
