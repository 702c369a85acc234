import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBar, isWideBar } from './pci-bar.ts';

const GIB = 2 ** 30;

describe('what a register answers to all ones (PCI Local Bus 3.0 §6.2.5.1)', () => {
  test('nothing: there is no BAR', () => {
    expect(decodeBar(0, 0)).toBeUndefined();
  });

  test.each([
    ['32-bit memory', 0xfffff000, 0, 'mem32', 0x1000, 0x1000],
    ['prefetchable', 0xfe000008, 0, 'pmem32', 32 * 2 ** 20, 32 * 2 ** 20],
    ['64-bit memory', 0xffffc004, 0xffffffff, 'mem64', 0x4000, 0x4000],
    ['QEMU virtio: 64-bit prefetchable', 0xffffc00c, 0xffffffff, 'pmem64', 0x4000, 0x4000],
    ['64 bits whose upper half is not there', 0xffffc00c, 0, 'pmem64', 0x4000, 0x4000],
    ['8 GiB', 0x0000000c, 0xfffffffe, 'pmem64', 8 * GIB, 8 * GIB],
    ['I/O with 32 address lines', 0xffffffe1, 0, 'io', 32, 32],
    ['I/O with 16 address lines', 0x0000ffe1, 0, 'io', 32, 32],
  ])('%s', (_, answer, upper, type, length, alignment) => {
    expect(decodeBar(answer, upper)).toEqual({ type, length, alignment });
  });

  test('memory below a page is aligned to a page', () => {
    expect(decodeBar(0xffffff00, 0)).toEqual({ type: 'mem32', length: 256, alignment: 4096 });
  });

  test.each([
    ['below 1 MiB, which nobody has any more', 0xfffff002, 0],
    ['reserved', 0xfffff006, 0],
    ['memory without address bits', 0x8, 0],
    ['64-bit memory without address bits', 0x4, 0],
    ['I/O without address bits', 0x1, 0],
    ['address bits with a gap', 0xfff0f000, 0],
    ['64 address bits with a gap', 0x0000000c, 0xfffffffd],
  ])('no BAR that makes sense: %s', (_, answer, upper) => {
    expect(decodeBar(answer, upper)).toBeUndefined();
  });

  test('only 64-bit memory takes the next register', () => {
    expect([0xc, 0x4, 0x8, 0x0, 0x5, 0x2].map(isWideBar)).toEqual([
      true,
      true,
      ...[0, 0, 0, 0].map(Boolean),
    ]);
  });

  test('whatever the device answers, a BAR has a length and an alignment of powers of two', () => {
    const answer = fc.oneof(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc
        .tuple(fc.integer({ min: 0, max: 31 }), fc.nat(15))
        .map(([bit, flags]) => ((-1 << bit) | flags) >>> 0),
    );
    fc.assert(
      fc.property(answer, answer, (low, high) => {
        const bar = decodeBar(low, high);
        fc.pre(bar !== undefined);
        expect(bar.length).toBeGreaterThanOrEqual(4);
        expect(bar.alignment).toBeGreaterThanOrEqual(bar.length);
        expect(Number.isInteger(Math.log2(bar.length))).toBe(true);
        expect(Number.isInteger(Math.log2(bar.alignment))).toBe(true);
      }),
    );
  });
});
