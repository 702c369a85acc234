import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INDIRECT, NEXT, oneRead, RingBench, WRITE } from '../ring-bench.fixture.ts';
import { replay } from './replay.ts';
import type { RingRequest } from './snapshot.ts';

function follow({ recorder }: RingBench) {
  const moments = [...replay(recorder.frames)];
  const published: readonly RingRequest[] = moments.flatMap((moment) => moment.published);
  const completed: readonly RingRequest[] = moments.flatMap((moment) => moment.completed);
  return { published, completed, last: moments.at(-1)?.snapshot() };
}

describe('on a split ring', () => {
  test('a request is the chain from its head, in its order (virtio §2.7.5)', () => {
    expect(follow(oneRead()).published).toEqual([
      {
        number: 1,
        id: 0,
        slots: [0, 1, 2],
        entry: 0,
        segments: [
          { address: 0x8000n, length: 16, writable: false },
          { address: 0x9000n, length: 512, writable: true },
          { address: 0x8010n, length: 1, writable: true },
        ],
        written: undefined,
        usedEntry: undefined,
      },
    ]);
  });

  test('it comes back with the id of its head, and how much was written (virtio §2.7.8)', () => {
    const { completed, last } = follow(oneRead());
    expect(completed).toMatchObject([{ number: 1, written: 513, usedEntry: 0 }]);
    expect(last?.inFlight).toEqual([]);
  });

  test('chains come back in any order', () => {
    const bench = new RingBench();
    for (const [index, head] of [3, 1, 2].entries()) {
      bench.descriptor(head, 0x8000, 8, WRITE).available(index + 1, head);
    }
    bench.used(1, 2, 8).used(2, 3, 4);
    const { completed, last } = follow(bench);
    expect(completed.map(({ number, written }) => [number, written])).toEqual([
      [3, 8],
      [1, 4],
    ]);
    expect(last?.inFlight.map(({ number }) => number)).toEqual([2]);
  });

  test('an index counts on from 65535 to 0 (virtio §2.7.13)', () => {
    const bench = new RingBench();
    bench.ram.writeUint16(0x3002, 0xffff);
    bench.ram.writeUint16(0x4002, 0xffff);
    bench.recorder.setUp(bench.place);
    bench.descriptor(2, 0x8000, 8, WRITE).available(0x10000, 2).used(0x10000, 2, 8);
    expect(follow(bench).completed).toMatchObject([{ id: 2, entry: 3, usedEntry: 3 }]);
  });

  test('one head that is made available three times is three requests', () => {
    const bench = new RingBench().descriptor(0, 0x8000, 8, WRITE);
    bench.available(1, 0).available(2, 0).available(3, 0).used(1, 0, 8);
    expect(follow(bench).last?.inFlight.map(({ number }) => number)).toEqual([2, 3]);
  });

  test('in order, one used element stands for a batch (virtio §2.7.9)', () => {
    const bench = new RingBench({ inOrder: true });
    for (const head of [0, 1, 2]) {
      bench.descriptor(head, 0x8000, 8, WRITE).available(head + 1, head);
    }
    bench.ram.writeUint32(0x4004, 2);
    bench.ram.writeUint32(0x4008, 8);
    bench.ram.writeUint16(0x4002, 3);
    const { completed } = follow(bench.look());
    expect(completed.map(({ number, usedEntry, written }) => [number, usedEntry, written])).toEqual(
      [
        [1, undefined, 0],
        [2, undefined, 0],
        [3, 0, 8],
      ],
    );
  });

  test('the buffers of an indirect table are those of the request (virtio §2.7.5.3)', () => {
    const bench = new RingBench();
    for (const [at, length, flags] of [
      [0x8000, 16, NEXT],
      [0x8010, 512, WRITE],
    ] as const) {
      bench.ram.writeUint32(at + 8, length);
      bench.ram.writeUint16(at + 12, flags);
      bench.ram.writeUint16(at + 14, 1);
    }
    bench.descriptor(3, 0x8000, 32, INDIRECT).available(1, 3);
    expect(follow(bench.notify()).published).toMatchObject([
      { slots: [3], segments: [{ length: 16 }, { length: 512, writable: true }] },
    ]);
  });

  test('a chain that never ends is cut, and a descriptor outside of the table is none', () => {
    const endless = new RingBench().descriptor(0, 0, 8, NEXT, 0).available(1, 0).notify();
    expect(follow(endless).published[0]?.slots).toHaveLength(4);
    expect(follow(new RingBench().available(1, 99).notify()).published).toMatchObject([
      { slots: [] },
    ]);
  });

  test('whatever both sides write, no more is in flight than was made available', () => {
    const write = fc.tuple(fc.nat(0x80), fc.integer({ min: 0, max: 0xffff }), fc.boolean());
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), (writes) => {
        const bench = new RingBench();
        for (const [at, value, driver] of writes) {
          if (driver) bench.driver16(at < 64 ? 0x1000 + at : 0x3000 + (at % 14), value);
          else bench.ram.writeUint16(0x4000 + (at % 38), value);
          bench.look();
        }
        const { published, completed, last } = follow(bench);
        expect(last?.inFlight).toHaveLength(published.length - completed.length);
      }),
    );
  });
});
