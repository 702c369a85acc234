import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleRows } from './visible-rows.ts';

const shown = (size: number, matters: readonly number[]): string =>
  visibleRows(size, matters)
    .map((row) => (row.kind === 'fold' ? `(${row.count})` : String(row.slot)))
    .join(' ');

test('a small table is shown as a whole', () => {
  expect(shown(4, [])).toBe('0 1 2 3');
});

test('of a large one, what matters is shown with its neighbours', () => {
  expect(shown(256, [0, 100])).toBe('0 1 (97) 99 100 101 (154)');
});

test('a single row is not folded', () => {
  expect(shown(256, [1, 5])).toBe('0 1 2 3 4 5 6 (249)');
});

test('every row is shown once or folded, in its order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.array(fc.integer({ min: -1, max: 400 })),
      (size, matters) => {
        let next = 0;
        const slots: (readonly [shown: number, expected: number])[] = [];
        for (const row of visibleRows(size, matters)) {
          if (row.kind === 'slot') slots.push([row.slot, next]);
          next += row.kind === 'slot' ? 1 : row.count;
        }
        expect(slots.map(([slot]) => slot)).toEqual(slots.map(([, expected]) => expected));
        expect(next).toBe(size);
      },
    ),
  );
});
