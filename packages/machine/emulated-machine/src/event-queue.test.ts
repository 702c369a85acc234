import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

function runAll(queue: EventQueue): void {
  while (queue.next !== Infinity) queue.runNext();
}

describe('the queue of events', () => {
  test('with nothing in it nothing is due, ever', () => {
    const queue = new EventQueue();
    expect(queue.next).toBe(Infinity);
    expect(() => queue.runNext()).not.toThrow();
  });

  test('events happen in order of time, and first-in first-out at the same instant', () => {
    const queue = new EventQueue();
    const log: string[] = [];
    for (const [at, name] of [
      [30, 'c'],
      [10, 'a1'],
      [20, 'b'],
      [10, 'a2'],
      [10, 'a3'],
    ] as const) {
      queue.schedule(at, () => log.push(name));
    }
    expect(queue.next).toBe(10);
    runAll(queue);
    expect(log).toEqual(['a1', 'a2', 'a3', 'b', 'c']);
  });

  test('an event that is cancelled does not happen, and the next due one is another', () => {
    const queue = new EventQueue();
    const log: string[] = [];
    const first = queue.schedule(10, () => log.push('first'));
    queue.schedule(20, () => log.push('second'));
    queue.cancel(first);
    expect(queue.next).toBe(20);
    runAll(queue);
    queue.cancel(first);
    expect(log).toEqual(['second']);
  });

  test('whichever is cancelled, the order of the rest stays', () => {
    // As a heap: all that is late lies on one side, so that what fills a gap there must rise.
    const times = [0, 100, 1, 101, 102, 2, 3, 103, 104, 105, 106, 4, 5, 6, 7];
    for (const cancelled of times) {
      const queue = new EventQueue();
      const log: number[] = [];
      const events = times.map((at) => queue.schedule(at, () => log.push(at)));
      for (const event of events) if (event.at === cancelled) queue.cancel(event);
      runAll(queue);
      expect(log).toEqual(times.filter((at) => at !== cancelled).toSorted((a, b) => a - b));
    }
  });

  test('an event can schedule another', () => {
    const queue = new EventQueue();
    const log: number[] = [];
    queue.schedule(1, () => queue.schedule(2, () => log.push(2)));
    runAll(queue);
    expect(log).toEqual([2]);
  });

  test('whoever waits for the next event is told when it changes', () => {
    const due: number[] = [];
    const queue: EventQueue = new EventQueue(() => due.push(queue.next));
    const event = queue.schedule(10, () => {});
    queue.schedule(5, () => {});
    queue.cancel(event);
    expect(due).toEqual([10, 5, 5]);
  });

  test('whatever is scheduled and cancelled, the rest happens in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(20), cancelled: fc.boolean() }), { maxLength: 60 }),
        (wanted) => {
          const queue = new EventQueue();
          const log: number[] = [];
          const events = wanted.map(({ at }, index) => queue.schedule(at, () => log.push(index)));
          for (const [index, { cancelled }] of wanted.entries()) {
            const event = events[index];
            if (cancelled && event !== undefined) queue.cancel(event);
          }
          runAll(queue);
          const expected = wanted
            .map(({ at, cancelled }, index) => ({ at, cancelled, index }))
            .filter(({ cancelled }) => !cancelled)
            .toSorted((a, b) => a.at - b.at)
            .map(({ index }) => index);
          expect(log).toEqual(expected);
        },
      ),
    );
  });
});
