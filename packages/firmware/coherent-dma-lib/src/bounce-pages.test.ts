import { describe, expect, test } from 'vitest';
import { BouncePages } from './bounce-pages.ts';

function world(keep: boolean) {
  const calls: string[] = [];
  let next = 0;
  const bs = {
    allocatePages: (_type: string, _memoryType: unknown, pages: number) => {
      next += 0x100000;
      calls.push(`allocate ${pages} = ${next.toString(16)}`);
      return next;
    },
    freePages: (address: number, pages: number) => {
      calls.push(`free ${pages} ${address.toString(16)}`);
    },
  };
  return { calls, pages: new BouncePages(bs, 0xffffffff, keep) };
}

describe('pages for bounce buffers', () => {
  test('of one size are allocated once', () => {
    const { calls, pages } = world(true);
    for (let round = 0; round < 3; round++) pages.free(pages.allocate(16), 16);
    expect(calls).toEqual(['allocate 16 = 100000']);
  });

  test('are never handed out twice', () => {
    const { pages } = world(true);
    pages.free(pages.allocate(1), 1);
    const held = [pages.allocate(1), pages.allocate(1), pages.allocate(1)];
    expect(new Set(held).size).toBe(3);
  });

  test('of another size take the place of those that were kept', () => {
    const { calls, pages } = world(true);
    pages.free(pages.allocate(1), 1);
    const [one, two] = [pages.allocate(2), pages.allocate(3)];
    pages.free(one, 2);
    pages.free(two, 3);
    expect(calls).toEqual([
      'allocate 1 = 100000',
      'free 1 100000',
      'allocate 2 = 200000',
      'allocate 3 = 300000',
      'free 2 200000',
    ]);
  });

  test('are not kept when they are many', () => {
    const { calls, pages } = world(true);
    pages.free(pages.allocate(257), 257);
    expect(calls.at(-1)).toBe('free 257 100000');
  });

  test('are not kept at all, where that is wanted', () => {
    const { calls, pages } = world(false);
    for (let round = 0; round < 2; round++) pages.free(pages.allocate(1), 1);
    expect(calls).toEqual([
      'allocate 1 = 100000',
      'free 1 100000',
      'allocate 1 = 200000',
      'free 1 200000',
    ]);
  });
});
