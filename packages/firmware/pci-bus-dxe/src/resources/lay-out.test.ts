import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut } from './lay-out.ts';

test('the largest alignment comes first, equal ones in the order in which they were found', () => {
  const nodes = [
    { name: 'a', length: 0x1000, alignment: 0x1000 },
    { name: 'b', length: 0x4000, alignment: 0x4000 },
    { name: 'c', length: 0x1000, alignment: 0x1000 },
  ];
  const { placed, length, alignment } = layOut(nodes, 1);
  expect(placed.map(({ node, offset }) => [node.name, offset])).toEqual([
    ['b', 0],
    ['a', 0x4000],
    ['c', 0x5000],
  ]);
  expect({ length, alignment }).toEqual({ length: 0x6000, alignment: 0x4000 });
});

test('a window is a multiple of its granularity, and aligned to it', () => {
  const nodes = [{ length: 0x20, alignment: 0x20 }];
  expect(layOut(nodes, 0x1000)).toMatchObject({ length: 0x1000, alignment: 0x1000 });
});

test('nothing needs nothing', () => {
  expect(layOut([], 0x1000)).toEqual({ length: 0, alignment: 0x1000, placed: [] });
});

test('whatever is laid out: aligned wherever the range begins, inside it, and no overlap', () => {
  const node = fc
    .record({ bits: fc.integer({ min: 2, max: 30 }), length: fc.integer({ min: 1, max: 2 ** 30 }) })
    .map(({ bits, length }) => ({ alignment: 2 ** bits, length }));
  const granularity = fc.constantFrom(1, 0x1000, 0x100000);
  fc.assert(
    fc.property(fc.array(node), granularity, fc.nat(64), (nodes, unit, position) => {
      const { placed, length, alignment } = layOut(nodes, unit);
      expect(length % unit).toBe(0);
      expect(placed).toHaveLength(nodes.length);
      let end = position * alignment;
      for (const { node: each, offset } of placed) {
        const address = position * alignment + offset;
        expect(address % each.alignment).toBe(0);
        expect(address).toBeGreaterThanOrEqual(end);
        end = address + each.length;
      }
      expect(end).toBeLessThanOrEqual(position * alignment + length);
    }),
  );
});
