import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DescriptorChain } from './descriptor-chain.ts';
import { INDIRECT, NEXT, RAM_BASE, WRITE } from './test-memory.fixture.ts';
import { TestPackedRing } from './test-packed-ring.fixture.ts';

const AVAIL = 1 << 7;
const USED = 1 << 15;

/** Takes the next chain, which must be there. */
function take(ring: TestPackedRing): DescriptorChain {
  const chain = ring.queue.pop();
  if (chain === undefined) throw new Error(`no chain: ${ring.broken.join(', ')}`);
  return chain;
}

/** Serves one list of `slots` descriptors. */
function serve(ring: TestPackedRing, id: number, slots: number): void {
  ring.offerList(id, slots);
  const chain = take(ring);
  ring.queue.push(chain.head, 4, chain.slots);
  ring.queue.wantsNotification();
  ring.takeUsed(slots);
}

/** Brings ring and driver to descriptor `offset` of the first lap. */
function forward(ring: TestPackedRing, offset: number): void {
  for (let at = 0; at < offset; at++) serve(ring, 0, 1);
}

describe('a list (§2.8.6)', () => {
  test('is its readable and then its writable elements; its id is that of its last descriptor', () => {
    const ring = new TestPackedRing();
    const { buffers } = ring;
    ring.offer(
      77,
      { address: buffers, length: 16 },
      { address: buffers + 64, length: 8, flags: WRITE },
      { address: buffers + 128, length: 1, flags: WRITE },
    );
    expect(take(ring)).toMatchObject({
      head: 77,
      slots: 3,
      segmentCount: 3,
      readableCount: 1,
      readableLength: 16,
      writableLength: 9,
    });
    expect(ring.broken).toEqual([]);
  });

  test('may have as many descriptors as the queue, and an id of 16 bits', () => {
    const ring = new TestPackedRing(5);
    ring.offerList(0xffff, 5);
    expect(take(ring)).toMatchObject({ head: 0xffff, slots: 5, segmentCount: 5 });
    expect(ring.queue.pop()).toBeUndefined();
    expect(ring.broken).toEqual([]);
  });

  test('is not there before its head is (§2.8.21)', () => {
    const ring = new TestPackedRing();
    ring.desc(1, ring.buffers, 4, 1, AVAIL);
    expect(ring.queue.pop()).toBeUndefined();
    ring.desc(0, ring.buffers, 4, 0, AVAIL | NEXT);
    expect(take(ring).slots).toBe(2);
  });

  test.each([
    ['used in this lap', AVAIL | USED],
    ['as it was zeroed', 0],
    ['of the next lap', USED],
  ])('is not there where the flags are %s (§2.8.15)', (_what, flags) => {
    const ring = new TestPackedRing();
    ring.desc(0, ring.buffers, 4, 1, flags);
    expect(ring.queue.pop()).toBeUndefined();
    expect(ring.broken).toEqual([]);
  });

  type Build = (ring: TestPackedRing) => void;
  test.each<[string, string, Build]>([
    [
      'whose head was made available first: a partial list (§2.8.17)',
      '2.8.17',
      (ring) => ring.desc(0, ring.buffers, 4, 0, AVAIL | NEXT),
    ],
    [
      'that goes round the ring (§2.8.17)',
      '2.8.17',
      (ring) => {
        for (let at = 0; at < 8; at++) ring.desc(at, ring.buffers, 4, 0, AVAIL | NEXT);
      },
    ],
    [
      'with a readable element behind a writable one (§2.8.17)',
      '2.8.17',
      (ring) => {
        ring.desc(1, ring.buffers, 4, 0, AVAIL);
        ring.desc(0, ring.buffers, 4, 0, AVAIL | NEXT | WRITE);
      },
    ],
    ['of memory that does not exist (§2.8.4)', '2.8.4', (ring) => ring.desc(0, 0x10, 4, 0, AVAIL)],
    ['at an address beyond 2^53 (§2.8.4)', '2.8.4', (ring) => ring.desc(0, 2 ** 60, 4, 0, AVAIL)],
    [
      'of more than 2^32 bytes (§2.8.4)',
      '2.8.4',
      (ring) => {
        ring.desc(1, ring.buffers, 0xffff_ff01, 0, AVAIL);
        ring.desc(0, ring.buffers, 0x100, 0, AVAIL | NEXT);
      },
    ],
    [
      'with an indirect table without the feature (§2.8.19)',
      '2.8.19',
      (ring) => ring.desc(0, ring.buffers, 16, 0, AVAIL | INDIRECT),
    ],
  ])('is refused %s', (_name, section, build) => {
    const ring = new TestPackedRing();
    build(ring);
    expect(ring.queue.pop()).toBeUndefined();
    expect(ring.broken).toEqual([section]);
  });

  test('is refused over descriptors that the device still has (§2.8.17)', () => {
    const ring = new TestPackedRing(4);
    ring.offerList(1, 3);
    ring.queue.keep(take(ring));
    ring.offerList(2, 2);
    expect(ring.queue.pop()).toBeUndefined();
    expect(ring.broken).toEqual(['2.8.17']);
    expect(ring.faults[0]?.fields).toEqual({ size: 4, room: 1 });
  });

  test('may contain an element of no bytes, which is passed over and remarked on', () => {
    const ring = new TestPackedRing();
    const { buffers } = ring;
    ring.offer(3, { address: buffers, length: 0 }, { address: buffers, length: 4 });
    expect(take(ring)).toMatchObject({ slots: 2, segmentCount: 1, readableLength: 4 });
    expect(ring.remarked).toEqual(['2.8.4']);
  });
});

