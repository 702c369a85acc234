import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BUFFERS,
  INDIRECT,
  NEXT,
  RAM_BASE,
  RAM_SIZE,
  TestRing,
  WRITE,
} from './test-ring.fixture.ts';

const TABLE = BUFFERS + 0x1000;

/** Takes the chain that a descriptor begins. */
function take(ring: TestRing, head = 0) {
  ring.offer(head);
  expect(ring.queue.available()).toBe(1);
  return ring.queue.pop();
}

describe('a chain (§2.7.5)', () => {
  test('is its readable and then its writable segments', () => {
    const ring = new TestRing();
    ring.desc(0, BUFFERS, 16, NEXT, 3);
    ring.desc(3, BUFFERS + 64, 8, NEXT | WRITE, 5);
    ring.desc(5, BUFFERS + 128, 1, WRITE, 6);
    expect(take(ring)).toMatchObject({
      head: 0,
      segmentCount: 3,
      readableCount: 1,
      readableLength: 16,
      writableLength: 9,
    });
    expect(ring.broken).toEqual([]);
  });

  test('ends where NEXT is clear, whatever next says', () => {
    const ring = new TestRing();
    ring.desc(0, BUFFERS, 16, 0, 0xffff);
    expect(take(ring)?.segmentCount).toBe(1);
  });

  test('may have as many descriptors as the queue', () => {
    const ring = new TestRing();
    for (let index = 0; index < 8; index++) {
      ring.desc(index, BUFFERS, 1, index < 7 ? NEXT : 0, index + 1);
    }
    expect(take(ring)?.segmentCount).toBe(8);
  });

  test.each([
    [
      'a next outside the table (§2.7.5)',
      '2.7.5',
      (ring: TestRing) => ring.desc(0, BUFFERS, 1, NEXT, 8),
    ],
    ['a loop (§2.7.5.2)', '2.7.5.2', (ring: TestRing) => ring.desc(0, BUFFERS, 1, NEXT, 0)],
    [
      'a loop of empty descriptors (§2.7.5.2)',
      '2.7.5.2',
      (ring: TestRing) => ring.desc(0, BUFFERS, 0, NEXT, 0),
    ],
    [
      'a readable descriptor behind a writable one (§2.7.4.2)',
      '2.7.4.2',
      (ring: TestRing) => {
        ring.desc(0, BUFFERS, 1, NEXT | WRITE, 1);
        ring.desc(1, BUFFERS, 1);
      },
    ],
    ['memory that does not exist (§2.7.5)', '2.7.5', (ring: TestRing) => ring.desc(0, 0x10, 16)],
    [
      'memory that ends too early (§2.7.5)',
      '2.7.5',
      (ring: TestRing) => ring.desc(0, RAM_BASE + RAM_SIZE - 8, 16),
    ],
    ['an address beyond 2^53 (§2.7.5)', '2.7.5', (ring: TestRing) => ring.desc(0, 2 ** 60, 16)],
    [
      'an address that wraps (§2.7.5)',
      '2.7.5',
      (ring: TestRing) => {
        ring.desc(0, 0, 0x2000);
        ring.view.setBigUint64(0, 2n ** 64n - 1n, true);
      },
    ],
    [
      'an indirect table without the feature (§2.7.5.3.1)',
      '2.7.5.3.1',
      (ring: TestRing) => ring.desc(0, TABLE, 16, INDIRECT),
    ],
  ])('is refused for %s', (_name, section, build) => {
    const ring = new TestRing();
    build(ring);
    expect(take(ring)).toBeUndefined();
    expect(ring.broken).toEqual([section]);
  });

  test('of more than 2^32 bytes is refused (§2.7.5.2)', () => {
    const ring = new TestRing();
    ring.desc(0, BUFFERS, 0x100, NEXT, 1);
    ring.desc(1, BUFFERS, 0xffff_ff01);
    expect(take(ring)).toBeUndefined();
    expect(ring.broken).toEqual(['2.7.5.2']);
  });

  test('may contain a descriptor of no bytes, which is passed over and remarked on', () => {
    const ring = new TestRing();
    ring.desc(0, BUFFERS, 0, NEXT, 1);
    ring.desc(1, BUFFERS, 4);
    expect(take(ring)).toMatchObject({ segmentCount: 1, readableLength: 4 });
    expect(ring.remarks.map(({ section }) => section)).toEqual(['2.7.5']);
  });

  test('reads and writes wherever the driver cut it (§2.7.4.1)', () => {
    const ring = new TestRing();
    ring.ram.set([1, 2, 3, 4, 5, 6], BUFFERS - RAM_BASE);
    for (let index = 0; index < 3; index++) ring.desc(index, BUFFERS + index, 1, NEXT, index + 1);
    ring.desc(3, BUFFERS + 3, 3, NEXT, 4);
    ring.desc(4, BUFFERS + 0x100, 2, NEXT | WRITE, 5);
    ring.desc(5, BUFFERS + 0x200, 3, WRITE);
    const chain = take(ring);
    expect(chain?.readUint32(1)).toBe(0x05040302);
    expect(chain?.readUint16(4)).toBe(0x0605);
    expect(chain?.readUint8(6)).toBe(0);
    const target = new Uint8Array(8);
    expect(chain?.readBytes(2, target)).toBe(4);
    expect([...target]).toEqual([3, 4, 5, 6, 0, 0, 0, 0]);
    expect(chain?.writeBytes(1, Uint8Array.of(7, 8, 9, 10, 11))).toBe(4);
    chain?.writeUint8(0, 6);
    chain?.writeUint8(5, 0xff);
    expect([...ring.ram.subarray(BUFFERS - RAM_BASE + 0x100).subarray(0, 3)]).toEqual([6, 7, 0]);
    expect([...ring.ram.subarray(BUFFERS - RAM_BASE + 0x200).subarray(0, 4)]).toEqual([
      8, 9, 10, 0,
    ]);
  });
});

