import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statusOf } from '../core/core-world.fixture.ts';
import { ADDRESS, FREE, GcdWorld, MMIO, RAM, RESERVED, SYSTEM } from './gcd-world.fixture.ts';

const PAGE = EFI_PAGE_SIZE;
const UNIT = PAGE / 2;

const step = fc.record({
  kind: fc.constantFrom('add', 'mmio', 'reserved', 'take', 'allocate', 'free', 'runtime'),
  /** In halves of a page, so that not all that is added is whole pages. */
  at: fc.integer({ min: 0, max: 40 }),
  length: fc.integer({ min: 1, max: 12 }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function take(world: GcdWorld, { kind, at, length }: Step): void {
  const { ds, bs, image } = world;
  const base = FREE + at * UNIT;
  const page = FREE + Math.floor(at / 2) * PAGE;
  switch (kind) {
    case 'add':
      return ds.addMemorySpace(SYSTEM, base, length * UNIT, RAM);
    case 'mmio':
      return ds.addMemorySpace(MMIO, page, length * PAGE, RAM);
    case 'reserved':
      return ds.addMemorySpace(RESERVED, page, length * PAGE, RAM);
    case 'take':
      ds.allocateMemorySpace(ADDRESS, SYSTEM, 0, length * UNIT, base, image);
      return undefined;
    case 'allocate':
      bs.allocatePages('AllocateAddress', 'EfiLoaderData', length, page);
      return undefined;
    case 'free':
      return bs.freePages(page, length);
    case 'runtime':
    default:
      return ds.setMemorySpaceAttributes(page, length * PAGE, 1n << 63n);
  }
}

/** What the memory map must say of each page from FREE on, going by the Global Coherency Domain. */
function fromDomain(world: GcdWorld, core: unknown): string[] {
  return Array.from({ length: 40 }, (_, index) => {
    const page = FREE + index * PAGE;
    const whole = [page, page + UNIT].map((at) => world.ds.getMemorySpaceDescriptor(at));
    const [one, other] = whole;
    if (one === undefined || one.gcdMemoryType !== other?.gcdMemoryType) return 'nothing';
    if (one.gcdMemoryType === SYSTEM) {
      return one.imageHandle === core && other.imageHandle === core ? 'RAM' : 'nothing';
    }
    if (one.gcdMemoryType === RESERVED) return 'EfiReservedMemoryType';
    const isRuntime = one.gcdMemoryType === MMIO && one.attributes >= 1n << 63n;
    return isRuntime ? 'EfiMemoryMappedIO' : 'nothing';
  });
}

function fromMap(world: GcdWorld): string[] {
  const { descriptors } = world.bs.getMemoryMap();
  return Array.from({ length: 40 }, (_, index) => {
    const page = FREE + index * PAGE;
    const found = descriptors.filter(
      ({ physicalStart, numberOfPages }) =>
        page >= physicalStart && page < physicalStart + numberOfPages * PAGE,
    );
    if (found.length > 1) return 'described twice';
    const type = found[0]?.type ?? 'nothing';
    return type === 'EfiLoaderData' || type === 'EfiConventionalMemory' ? 'RAM' : String(type);
  });
}

describe.each(PROFILES)(
  'the memory map and the Global Coherency Domain (UEFI §7.2.3, PI Vol. 2 §7.2, %s)',
  (profile) => {
    test('say the same of each page, whatever is added, allocated and freed', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
          const world = new GcdWorld(profile);
          const core = world.ds.getMemorySpaceDescriptor(0x100000).imageHandle;
          for (const one of steps) {
            statusOf(() => take(world, one));
            expect(fromMap(world)).toEqual(fromDomain(world, core));
          }
        }),
        { numRuns: 60, seed: 20261121 },
      );
    });
  },
);
