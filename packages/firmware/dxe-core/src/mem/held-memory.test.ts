import { describe, expect, test } from 'vitest';
import { CoreWorld, module } from '../core/core-world.fixture.ts';

describe('what images hold', () => {
  test('is named with its owner until it is freed or closed', () => {
    const world = new CoreWorld('specification', [
      module('HoldingDxe', (bs) => {
        const buffer = bs.allocatePool('EfiBootServicesData', 24);
        bs.freePool(bs.allocatePool('EfiBootServicesData', 8));
        bs.setMem(buffer.address, 24, 0);
        bs.createEvent(0);
        bs.closeEvent(bs.createEvent(0));
      }),
    ]);
    world.core.dispatch();
    const { memory, events } = world.core.holdings();
    const mine = memory.filter(({ image }) => image === 'HoldingDxe');
    expect(mine).toEqual([{ image: 'HoldingDxe', address: expect.any(Number), length: 24 }]);
    expect(events).toEqual([{ image: 'HoldingDxe', number: expect.any(Number), type: 0 }]);
  });

  test('pages that are freed in other portions leave the rest', () => {
    const { bs, core } = new CoreWorld();
    const pages = bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 5);
    bs.freePages(pages + 4096, 1);
    bs.freePages(pages + 3 * 4096, 2);
    const mine = core.holdings().memory.filter(({ image }) => image === 'lab');
    expect(mine).toEqual([
      { image: 'lab', address: pages, length: 4096 },
      { image: 'lab', address: pages + 2 * 4096, length: 4096 },
    ]);
  });
});