describe('an indirect table (§2.8.7)', () => {
  function indirect(): TestPackedRing {
    const ring = new TestPackedRing();
    ring.features.indirect = true;
    return ring;
  }

  test('is read from its beginning to its end, takes one place of the ring, and has the id of that', () => {
    const ring = indirect();
    const table = ring.buffers + 0x1000;
    ring.desc(0, ring.buffers, 16, 99, 0, table);
    ring.desc(1, ring.buffers + 64, 8, 99, WRITE, table);
    ring.desc(2, ring.buffers + 96, 1, 99, WRITE, table);
    ring.offer(5, { address: table, length: 48, flags: INDIRECT | WRITE });
    expect(take(ring)).toMatchObject({
      head: 5,
      slots: 1,
      segmentCount: 3,
      readableLength: 16,
      writableLength: 9,
    });
    expect(ring.broken).toEqual([]);
    expect(ring.remarked).toEqual([]);
  });

  test('ignores other flags than WRITE, and remarks on them (§2.8.19)', () => {
    const ring = indirect();
    const table = ring.buffers + 0x1000;
    ring.desc(0, ring.buffers, 16, 0, NEXT | INDIRECT, table);
    ring.desc(1, ring.buffers, 4, 0, AVAIL, table);
    ring.offer(5, { address: table, length: 32, flags: INDIRECT });
    expect(take(ring)).toMatchObject({ segmentCount: 2 });
    expect(ring.remarked).toEqual(['2.8.19']);
  });

  type Build = (ring: TestPackedRing, table: number) => void;
  test.each<[string, string, Build]>([
    [
      'in a list with NEXT, first',
      '2.8.19',
      (ring, table) => {
        ring.desc(1, ring.buffers, 4, 0, AVAIL);
        ring.desc(0, table, 16, 0, AVAIL | NEXT | INDIRECT);
      },
    ],
    [
      'in a list with NEXT, last',
      '2.8.19',
      (ring, table) => {
        ring.desc(1, table, 16, 0, AVAIL | INDIRECT);
        ring.desc(0, ring.buffers, 4, 0, AVAIL | NEXT);
      },
    ],
    [
      'longer than the queue',
      '2.8.19',
      (ring, table) => ring.desc(0, table, 9 * 16, 0, AVAIL | INDIRECT),
    ],
    ['of no entries', '2.8.7', (ring, table) => ring.desc(0, table, 0, 0, AVAIL | INDIRECT)],
    ['of half an entry', '2.8.7', (ring, table) => ring.desc(0, table, 24, 0, AVAIL | INDIRECT)],
    ['outside memory', '2.8.7', (ring) => ring.desc(0, 16, 16, 0, AVAIL | INDIRECT)],
  ])('%s is refused (§2.8.19)', (_name, section, build) => {
    const ring = indirect();
    build(ring, ring.buffers + 0x1000);
    expect(ring.queue.pop()).toBeUndefined();
    expect(ring.broken).toEqual([section]);
  });
});

