import { createLab } from '@dxelab/testing';
import type { Measurement } from '../figure.ts';
import { measureGrowth } from '../growth.ts';
import { timed } from '../measure.ts';

const PAIRS = 5000;
const PAGE = 4096;
/** Neighbours of different types, so that each page is a range of its own. */
const TYPES = ['EfiLoaderData', 'EfiBootServicesData'] as const;

/** FreePages and AllocatePages of a page, in a memory map of so many ranges. */
export function measure(): Measurement {
  return measureGrowth({
    size: 1000,
    of: 'ranges in the memory map',
    mustDo: 'find one range and its neighbours in a balanced tree',
    world(ranges) {
      const { bs } = createLab({ firmware: [], memory: (ranges + 8192) * PAGE });
      const pages = Array.from({ length: ranges }, (_, index) =>
        bs.allocatePages('AllocateAnyPages', TYPES[index % 2] ?? TYPES[0], 1),
      );
      return () => ({
        operations: PAIRS,
        duration: timed(() => {
          for (let pair = 0; pair < PAIRS; pair++) {
            const index = (pair * 7919) % ranges;
            const address = pages[index] ?? 0;
            bs.freePages(address, 1);
            bs.allocatePages('AllocateAddress', TYPES[index % 2] ?? TYPES[0], 1, address);
          }
        }),
      });
    },
  });
}
