import type { PciRootBridgeHob } from '@dxelab/platform';
import type { PciResourceProposal, PciResourceRequest, PciResourceType } from '@dxelab/uefi';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocateFromApertures, freeToApertures } from './aperture-allocator.ts';
import { fakeSpaces } from './fake-spaces.fixture.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const HOB: PciRootBridgeHob = {
  segment: 0,
  firstBus: 0,
  lastBus: 255,
  io: { base: 0x6000, length: 0xa000 },
  mem32: { base: 0xc0000000, length: 512 * MIB },
  mem64: { base: 32 * GIB, length: 32 * GIB },
  ecam: undefined,
  dmaAbove4G: false,
};

const nothingTaken = () => fakeSpaces([HOB]);

function request(type: PciResourceType, length: number, alignment = length): PciResourceRequest {
  return { type, length, alignment };
}

function basesOf(proposals: readonly PciResourceProposal[]) {
  return Object.fromEntries(proposals.map(({ type, base }) => [type, base]));
}

describe('where the requests of a root bridge go (PciHostBridge.c: NotifyPhase)', () => {
  test('bottom-up, each in the aperture of its type', () => {
    const requests = [request('io', 0x1000), request('mem32', MIB), request('mem64', 16384)];
    expect(basesOf(allocateFromApertures(HOB, requests, nothingTaken()))).toEqual({
      io: 0x6000,
      mem32: 0xc0000000,
      mem64: 32 * GIB,
    });
  });

  test('the largest alignment is served first', () => {
    const taken = nothingTaken();
    const requests = [request('mem32', MIB), request('pmem32', 16 * MIB)];
    expect(basesOf(allocateFromApertures(HOB, requests, taken))).toEqual({
      mem32: 0xc1000000,
      pmem32: 0xc0000000,
    });
  });

  test('of two equal alignments the later type is served first', () => {
    const requests = [request('mem32', MIB), request('pmem32', MIB)];
    expect(basesOf(allocateFromApertures(HOB, requests, nothingTaken()))).toEqual({
      mem32: 0xc0100000,
      pmem32: 0xc0000000,
    });
  });

  test('64-bit memory falls back below 4 GiB without a window above, or when that is full', () => {
    const low = { ...HOB, mem64: undefined };
    const requests = [request('mem64', 16 * MIB)];
    expect(basesOf(allocateFromApertures(low, requests, nothingTaken()))).toEqual({
      mem64: 0xc0000000,
    });
    const small = { ...HOB, mem64: { base: 32 * GIB, length: MIB } };
    expect(basesOf(allocateFromApertures(small, requests, nothingTaken()))).toEqual({
      mem64: 0xc0000000,
    });
  });

  test('what fits nowhere has no base, and takes nothing from the others', () => {
    const requests = [request('mem32', GIB), request('mem64', 64 * GIB), request('io', 0x20000)];
    const bases = basesOf(allocateFromApertures(HOB, requests, nothingTaken()));
    expect(bases).toEqual({ mem32: undefined, mem64: undefined, io: undefined });
  });

  test('root bridges that share an aperture do not get the same addresses', () => {
    const taken = nothingTaken();
    allocateFromApertures(HOB, [request('mem32', MIB)], taken);
    const second = allocateFromApertures(HOB, [request('mem32', MIB)], taken);
    expect(basesOf(second)).toEqual({ mem32: 0xc0100000 });
  });

  test('what is given back can be had again', () => {
    const taken = nothingTaken();
    const first = allocateFromApertures(HOB, [request('mem32', MIB), request('io', 8)], taken);
    freeToApertures(first, taken);
    const second = allocateFromApertures(HOB, [request('mem32', MIB), request('io', 8)], taken);
    expect(second).toEqual(first);
  });

  test('no alignment of I/O above 32 KiB is asked of an aperture of 16 address bits', () => {
    const wide = { ...HOB, io: { base: 0x8000, length: 0x8000 } };
    const requests = [request('io', 0x4000, 0x10000)];
    expect(basesOf(allocateFromApertures(wide, requests, nothingTaken()))).toEqual({ io: 0x8000 });
  });
});

test('whatever is asked for: aligned, inside an aperture of its kind, and no overlap', () => {
  const asked = (type: PciResourceType) =>
    fc.record({
      type: fc.constant(type),
      length: fc.oneof(fc.integer({ min: 1, max: 64 * MIB }), fc.constant(40 * GIB)),
      alignment: fc.integer({ min: 0, max: 30 }).map((bits) => 2 ** bits),
    });
  const requests = fc.tuple(asked('io'), asked('mem32'), asked('mem64'));
  fc.assert(
    fc.property(fc.array(requests, { minLength: 1, maxLength: 6 }), (bridges) => {
      const taken = nothingTaken();
      const proposals = bridges.flatMap((each) => allocateFromApertures(HOB, each, taken));
      const placed = proposals.flatMap(({ base, ...rest }) =>
        base === undefined ? [] : [{ base, ...rest }],
      );
      for (const { type, base, length, alignment } of placed) {
        expect(base % Math.min(alignment, type === 'io' ? 0x8000 : alignment)).toBe(0);
        const windows =
          type === 'io' ? [HOB.io] : [HOB.mem32, { base: 32 * GIB, length: 32 * GIB }];
        const end = base + length;
        expect(windows.some((one) => base >= one.base && end <= one.base + one.length)).toBe(true);
      }
      const io = (type: string) => type === 'io';
      for (const [index, a] of placed.entries()) {
        for (const b of placed.slice(index + 1)) {
          const apart = a.base + a.length <= b.base || b.base + b.length <= a.base;
          expect(apart || io(a.type) !== io(b.type)).toBe(true);
        }
      }
    }),
  );
});