describe('an indirect table (§2.7.5.3)', () => {
  function indirect(): TestRing {
    const ring = new TestRing();
    ring.features.indirect = true;
    return ring;
  }

  test('may follow normal descriptors, and its WRITE flag is ignored (§2.7.5.3.2)', () => {
    const ring = indirect();
    ring.desc(0, BUFFERS, 16, NEXT, 1);
    ring.desc(1, TABLE, 48, INDIRECT | WRITE);
    ring.desc(0, BUFFERS + 16, 4, NEXT, 2, TABLE);
    ring.desc(2, BUFFERS + 32, 8, WRITE, 0, TABLE);
    expect(take(ring)).toMatchObject({ readableLength: 20, writableLength: 8, segmentCount: 3 });
  });

  test('may be as long as the queue, and no longer (§2.7.5.3.1)', () => {
    for (const [count, broken] of [
      [8, []],
      [9, ['2.7.5.3.1']],
    ] as const) {
      const ring = indirect();
      ring.desc(0, TABLE, 16 * count, INDIRECT);
      for (let index = 0; index < count; index++) {
        ring.desc(index, BUFFERS, 1, index < count - 1 ? NEXT : 0, index + 1, TABLE);
      }
      expect(take(ring)?.segmentCount).toBe(count === 8 ? 8 : undefined);
      expect(ring.broken).toEqual(broken);
    }
  });

  test.each([
    [
      'within another',
      '2.7.5.3.1',
      (ring: TestRing) => ring.desc(0, TABLE, 16, INDIRECT, 0, TABLE),
    ],
    [
      'that is the queue itself',
      '2.7.5.3.1',
      (ring: TestRing) => ring.desc(0, RAM_BASE, 128, INDIRECT),
    ],
    ['with NEXT', '2.7.5.3.1', (ring: TestRing) => ring.desc(0, TABLE, 16, INDIRECT | NEXT)],
    ['of no entries', '2.7.5.3', (ring: TestRing) => ring.desc(0, TABLE, 0, INDIRECT)],
    ['of half an entry', '2.7.5.3', (ring: TestRing) => ring.desc(0, TABLE, 24, INDIRECT)],
    ['outside memory', '2.7.5.3', (ring: TestRing) => ring.desc(0, 16, 16, INDIRECT)],
    ['whose next leaves it', '2.7.5', (ring: TestRing) => ring.desc(0, BUFFERS, 1, NEXT, 1, TABLE)],
    ['with a loop', '2.7.5.3.1', (ring: TestRing) => ring.desc(0, BUFFERS, 1, NEXT, 0, TABLE)],
  ])('%s is refused', (_name, section, build) => {
    const ring = indirect();
    ring.desc(0, TABLE, 16, INDIRECT);
    build(ring);
    expect(take(ring)).toBeUndefined();
    expect(ring.broken).toEqual([section]);
  });
});

