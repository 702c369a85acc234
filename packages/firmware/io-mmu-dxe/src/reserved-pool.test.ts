import { EfiError } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { ReservedPool } from './reserved-pool.ts';

const BASE = 0x10_0000;
const KIB = 1024;

/** A pool with a record of what it asks for. */
function world(refuse = false) {
  const calls: string[] = [];
  const shared = new Map<number, number>();
  const pool = () =>
    new ReservedPool(
      {
        allocatePages: (type, memoryType, pages, memory) => {
          calls.push(`${type} ${memoryType} ${pages} ${memory?.toString(16)}`);
          return BASE;
        },
        freePages: (address, pages) => calls.push(`free ${address.toString(16)} ${pages}`),
      },
      {
        share: (address, pages) => {
          if (refuse) throw new EfiError('EFI_DEVICE_ERROR', 'refused');
          shared.set(address, pages);
        },
        makePrivate: (address, pages) => {
          expect(shared.get(address)).toBe(pages);
          shared.delete(address);
        },
      },
    );
  return { calls, shared, pool };
}

describe('the reserved pool (IoMmuBuffer.c: mReservedMemRanges)', () => {
  test('has 5716 KiB below 4 GiB, of which all but a page before each slot is shared', () => {
    const { calls, shared, pool } = world();
    pool();
    expect(calls).toEqual([`AllocateMaxAddress EfiBootServicesData ${5716 / 4} ffffffff`]);
    const slots = [1, 1, 1, 1, 8, 8, 8, 8, 8, 8, 8, 8, 32, 32, 256, 512, 512];
    expect([...shared.values()]).toEqual(slots);
    const ends = [...shared].map(([address, pages]) => address + pages * 4 * KIB);
    const starts = [...shared.keys()];
    expect(starts[0]).toBe(BASE + 4 * KIB);
    expect(starts.slice(1)).toEqual(ends.slice(0, -1).map((end) => end + 4 * KIB));
    expect(ends.at(-1)).toBe(BASE + 5716 * KIB);
  });

  test.each([
    [1, 4],
    [2, 8],
    [8, 8],
    [9, 2],
    [33, 1],
    [256, 1],
    [257, 2],
    [512, 2],
    [513, 0],
  ])('for %d pages there are %d slots, and no larger one in their place', (pages, slots) => {
    const { shared, pool } = world();
    const reserved = pool();
    const taken = Array.from({ length: slots }, () => reserved.allocate(pages) ?? 0);
    expect(new Set(taken).size).toBe(slots);
    for (const address of taken) expect(shared.get(address)).toBeGreaterThanOrEqual(pages);
    expect(reserved.allocate(pages)).toBeUndefined();
    const [first] = taken;
    if (first === undefined) return;
    reserved.free(first);
    expect(reserved.allocate(pages)).toBe(first);
  });

  test('is private again in the end', () => {
    const { shared, pool } = world();
    pool().makePrivate();
    expect(shared.size).toBe(0);
  });

  test('that cannot be shared leaves nothing allocated', () => {
    const { calls, pool } = world(true);
    expect(pool).toThrow('EFI_DEVICE_ERROR');
    expect(calls.at(-1)).toBe(`free ${BASE.toString(16)} ${5716 / 4}`);
  });
});