describe('a used descriptor (§2.8.6)', () => {
  test('overwrites the first of its list, and both sides skip the rest', () => {
    const ring = new TestPackedRing();
    ring.offerList(7, 3);
    ring.offerList(8, 1);
    for (let left = 2; left > 0; left--) {
      const chain = take(ring);
      ring.queue.push(chain.head, 4, chain.slots);
    }
    expect(ring.flags(1) & (AVAIL | USED)).toBe(AVAIL);
    expect(ring.takeUsed(3)).toEqual({ id: 7, length: 4, written: true });
    expect(ring.takeUsed(1)).toEqual({ id: 8, length: 4, written: true });
    expect(ring.takeUsed(1)).toBeUndefined();
  });

  test('has WRITE only if something was written (§2.8.3)', () => {
    const ring = new TestPackedRing();
    ring.offerList(1, 2);
    const chain = take(ring);
    ring.queue.push(chain.head, 0, chain.slots);
    expect(ring.flags(0)).toBe(AVAIL | USED);
    expect(ring.takeUsed(2)).toMatchObject({ id: 1, written: false });
  });

  test('goes to the next place in the ring, whichever list was answered first', () => {
    const ring = new TestPackedRing();
    ring.offerList(1, 2);
    ring.offerList(2, 3);
    const first = take(ring);
    ring.queue.keep(first);
    const second = take(ring);
    ring.queue.push(second.head, 0, second.slots);
    expect(ring.queue.release(first)).toBe(true);
    ring.queue.push(first.head, 4, first.slots);
    expect(ring.takeUsed(3)).toMatchObject({ id: 2 });
    expect(ring.takeUsed(2)).toMatchObject({ id: 1 });
  });

  test('of a batch is shown with the others: the first one is written last (§2.8.9)', () => {
    const ring = new TestPackedRing();
    for (const id of [1, 2, 3]) {
      ring.offerList(id, 1);
      take(ring);
      ring.queue.fill(id, 4, 1, 1);
    }
    expect(ring.flags(1) & USED).toBe(USED);
    expect(ring.takeUsed(1)).toBeUndefined();
    ring.queue.publish();
    expect([1, 1, 1].map((slots) => ring.takeUsed(slots)?.id)).toEqual([1, 2, 3]);
  });

  test('id and length are there before the flags say so (kvm-host #50)', () => {
    const ring = new TestPackedRing();
    ring.offerList(9, 1);
    take(ring);
    ring.queue.fill(9, 4, 1, 1);
    expect(ring.view.getUint16(12, true)).toBe(9);
    expect(ring.view.getUint32(8, true)).toBe(4);
    expect(ring.flags(0) & (AVAIL | USED)).toBe(AVAIL);
  });

  test('of a batch in order stands for all of its lists (§2.8.8)', () => {
    const ring = new TestPackedRing();
    ring.offerList(1, 2);
    ring.offerList(2, 1);
    ring.offerList(3, 3);
    for (let left = 3; left > 0; left--) take(ring);
    ring.queue.fill(3, 4, 3, 6);
    ring.queue.publish();
    expect(ring.takeUsed(6)).toMatchObject({ id: 3 });
    ring.offerList(4, 1);
    expect(take(ring).head).toBe(4);
    ring.queue.push(4, 0, 1);
    expect(ring.takeUsed(1)).toMatchObject({ id: 4 });
  });
});