describe('the available ring (§2.7.6)', () => {
  test('yields nothing while the index stands', () => {
    expect(new TestRing().queue.available()).toBe(0);
  });

  test('is refused when the index goes back, or ahead by more than the queue (§2.7.6.1)', () => {
    for (const index of [0xffff, 9]) {
      const ring = new TestRing();
      ring.availIndex = index;
      expect(ring.queue.available()).toBe(0);
      expect(ring.broken).toEqual(['2.7.6.1']);
    }
  });

  test('is refused for a head outside the table', () => {
    const ring = new TestRing();
    ring.offer(8);
    expect(ring.queue.available()).toBe(1);
    expect(ring.queue.pop()).toBeUndefined();
    expect(ring.broken).toEqual(['2.7.6']);
  });

  test('wraps at 65536, as the used ring does (arcbox #210)', () => {
    const ring = new TestRing();
    ring.desc(3, BUFFERS, 1);
    for (let round = 0; round < 0x10003; round++) {
      ring.offer(3);
      const chain = ring.queue.available() === 1 ? ring.queue.pop() : undefined;
      if (chain === undefined) throw new Error(`nothing in round ${round}`);
      ring.queue.push(chain.head, round);
    }
    expect(ring.usedIndex).toBe(3);
    expect(ring.usedElement(2)).toEqual({ id: 3, length: 0x10002 });
  });

  test('is refused for more chains in flight than the queue has descriptors (§2.7.13.1)', () => {
    const ring = new TestRing();
    ring.desc(3, BUFFERS, 1);
    for (let left = 8; left > 0; left--) {
      const chain = take(ring, 3);
      if (chain !== undefined) ring.queue.keep(chain);
    }
    expect(ring.broken).toEqual([]);
    expect(take(ring, 3)).toBeUndefined();
    expect(ring.broken).toEqual(['2.7.13.1']);
  });

  test('holds as many chains as the queue has descriptors', () => {
    const ring = new TestRing();
    for (let index = 0; index < 8; index++) ring.desc(index, BUFFERS, 1);
    ring.offer(7, 6, 5, 4, 3, 2, 1, 0);
    expect(ring.queue.available()).toBe(8);
    expect(ring.queue.pop()?.head).toBe(7);
    expect(ring.queue.available()).toBe(7);
  });
});

describe('the rings', () => {
  test.each(['desc', 'driver', 'device'])('are refused if %s cannot be reached (§2.7)', (part) => {
    for (const address of [0, RAM_BASE + RAM_SIZE - 16, 2 ** 53, Infinity]) {
      const ring = new TestRing();
      ring.start({ [part]: address });
      expect(ring.queue.locate()).toBe(false);
      expect(ring.broken).toEqual(['2.7']);
    }
  });

  test('are remarked on if they are not aligned, and work (§2.7.1)', () => {
    const ring = new TestRing();
    ring.start({ desc: RAM_BASE + 8, driver: RAM_BASE + 0x4001, device: RAM_BASE + 0x6002 });
    expect(ring.remarks.map(({ section }) => section)).toEqual(['2.7.1', '2.7.1', '2.7.1']);
    expect(ring.queue.locate()).toBe(true);
    expect(ring.queue.available()).toBe(0);
    expect(ring.broken).toEqual([]);
  });
});

describe('a used buffer notification (§2.7.7.2)', () => {
  test('is wanted unless NO_INTERRUPT says no', () => {
    const ring = new TestRing();
    ring.queue.push(0, 0);
    expect(ring.queue.wantsNotification()).toBe(true);
    ring.availFlags = 1;
    expect(ring.queue.wantsNotification()).toBe(false);
    ring.availFlags = 2;
    expect(ring.queue.wantsNotification()).toBe(true);
    expect(ring.remarks.map(({ section }) => section)).toEqual(['2.7.7.1']);
  });

  test('is wanted with EVENT_IDX exactly when used_event was passed, whatever flags say', () => {
    const ring = new TestRing();
    ring.features.eventIdx = true;
    ring.availFlags = 1;
    ring.usedEvent = 1;
    const wanted = [0, 1, 2].map(() => {
      ring.queue.push(0, 0);
      return ring.queue.wantsNotification();
    });
    expect(wanted).toEqual([false, true, false]);
  });
});

test('used_event wraps as the index does (§2.7.7.2)', () => {
  const ring = new TestRing();
  ring.features.eventIdx = true;
  ring.usedEvent = 0xffff;
  const wanted: number[] = [];
  for (let round = 1; round <= 0x10001; round++) {
    ring.queue.push(0, 0);
    if (ring.queue.wantsNotification()) wanted.push(round);
  }
  expect(wanted).toEqual([0x10000]);
});

