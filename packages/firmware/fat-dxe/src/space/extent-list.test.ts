import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExtentList } from './extent-list.ts';

function listOf(clusters: readonly number[]): ExtentList {
  const list = new ExtentList();
  for (const cluster of clusters) list.append(cluster, 1);
  return list;
}

/** Chains with some runs in them. */
const chains = fc
  .array(fc.tuple(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 1, max: 5 })), {
    maxLength: 20,
  })
  .map((runs) =>
    runs.flatMap(([first, count]) => Array.from({ length: count }, (_, at) => first + at)),
  );

describe('the runs of a chain', () => {
  test('every cluster is found, in any order, with what follows it on the medium', () => {
    fc.assert(
      fc.property(chains, fc.array(fc.nat()), (clusters, wishes) => {
        const list = listOf(clusters);
        expect(list.total).toBe(clusters.length);
        expect(list.last).toBe(clusters.at(-1) ?? 0);
        for (const wish of clusters.length === 0 ? [] : wishes) {
          const index = wish % clusters.length;
          list.seek(index);
          expect(list.cluster).toBe(clusters[index]);
          expect(list.left).toBeGreaterThan(0);
          for (let step = 1; step < list.left; step++) {
            expect(clusters[index + step]).toBe(list.cluster + step);
          }
          expect(clusters[index + list.left]).not.toBe(list.cluster + list.left);
        }
      }),
    );
  });

  test('a cut keeps the beginning and returns the rest in order', () => {
    fc.assert(
      fc.property(chains, fc.nat(110), (clusters, kept) => {
        const list = listOf(clusters);
        const removed = list
          .cut(kept)
          .flatMap(({ first, count }) => Array.from({ length: count }, (_, at) => first + at));
        expect(removed).toEqual(clusters.slice(kept));
        expect(list.total).toBe(Math.min(kept, clusters.length));
        expect(list.last).toBe(clusters.slice(0, kept).at(-1) ?? 0);
        list.append(1000, 3);
        list.seek(list.total - 1);
        expect(list.cluster).toBe(1002);
      }),
    );
  });
});
