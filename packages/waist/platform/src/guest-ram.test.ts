import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACCESS_COST, Cycles } from './cycles.ts';
import { GuestRam } from './guest-ram.ts';
import { LocalRam } from './local-ram.ts';
import { PlatformFault } from './platform-fault.ts';
import { HIGH } from './test-platform.fixture.ts';

const SIZE = 64;

/** RAM below and above 4 GiB; the window may lie over either range, or nowhere. */
function createRam(window?: number) {
  const storage = new LocalRam([
    { base: HIGH, bytes: new Uint8Array(SIZE) },
    { base: 0, bytes: new Uint8Array(SIZE) },
  ]);
  const cycles = new Cycles(() => {});
  const range = window === undefined ? undefined : storage.ranges[window];
  return { ram: new GuestRam(cycles, storage, range), storage, cycles };
}

describe.each([
  ['over the low range', 0],
  ['over the high range', 1],
  ['nowhere', undefined],
])('guest RAM with its window %s', (_, window) => {
  test.each([0, HIGH])('values are little-endian at %i', (base) => {
    const { ram } = createRam(window);
    ram.writeUint32(base, 0x81828384);
    expect(ram.readUint8(base)).toBe(0x84);
    expect(ram.readUint16(base + 2)).toBe(0x8182);
    ram.writeUint16(base, 0xf1f2);
    ram.writeUint8(base + 3, 0xf3);
    expect(ram.readUint32(base)).toBe(0xf382f1f2);
    ram.writeBigUint64(base + 8, 0x8000_0000_0000_0001n);
    expect(ram.readBigUint64(base + 8)).toBe(0x8000_0000_0000_0001n);
    ram.writeUint32x4(base + 16, 0x1_8182_8384, 0, -1, 0x8000_0001);
    expect([0, 4, 8, 12].map((at) => ram.readUint32(base + 16 + at))).toEqual([
      0x8182_8384, 0, 0xffff_ffff, 0x8000_0001,
    ]);
    ram.writeUint64(base + 8, Number.MAX_SAFE_INTEGER);
    expect(ram.readBigUint64(base + 8)).toBe(BigInt(Number.MAX_SAFE_INTEGER));
  });

  test.each([
    ['behind the low range', SIZE],
    ['across the end of the low range', SIZE - 3],
    ['before the high range', HIGH - 1],
    ['behind the high range', HIGH + SIZE],
    ['at a negative address', -4],
  ])('an access %s is a fault, and changes nothing', (__, address) => {
    const { ram, storage } = createRam(window);
    expect(() => ram.readUint32(address)).toThrow(PlatformFault);
    expect(() => ram.writeUint32(address, 0xffff_ffff)).toThrow(PlatformFault);
    expect(() => ram.writeBytes(address, new Uint8Array(4).fill(1))).toThrow(PlatformFault);
    expect(() => ram.fill(address, 4, 1)).toThrow(PlatformFault);
    expect(() => ram.copy(0, address, 4)).toThrow(PlatformFault);
    expect(storage.ranges.flatMap(({ bytes }) => [...bytes]).every((byte) => byte === 0)).toBe(
      true,
    );
  });

  test('16 bytes are written as four accesses are: those before the end of RAM are made', () => {
    const { ram } = createRam(window);
    expect(() => ram.writeUint32x4(SIZE - 8, 1, 2, 3, 4)).toThrow(PlatformFault);
    expect([ram.readUint32(SIZE - 8), ram.readUint32(SIZE - 4)]).toEqual([1, 2]);
  });

  test('every access costs the same, 64 bits as two', () => {
    const { ram, cycles } = createRam(window);
    ram.readUint8(0);
    ram.writeUint16(HIGH, 1);
    ram.readBytes(0, new Uint8Array(32));
    expect(cycles.accesses).toBe(3);
    ram.writeUint64(0, 1);
    expect(cycles.accesses).toBe(5);
    ram.writeUint32x4(0, 1, 2, 3, 4);
    expect(cycles.accesses).toBe(9);
  });
});

test('what is due between four accesses comes between them', () => {
  const storage = new LocalRam([{ base: 0, bytes: new Uint8Array(SIZE) }]);
  const seen: number[] = [];
  const cycles = new Cycles(() => {
    seen.push(storage.readUint32(0), storage.readUint32(4));
    cycles.due = Infinity;
  });
  const ram = new GuestRam(cycles, storage, storage.ranges[0]);
  cycles.due = 2 * ACCESS_COST;
  ram.writeUint32x4(0, 1, 2, 3, 4);
  expect(seen).toEqual([1, 0]);
  expect(storage.readUint32(12)).toBe(4);
});

test('copies may overlap, and may go from range to range', () => {
  const { ram } = createRam(0);
  ram.writeBytes(0, Uint8Array.of(1, 2, 3, 4));
  ram.copy(1, 0, 4);
  ram.copy(HIGH, 1, 4);
  const bytes = new Uint8Array(4);
  ram.readBytes(HIGH, bytes);
  expect([...bytes]).toEqual([1, 2, 3, 4]);
});

test('the window changes nothing but speed', () => {
  const address = fc.oneof(
    fc.integer({ min: -4, max: SIZE + 4 }),
    fc.integer({ min: HIGH - 4, max: HIGH + SIZE + 4 }),
  );
  const step = fc.record({ address, width: fc.constantFrom(1, 2, 4), value: fc.nat(0xffff_ffff) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const rams = [createRam(), createRam(0), createRam(1)];
      for (const { address: at, width, value } of steps) {
        const outcomes = rams.map(({ ram }) => {
          try {
            if (width === 1) ram.writeUint8(at, value);
            else if (width === 2) ram.writeUint16(at, value);
            else ram.writeUint32(at, value);
            return [
              ram.readUint8(at),
              width > 1 && ram.readUint16(at),
              width > 2 && ram.readUint32(at),
            ];
          } catch (caught) {
            return caught instanceof PlatformFault ? caught.message : caught;
          }
        });
        expect(outcomes[1]).toEqual(outcomes[0]);
        expect(outcomes[2]).toEqual(outcomes[0]);
      }
    }),
  );
});