test('an available buffer notification is asked for with avail_event (§2.7.10.2)', () => {
  const ring = new TestRing();
  ring.features.eventIdx = true;
  ring.desc(0, BUFFERS, 1);
  take(ring);
  ring.queue.askForNotification();
  expect(ring.availEvent).toBe(1);
});

describe('a chain that is kept', () => {
  test('outlives the next one', () => {
    const ring = new TestRing();
    ring.desc(0, BUFFERS, 4);
    ring.desc(1, BUFFERS, 8);
    ring.offer(0, 1);
    expect(ring.queue.available()).toBe(2);
    const first = ring.queue.pop();
    if (first === undefined) throw new Error('no chain');
    ring.queue.keep(first);
    expect(ring.queue.pop()?.readableLength).toBe(8);
    expect(first.readableLength).toBe(4);
    expect(ring.queue.release(first)).toBe(true);
    expect(ring.queue.release(first)).toBe(false);
  });

  test('makes its head no free descriptor: whoever makes it available again hears of it (§2.7.13)', () => {
    const ring = new TestRing();
    ring.desc(0, BUFFERS, 4);
    ring.desc(1, BUFFERS, 8);
    ring.offer(0, 0, 1, 0);
    const kept = [0, 1, 2, 3].map(() => {
      const chain = ring.queue.pop();
      if (chain === undefined) throw new Error('no chain');
      ring.queue.keep(chain);
      return chain;
    });
    const [first, ...others] = kept;
    expect(kept.map(({ head }) => head)).toEqual([0, 0, 1, 0]);
    expect(ring.remarked).toEqual(['2.7.13', '2.7.13']);
    // it is free when none of the three is left
    for (const chain of others) ring.queue.release(chain);
    take(ring, 0);
    expect(ring.remarked).toHaveLength(3);
    if (first !== undefined) ring.queue.release(first);
    take(ring, 0);
    expect(ring.remarked).toHaveLength(3);
    expect(ring.broken).toEqual([]);
  });

  test('is forgotten with the queue', () => {
    const ring = new TestRing();
    ring.desc(0, BUFFERS, 4);
    const chain = take(ring);
    if (chain !== undefined) ring.queue.keep(chain);
    ring.queue.stop();
    ring.start();
    ring.queue.locate();
    ring.availIndex = 0;
    take(ring, 0);
    expect(ring.remarked).toEqual([]);
  });

  test('is empty after the queue was stopped, and can reach nothing (§2.6.1.1.1)', () => {
    const ring = new TestRing();
    ring.desc(0, BUFFERS, 4, WRITE);
    const chain = take(ring);
    if (chain === undefined) throw new Error('no chain');
    ring.queue.keep(chain);
    ring.queue.stop();
    chain.writeUint8(0, 0x77);
    expect(chain.writeBytes(0, Uint8Array.of(1))).toBe(0);
    expect(ring.ram[BUFFERS - RAM_BASE]).toBe(0);
    expect(ring.queue.release(chain)).toBe(false);
  });
});