describe('a used buffer notification (§2.8.10)', () => {
  test.each([
    ['0: enabled', 0, true, []],
    ['1: disabled', 1, false, []],
    ['2: for a descriptor, without EVENT_IDX', 2, true, ['2.8.10']],
    ['3: reserved', 3, true, ['2.8.14']],
    ['with reserved bits', 0x8001, true, ['2.8.14']],
  ])('flags %s', (_name, flags, wanted, remarked) => {
    const ring = new TestPackedRing();
    ring.suppress(flags);
    ring.offerList(1, 1);
    take(ring);
    ring.queue.push(1, 0, 1);
    expect(ring.queue.wantsNotification()).toBe(wanted);
    expect(ring.remarked).toEqual(remarked);
  });

  test('with EVENT_IDX comes exactly when the descriptor is used, in its lap (hermit #1274)', () => {
    for (const size of [1, 2, 3, 5, 8]) {
      for (let offset = 0; offset < size; offset++) {
        for (const wrap of [0, 1]) {
          const ring = new TestPackedRing(size);
          ring.features.eventIdx = true;
          ring.suppress(2, offset, wrap);
          const wanted: number[] = [];
          for (let round = 0; round < 4 * size; round++) {
            ring.offerList(round, 1);
            take(ring);
            ring.queue.push(round, 0, 1);
            if (ring.queue.wantsNotification()) wanted.push(round);
          }
          const first = offset + (wrap === 1 ? 0 : size);
          expect(wanted).toEqual([first, first + 2 * size]);
        }
      }
    }
  });

  test('with EVENT_IDX comes when a batch has passed the descriptor, across the wrap', () => {
    const size = 5;
    for (let begin = 0; begin < size; begin++) {
      for (let length = 1; length <= size; length++) {
        for (let event = 0; event < 2 * size; event++) {
          const ring = new TestPackedRing(size);
          ring.features.eventIdx = true;
          forward(ring, begin);
          ring.suppress(2, event % size, event < size ? 1 : 0);
          ring.offerList(1, length);
          take(ring);
          ring.queue.push(1, 0, length);
          const passed = event >= begin && event < begin + length;
          expect(ring.queue.wantsNotification(), `${begin} ${length} ${event}`).toBe(passed);
        }
      }
    }
  });

  test('an event outside the ring is remarked on, and never comes', () => {
    const ring = new TestPackedRing(3);
    ring.features.eventIdx = true;
    ring.suppress(2, 3, 1);
    serve(ring, 1, 1);
    expect(ring.remarked).toEqual(['2.8.10']);
  });
});

describe('an available buffer notification (§2.8.10)', () => {
  test('is asked for by flags 0', () => {
    const ring = new TestPackedRing();
    expect(ring.queue.askForNotification()).toBe(false);
    expect(ring.deviceEvent.flags).toBe(0);
  });

  test('is asked for with EVENT_IDX by the next descriptor and its wrap counter', () => {
    const ring = new TestPackedRing(3);
    ring.features.eventIdx = true;
    const events = [0, 1, 2, 3, 4, 5, 6].map(() => {
      ring.queue.askForNotification();
      const { flags, offset, wrap } = ring.deviceEvent;
      serve(ring, 1, 1);
      return [flags, offset, wrap];
    });
    expect(events).toEqual([
      [2, 0, 1],
      [2, 1, 1],
      [2, 2, 1],
      [2, 0, 0],
      [2, 1, 0],
      [2, 2, 0],
      [2, 0, 1],
    ]);
  });

  test('is suppressed by flags 1, until one is asked for', () => {
    const ring = new TestPackedRing();
    ring.queue.suppressNotifications();
    expect(ring.deviceEvent.flags).toBe(1);
    ring.offerList(1, 1);
    expect(ring.queue.askForNotification()).toBe(true);
    expect(ring.deviceEvent.flags).toBe(0);
  });

  test('the device looks again after asking, so that what came between is not lost (cloud-hypervisor #2179)', () => {
    const ring = new TestPackedRing();
    ring.features.eventIdx = true;
    expect(ring.queue.pop()).toBeUndefined();
    ring.offerList(1, 1);
    expect(ring.queue.askForNotification()).toBe(true);
  });
});

