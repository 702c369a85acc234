import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AVAIL_0, AVAIL_1, NEXT, RingBench, WRITE } from '../ring-bench.fixture.ts';
import { replay } from './replay.ts';

function follow({ recorder }: RingBench) {
  const moments = [...replay(recorder.frames)];
  const last = moments.at(-1)?.snapshot();
  if (last?.format !== 'packed') throw new TypeError('expected a packed ring');
  return {
    published: moments.flatMap((moment) => moment.published),
    completed: moments.flatMap((moment) => moment.completed),
    last,
  };
}

const packed = (size: number, inOrder = false): RingBench =>
  new RingBench({ format: 'packed', size, inOrder });

describe('on a packed ring', () => {
  test('a list is there with its head, and the last descriptor has its id (virtio §2.8.6)', () => {
    const bench = packed(4).descriptor(1, 0x9000, 512, WRITE | AVAIL_1, 7);
    bench.descriptor(0, 0x8000, 16, NEXT, 0).notify();
    expect(follow(bench).published).toEqual([]);
    bench.driver16(0x100e, NEXT | AVAIL_1).notify();
    expect(follow(bench).published).toMatchObject([{ id: 7, slots: [0, 1], entry: 0 }]);
  });

  test('wrap counters begin at 1, and change where the ring ends (virtio §2.8.1)', () => {
    const bench = packed(3);
    expect(follow(bench).last).toMatchObject({
      nextAvailable: { offset: 0, wrap: 1 },
      nextUsed: { offset: 0, wrap: 1 },
    });
    bench
      .descriptor(1, 0x9000, 8, AVAIL_1, 0)
      .descriptor(0, 0x8000, 8, NEXT | AVAIL_1, 0)
      .notify();
    bench.usedDescriptor(0, 0, 0, 1);
    // round the end, the flags of each descriptor are those of its own round
    bench
      .descriptor(0, 0x9000, 8, AVAIL_0, 1)
      .descriptor(2, 0x8000, 8, NEXT | AVAIL_1, 1)
      .notify();
    const { published, last } = follow(bench);
    expect(published[1]).toMatchObject({ id: 1, slots: [2, 0] });
    expect(last).toMatchObject({
      nextAvailable: { offset: 1, wrap: 0 },
      nextUsed: { offset: 2, wrap: 1 },
    });
  });

  test('a used descriptor stands for its list, and is skipped by its length (virtio §2.8.6)', () => {
    const bench = packed(4);
    bench.descriptor(1, 0x9000, 512, WRITE | AVAIL_1, 5).descriptor(0, 0x8000, 16, NEXT | AVAIL_1);
    bench.notify().usedDescriptor(0, 5, 512, 1);
    const { completed, last } = follow(bench);
    expect(completed).toMatchObject([{ number: 1, written: 512, usedEntry: 0 }]);
    expect(last.nextUsed).toEqual({ offset: 2, wrap: 1 });
  });

  test('lists come back in any order', () => {
    const bench = packed(4);
    for (const id of [0, 1, 2]) bench.descriptor(id, 0x8000, 8, WRITE | AVAIL_1, id);
    bench.notify().usedDescriptor(0, 2, 8, 1);
    const { completed, last } = follow(bench);
    expect(completed).toMatchObject([{ number: 3, usedEntry: 0 }]);
    expect(last.inFlight.map(({ number }) => number)).toEqual([1, 2]);
  });

  test('in order, one used descriptor stands for a batch (virtio §2.8.9)', () => {
    const bench = packed(4, true);
    for (const id of [0, 1, 2]) bench.descriptor(id, 0x8000, 8, WRITE | AVAIL_1, id);
    bench.notify().usedDescriptor(0, 1, 8, 1);
    const { completed, last } = follow(bench);
    expect(completed.map(({ number, usedEntry }) => [number, usedEntry])).toEqual([
      [1, undefined],
      [2, 0],
    ]);
    expect(last.nextUsed).toEqual({ offset: 2, wrap: 1 });
  });

  test('event suppression has flags, an offset and a wrap counter (virtio §2.8.10)', () => {
    const bench = packed(4).driver16(0x3000, 0x8003).driver16(0x3002, 2);
    expect(follow(bench.notify()).last).toMatchObject({
      driverEvent: { flags: 2, offset: 3, wrap: 1 },
      deviceEvent: { flags: 0, offset: 0, wrap: 0 },
    });
  });

  test('whatever both sides write, no more is in flight than the ring has', () => {
    const write = fc.tuple(fc.nat(31), fc.integer({ min: 0, max: 0xffff }), fc.boolean());
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), fc.boolean(), (writes, inOrder) => {
        const bench = packed(4, inOrder);
        for (const [at, value, driver] of writes) {
          if (driver) bench.driver16(0x1000 + at * 2, value);
          else bench.ram.writeUint16(0x1000 + at * 2, value);
          bench.look();
        }
        const { published, completed, last } = follow(bench);
        const slots = last.inFlight.flatMap((request) => request.slots);
        expect(slots.length).toBeLessThanOrEqual(4);
        expect(last.inFlight).toHaveLength(published.length - completed.length);
      }),
    );
  });
});