test('whatever a driver writes, the device ends, throws nothing, and stays within RAM', () => {
  const word = fc.oneof(fc.nat(16), fc.nat(0xffff), fc.constantFrom(0xffff, 0x8000));
  const address = fc.oneof(
    fc.nat(RAM_SIZE).map((offset) => RAM_BASE + offset),
    fc.constantFrom(0, RAM_BASE - 1, RAM_BASE + RAM_SIZE - 1, 2 ** 53, 2 ** 63, 0xffff_fff0),
  );
  const descriptor = fc.tuple(address, fc.oneof(fc.nat(64), fc.nat(0xffffffff)), fc.nat(7), word);
  fc.assert(
    fc.property(
      fc.array(descriptor, { minLength: 8, maxLength: 8 }),
      fc.array(word, { maxLength: 8 }),
      fc.boolean(),
      fc.boolean(),
      (descriptors, heads, indirect, eventIdx) => {
        const ring = new TestRing();
        Object.assign(ring.features, { indirect, eventIdx });
        ring.queue.locate();
        for (const [index, [at, length, flags, next]] of descriptors.entries()) {
          ring.desc(index, at, length, flags, next);
        }
        ring.offer(...heads);
        for (let left = ring.queue.available(); left > 0; left--) {
          const chain = ring.queue.pop();
          if (chain === undefined) break;
          chain.writeBytes(0, new Uint8Array(Math.min(chain.writableLength, RAM_SIZE)).fill(0xab));
          ring.queue.push(chain.head, chain.writableLength);
          ring.queue.wantsNotification();
        }
        ring.queue.askForNotification();
        expect(ring.marginsIntact).toBe(true);
        expect(ring.faults.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 500 },
  );
});

describe('several elements at once', () => {
  test('are shown by the index alone (§2.7.8.2)', () => {
    const ring = new TestRing();
    ring.queue.fill(3, 10, 1);
    ring.queue.fill(5, 20, 1);
    expect(ring.usedIndex).toBe(0);
    ring.queue.publish();
    expect(ring.usedIndex).toBe(2);
    expect([ring.usedElement(0), ring.usedElement(1)]).toEqual([
      { id: 3, length: 10 },
      { id: 5, length: 20 },
    ]);
  });

  test('in order one stands for all, and the next goes behind the skipped ones (§2.7.9)', () => {
    const ring = new TestRing();
    ring.queue.fill(5, 1, 3);
    ring.queue.push(6, 2);
    expect(ring.usedIndex).toBe(4);
    expect([ring.usedElement(0).id, ring.usedElement(3).id]).toEqual([5, 6]);
  });

  test('with EVENT_IDX notify if used_event was passed, across 65535 → 0 (rcore, cloud-hypervisor #897)', () => {
    for (const begin of [0, 1, 0x7fff, 0xfffd, 0xffff]) {
      for (let count = 1; count <= 4; count++) {
        for (let event = -2; event < 6; event++) {
          const ring = new TestRing();
          ring.features.eventIdx = true;
          ring.queue.usedIndex = begin;
          ring.queue.wantsNotification();
          ring.usedEvent = (begin + event) & 0xffff;
          for (let left = count; left > 0; left--) ring.queue.fill(0, 0, 1);
          ring.queue.publish();
          expect(ring.queue.wantsNotification()).toBe(event >= 0 && event < count);
        }
      }
    }
  });
});

describe('with VIRTIO_F_IN_ORDER', () => {
  function inOrder(): TestRing {
    const ring = new TestRing();
    ring.features.inOrder = true;
    return ring;
  }

  test('chains go round the table as they are linked (§2.7.5)', () => {
    const ring = inOrder();
    for (let index = 0; index < 8; index++)
      ring.desc(index, BUFFERS, 4, index % 3 < 2 ? NEXT : 0, (index + 1) % 8);
    ring.desc(7, BUFFERS, 4, NEXT, 0);
    ring.desc(0, BUFFERS, 4, 0);
    ring.offer(0, 1, 3, 6);
    ring.desc(1, BUFFERS, 4, NEXT, 2);
    expect([0, 1, 3, 6].map(() => ring.queue.pop()?.slots)).toEqual([1, 2, 3, 3]);
    expect(ring.remarks).toEqual([]);
  });

  test('a chain that begins elsewhere is remarked on, and works (§2.7.5)', () => {
    const ring = inOrder();
    for (let index = 0; index < 8; index++) ring.desc(index, BUFFERS, 4);
    ring.offer(0, 0, 1);
    expect([0, 0, 1].map(() => ring.queue.pop()?.head)).toEqual([0, 0, 1]);
    expect(ring.remarked).toEqual(['2.7.5']);
  });

  test('a chain that is linked otherwise is remarked on, and works (§2.7.5.2)', () => {
    const ring = inOrder();
    ring.desc(0, BUFFERS, 4, NEXT, 2);
    ring.desc(2, BUFFERS, 4);
    expect(take(ring)?.segmentCount).toBe(2);
    expect(ring.remarked).toEqual(['2.7.5.2']);
  });
});

test('the device looks again after asking, so that what came between is not lost (cloud-hypervisor #2179)', () => {
  const ring = new TestRing();
  ring.features.eventIdx = true;
  ring.desc(0, BUFFERS, 1);
  expect(ring.queue.pop()).toBeUndefined();
  ring.offer(0);
  expect(ring.queue.askForNotification()).toBe(true);
  expect(ring.queue.pop()?.head).toBe(0);
});

test('available buffer notifications are suppressed by NO_NOTIFY, until one is asked for (§2.7.10)', () => {
  const ring = new TestRing();
  ring.queue.suppressNotifications();
  expect(ring.usedFlags).toBe(1);
  ring.desc(0, BUFFERS, 1);
  ring.offer(0);
  expect(ring.queue.askForNotification()).toBe(true);
  expect(ring.usedFlags).toBe(0);
});

test('… and with EVENT_IDX by an avail_event that stays behind', () => {
  const ring = new TestRing();
  ring.features.eventIdx = true;
  ring.queue.suppressNotifications();
  expect([ring.usedFlags, ring.availEvent]).toEqual([0, 0]);
});
