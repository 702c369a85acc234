import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RegionMap } from './region-map.ts';
import { Region } from './region.ts';

const handler = { read: () => 0, write: () => {} };
const region = (name: string, base: number, size: number): Region =>
  new Region(name, base, size, handler);

describe('a map of regions', () => {
  test('an address is answered by the region that holds it', () => {
    const map = new RegionMap();
    const [low, high] = [region('low', 0x1000, 0x100), region('high', 0x2000, 0x100)];
    map.add(high);
    map.add(low);
    expect(map.find(0xfff)).toBeUndefined();
    expect(map.find(0x1000)).toBe(low);
    expect(map.find(0x10ff)).toBe(low);
    expect(map.find(0x1100)).toBeUndefined();
    expect(map.find(0x2080)).toBe(high);
    expect(map.regions).toEqual([low, high]);
  });

  test('a region that was removed answers no more, not even where the last access was', () => {
    const map = new RegionMap();
    const gone = region('gone', 0, 16);
    map.add(gone);
    expect(map.find(4)).toBe(gone);
    map.remove(gone);
    expect(map.find(4)).toBeUndefined();
  });

  test('a range can be addressed above 4 GiB', () => {
    const map = new RegionMap();
    const far = region('far', 2 ** 35, 0x1000);
    map.add(far);
    expect(map.find(2 ** 35 + 0xfff)).toBe(far);
    expect(map.find(0xfff)).toBeUndefined();
  });

  test('of two that overlap, the first keeps its range and the other takes over when it goes', () => {
    const conflicts: string[] = [];
    const map = new RegionMap((waiting, holder) =>
      conflicts.push(`${waiting.name} for ${holder.name}`),
    );
    const [first, second, third] = [region('1', 0, 32), region('2', 16, 32), region('3', 40, 8)];
    map.add(first);
    map.add(second);
    map.add(third);
    expect(conflicts).toEqual(['2 for 1']);
    expect(map.find(32)).toBeUndefined();
    map.remove(first);
    // The third was there before the second could be.
    expect(map.find(32)).toBeUndefined();
    map.remove(third);
    expect(map.find(32)).toBe(second);
    map.remove(second);
    expect(map.regions).toEqual([]);
  });

  test('a region that waits can be removed', () => {
    const map = new RegionMap();
    const [first, second] = [region('1', 0, 32), region('2', 16, 32)];
    map.add(first);
    map.add(second);
    map.remove(second);
    map.remove(first);
    expect(map.regions).toEqual([]);
  });

  test('whatever comes and goes, it answers as a plain search of all regions would', () => {
    const step = fc.record({
      add: fc.boolean(),
      base: fc.nat(60),
      size: fc.integer({ min: 1, max: 12 }),
      victim: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const map = new RegionMap();
        let present: Region[] = [];
        let mapped: Region[] = [];
        const overlaps = (a: Region, b: Region): boolean => a.base < b.end && b.base < a.end;
        for (const { add, base, size, victim } of steps) {
          if (add) {
            const added = region(`${present.length}`, base, size);
            present.push(added);
            map.add(added);
          } else if (present.length > 0) {
            const removed = present[victim % present.length];
            present = present.filter((one) => one !== removed);
            mapped = mapped.filter((one) => one !== removed);
            if (removed !== undefined) map.remove(removed);
          }
          for (const one of present) {
            if (!mapped.includes(one) && !mapped.some((other) => overlaps(one, other)))
              mapped.push(one);
          }
          const addresses = Array.from({ length: 80 }, (_, address) => address);
          expect(addresses.map((address) => map.find(address))).toEqual(
            addresses.map((address) =>
              mapped.find((one) => address >= one.base && address < one.end),
            ),
          );
        }
      }),
    );
  });
});
