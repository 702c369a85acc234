import { TestPlatform } from '../test-platform.fixture.ts';
import type { EfiMemoryType } from '@dxelab/uefi';
import { EFI_PAGE_SIZE, isEfiFailure } from '@dxelab/uefi';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PageServices } from './page-services.ts';
import { PoolServices } from './pool-services.ts';

/** Pages of RAM: page 0 among them, and a hole. */
const RAM: readonly (readonly [start: number, end: number])[] = [
  [0, 9],
  [16, 56],
];
const LAST = 56;
const STEPS = 500;
const RUNS = 220;
const TYPES: readonly EfiMemoryType[] = ['EfiLoaderData', 'EfiBootServicesData', 0x8000_0000];

/** The simplest allocator there is: what each page is used for, one by one. */
class Model {
  readonly pages: (EfiMemoryType | undefined)[] = Array.from({ length: LAST }, (_, page) =>
    RAM.some(([start, end]) => page >= start && page < end) ? 'EfiConventionalMemory' : undefined,
  );

  free(start: number, count: number): boolean {
    if (start < 1 || count < 1 || start + count > LAST) return false;
    return this.pages.slice(start, start + count).every((type) => type === 'EfiConventionalMemory');
  }

  allocated(start: number, count: number): boolean {
    if (start < 0 || count < 1 || start + count > LAST) return false;
    const used = this.pages.slice(start, start + count);
    return used.every((type) => type !== undefined && type !== 'EfiConventionalMemory');
  }

  highest(count: number, limit: number): number | undefined {
    for (let start = limit - count; start > 0; start--) if (this.free(start, count)) return start;
    return undefined;
  }

  descriptors(): string[] {
    const found: { type: EfiMemoryType; start: number; count: number }[] = [];
    for (const [page, type] of this.pages.entries()) {
      const last = found.at(-1);
      if (type === undefined) continue;
      if (last?.type === type && last.start + last.count === page) last.count++;
      else found.push({ type, start: page, count: 1 });
    }
    return found.map(({ type, start, count }) => `${type} ${start}+${count}`);
  }
}

const step = fc.record({
  operation: fc.constantFrom('any', 'max', 'at', 'free'),
  type: fc.constantFrom(...TYPES),
  pages: fc.integer({ min: 0, max: 12 }),
  page: fc.integer({ min: 0, max: LAST }),
});

test(`AllocatePages and FreePages agree with a page-by-page model, and the key changes exactly with the map: ${RUNS} runs of ${STEPS} steps`, () => {
  const hobs = new TestPlatform().hobs;
  const resources = RAM.map(([start, end]) => ({
    type: 'EFI_RESOURCE_SYSTEM_MEMORY' as const,
    base: start * EFI_PAGE_SIZE,
    length: (end - start) * EFI_PAGE_SIZE,
  }));
  fc.assert(
    fc.property(fc.array(step, { minLength: STEPS, maxLength: STEPS }), (steps) => {
      let changes = 0;
      const services = new PageServices({ ...hobs, resources }, () => changes++);
      const model = new Model();
      for (const { operation, type, pages, page } of steps) {
        const address = page * EFI_PAGE_SIZE;
        const { mapKey } = services;
        let start: number | undefined;
        let use: EfiMemoryType = type;
        if (operation === 'any') start = model.highest(pages, LAST);
        else if (operation === 'max') start = model.highest(pages, page);
        else if (operation === 'at') start = model.free(page, pages) ? page : undefined;
        else {
          start = model.allocated(page, pages) ? page : undefined;
          use = 'EfiConventionalMemory';
        }
        let came: number | undefined;
        try {
          if (operation === 'any') came = services.allocate('AllocateAnyPages', type, pages);
          else if (operation === 'max') {
            came = services.allocate('AllocateMaxAddress', type, pages, address - 1);
          } else if (operation === 'at') {
            came = services.allocate('AllocateAddress', type, pages, address);
          } else {
            services.free(address, pages);
            came = address;
          }
        } catch (caught) {
          if (!isEfiFailure(caught)) throw caught;
        }
        if (start !== undefined) model.pages.fill(use, start, start + pages);
        const map = services
          .getMemoryMap()
          .descriptors.map(
            (one) => `${one.type} ${one.physicalStart / EFI_PAGE_SIZE}+${one.numberOfPages}`,
          );
        const keyChanged = services.mapKey !== mapKey;
        const is = `${came === undefined ? came : came / EFI_PAGE_SIZE} ${keyChanged} ${map.join()}`;
        const expected = `${start} ${start !== undefined} ${model.descriptors().join()}`;
        // An expectation costs more than the step.
        if (is !== expected) throw new Error(`${is}, and not ${expected}`);
      }
      expect(changes).toBe(services.mapKey);
    }),
    { numRuns: RUNS },
  );
}, 60_000);

test('pool blocks never overlap each other or free memory, and all come back', () => {
  const hobs = new TestPlatform().hobs;
  const action = fc.record({
    size: fc.nat({ max: 9000 }),
    type: fc.constantFrom(...TYPES),
    free: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const pages = new PageServices(hobs, () => {});
      const pool = new PoolServices(pages);
      const before = pages.getMemoryMap().descriptors;
      const live: { address: number; length: number; type: EfiMemoryType }[] = [];
      for (const { size, type, free } of actions) {
        if (free % 3 === 0 && live.length > 0) {
          const [gone] = live.splice(free % live.length, 1);
          if (gone !== undefined) pool.free(gone);
          continue;
        }
        const buffer = { ...pool.allocate(type, size), type };
        for (const other of live) {
          const apart =
            buffer.address + Math.max(buffer.length, 1) <= other.address ||
            other.address + Math.max(other.length, 1) <= buffer.address;
          expect(apart).toBe(true);
        }
        live.push(buffer);
      }
      const { descriptors } = pages.getMemoryMap();
      for (const { address, length, type } of live) {
        const home = descriptors.find(
          (one) =>
            one.physicalStart <= address &&
            address + Math.max(length, 1) <= one.physicalStart + one.numberOfPages * EFI_PAGE_SIZE,
        );
        expect(home?.type).toBe(type);
      }
      for (const buffer of live) pool.free(buffer);
      expect(pages.getMemoryMap().descriptors).toEqual(before);
    }),
  );
});