describe('the wrap (§2.8.1): `>=`, not `>`', () => {
  const near = [...Array(15).keys()].flatMap((power) => [
    2 ** (power + 1) - 1,
    2 ** (power + 1),
    2 ** (power + 1) + 1,
  ]);
  const sizes = new Set([...Array(512).keys()].map((size) => size + 1).concat(near));
  sizes.delete(32769);

  test('single descriptors, two laps and more from just before the end, in every queue size', () => {
    for (const size of sizes) {
      const ring = new TestPackedRing(size);
      forward(ring, size - 1);
      const positions: number[] = [];
      for (let id = 0; id < 3; id++) {
        positions.push(ring.queue.position);
        ring.offerList(id, 1);
        const chain = take(ring);
        ring.queue.push(chain.head, 4, 1);
        expect(ring.takeUsed(1)?.id, `size ${size}`).toBe(id);
      }
      const second = size === 1 ? 0x8000 : 1;
      expect(positions, `size ${size}`).toEqual([(size - 1) | 0x8000, 0, second]);
    }
  });

  test('lists that end before, at and behind the end, in every queue size', () => {
    for (const size of sizes) {
      for (const slots of new Set([1, 2, 3, size].filter((count) => count <= size))) {
        for (const begin of new Set([size - slots - 1, size - slots, size - slots + 1, size - 1])) {
          if (begin < 0 || begin >= size) continue;
          // To start there is quicker with one long list than with many.
          const ring = new TestPackedRing(size);
          if (begin > 0) serve(ring, 9, begin);
          expect(ring.offerList(5, slots)).toBe(begin);
          const chain = take(ring);
          expect(chain).toMatchObject({ head: 5, slots });
          ring.queue.push(5, 4, slots);
          expect(ring.takeUsed(slots)).toEqual({ id: 5, length: 4, written: true });
          const end = begin + slots;
          const wrapped = end >= size;
          expect(ring.queue.position).toBe(wrapped ? end - size : end | 0x8000);
          expect(ring.queue.nextUsed).toBe(ring.nextUsed);
          serve(ring, 6, 1);
          expect(ring.broken).toEqual([]);
        }
      }
    }
  });

  test('a full ring again and again', () => {
    for (const size of [1, 2, 3, 7, 8, 9]) {
      const ring = new TestPackedRing(size);
      for (let lap = 0; lap < 5; lap++) {
        for (let id = 0; id < size; id++) ring.offerList(id, 1);
        for (let id = 0; id < size; id++) ring.queue.push(take(ring).head, 0, 1);
        expect(ring.queue.pop()).toBeUndefined();
        for (let id = 0; id < size; id++) expect(ring.takeUsed(1)?.id).toBe(id);
        expect(ring.takeUsed(1)).toBeUndefined();
      }
    }
  });
});

describe('the parts of the queue', () => {
  test.each(['desc', 'driver', 'device'])('are refused if %s cannot be reached (§2.8)', (part) => {
    for (const address of [0, RAM_BASE + 0x100000, 2 ** 53, Infinity]) {
      const ring = new TestPackedRing();
      ring.start({ [part]: address });
      expect(ring.queue.locate()).toBe(false);
      expect(ring.broken).toEqual(['2.8']);
    }
  });

  test('are remarked on if they are not aligned, and work (§2.8.11)', () => {
    const ring = new TestPackedRing();
    const { driver, device } = ring;
    ring.start({ desc: RAM_BASE + 8, driver: driver + 2, device: device + 1 });
    expect(ring.remarked).toEqual(['2.8.11', '2.8.11', '2.8.11']);
    expect(ring.queue.locate()).toBe(true);
    expect(ring.queue.pop()).toBeUndefined();
  });

  test('wrap counters begin with 1 after a reset (§2.8.1)', () => {
    const ring = new TestPackedRing(2);
    forward(ring, 3);
    ring.start();
    expect(ring.queue.position).toBe(0x8000);
    ring.desc(0, ring.buffers, 4, 1, AVAIL);
    expect(take(ring).head).toBe(1);
  });
});

test('a report counts the lists that wait, and takes none', () => {
  const ring = new TestPackedRing(4);
  forward(ring, 2);
  ring.offerList(1, 1);
  ring.offerList(2, 3);
  expect(ring.queue.unnoticed()).toBe(2);
  expect(take(ring).head).toBe(1);
  expect(ring.queue.unnoticed()).toBe(1);
});

test('a chain that is kept is empty after the queue was stopped, and can reach nothing (§2.6.1.1.1)', () => {
  const ring = new TestPackedRing();
  ring.offerList(1, 1);
  const chain = take(ring);
  ring.queue.keep(chain);
  expect(ring.queue.pending).toBe(1);
  ring.queue.stop();
  chain.writeUint8(0, 0x77);
  expect(ring.ram[ring.buffers - RAM_BASE]).toBe(0);
  expect(ring.queue.release(chain)).toBe(false);
});

test('whatever a driver writes, the device ends, throws nothing, and stays within RAM', () => {
  const size = fc.integer({ min: 1, max: 9 });
  const flags = fc.oneof(
    fc.constantFrom(AVAIL, USED, AVAIL | NEXT, AVAIL | WRITE, AVAIL | INDIRECT, USED | NEXT),
    fc.nat(0xffff),
  );
  const address = fc.oneof(
    fc.nat(0x5000).map((offset) => RAM_BASE + offset),
    fc.constantFrom(0, RAM_BASE - 1, RAM_BASE + 0x4fff, 2 ** 53, 2 ** 63, 0xffff_fff0),
  );
  const length = fc.oneof(
    fc.nat(64),
    fc.nat(9).map((count) => 16 * count),
    fc.nat(0xffffffff),
  );
  const descriptor = fc.tuple(address, length, fc.nat(0xffff), flags);
  fc.assert(
    fc.property(
      size,
      fc.array(fc.array(descriptor, { minLength: 9, maxLength: 9 }), { maxLength: 3 }),
      fc.nat(0xffff),
      fc.nat(3),
      fc.boolean(),
      fc.boolean(),
      (count, laps, event, eventFlags, indirect, eventIdx) => {
        const ring = new TestPackedRing(count);
        Object.assign(ring.features, { indirect, eventIdx });
        for (const lap of laps) {
          for (const [index, [at, bytes, id, bits]] of lap.slice(0, count).entries()) {
            ring.desc(index, at, bytes, id, bits);
          }
          ring.suppress(eventFlags, event & 0x7fff, event >>> 15);
          for (let left = count; left > 0; left--) {
            const chain = ring.queue.pop();
            if (chain === undefined) break;
            chain.writeBytes(0, new Uint8Array(Math.min(chain.writableLength, 0x5000)).fill(0xab));
            ring.queue.push(chain.head, chain.writableLength, chain.slots);
            ring.queue.wantsNotification();
          }
          ring.queue.askForNotification();
          ring.queue.unnoticed();
        }
        expect(ring.marginsIntact).toBe(true);
        expect(ring.findings.length).toBeLessThan(100);
      },
    ),
    { numRuns: 1000 },
  );
});
