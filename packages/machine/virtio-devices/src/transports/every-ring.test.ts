import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Echo } from '../echo.fixture.ts';
import { RingDriver } from '../ring-driver.fixture.ts';
import { INTERFACES } from './every-transport.fixture.ts';
import type { RingOptions } from './transport-options.ts';

const INDIRECT = 1n << 28n;
const EVENT_IDX = 1n << 29n;
const PACKED = 1n << 34n;
const IN_ORDER = 1n << 35n;
const NOTIFICATION_DATA = 1n << 38n;
const RING_RESET = 1n << 40n;
const SOUND = Uint8Array.of(0x41);
const EVERYTHING = { packed: true, inOrder: true, notificationData: true } as const;

const MODERN = INTERFACES.flatMap(({ modern, ...others }) =>
  modern === undefined ? [] : [{ ...others, modern }],
);
const RINGS = [
  { ring: 'split', kind: 0n },
  { ring: 'packed', kind: PACKED },
];
const CASES = MODERN.flatMap((tested) => RINGS.map((ring) => ({ ...tested, ...ring })));

describe('what is offered (§6)', () => {
  test.each(INTERFACES)('$name: as QEMU, unless it is told otherwise', ({ create, legacy }) => {
    const all = INDIRECT | EVENT_IDX | PACKED | IN_ORDER | NOTIFICATION_DATA | RING_RESET;
    const usual = INDIRECT | EVENT_IDX | (legacy ? 0n : RING_RESET);
    const offered = (ring?: RingOptions): bigint =>
      create(new Echo(), ring === undefined ? {} : { ring }).features & all;
    expect(offered()).toBe(usual);
    expect(offered(EVERYTHING)).toBe(legacy ? usual : all);
    expect(offered({ indirect: false, eventIdx: false, reset: false })).toBe(0n);
  });
});

describe.each(MODERN)('$name', ({ create, configuration }) => {
  test('a size that is no power of two is for packed rings alone (§2.8.10.1)', () => {
    const split = create(new Echo(), { ring: EVERYTHING });
    const { position } = new RingDriver(split, 0n, 5);
    expect(position).toBe(0);
    expect(split.broken).toEqual([`virtio-1.4 ${configuration}`]);
    const driver = create(new Echo(), { ring: EVERYTHING });
    const queue = new RingDriver(driver, PACKED, 5);
    for (let round = 0; round < 20; round++) {
      queue.add(SOUND, 1);
      queue.add(SOUND, 2);
      queue.notify();
      expect(queue.used().map(({ length }) => length)).toEqual([1, 2]);
    }
    expect(driver.broken).toEqual([]);
  });
});

describe.each(CASES)('$name, $ring', ({ create, modern, kind }) => {
  const { notifyData } = modern;

  test('a device does not know which ring it has', () => {
    const driver = create(new Echo(), { ring: EVERYTHING });
    const queue = new RingDriver(driver, kind);
    for (let round = 0; round < 50; round++) {
      const id = queue.add(SOUND, 3);
      queue.notify();
      expect(queue.used()).toEqual([{ id, length: 3 }]);
    }
    expect(driver.broken).toEqual([]);
  });

  test('all that is available is served by one notification', () => {
    const driver = create(new Echo(), { ring: EVERYTHING });
    const queue = new RingDriver(driver, kind);
    const ids = [1, 2, 3, 4, 5].map((length) => queue.add(SOUND, length));
    queue.notify();
    expect(queue.used()).toEqual(ids.map((id, index) => ({ id, length: index + 1 })));
  });

  describe('VIRTIO_F_IN_ORDER (§2.7.9, §2.8.8)', () => {
    test('a batch needs one used element, with the id of its last chain', () => {
      const driver = create(new Echo(), { ring: EVERYTHING });
      const queue = new RingDriver(driver, kind | IN_ORDER);
      for (let round = 0; round < 20; round++) {
        const ids = [1, 2, 3].map((length) => queue.add(SOUND, length));
        queue.notify();
        expect(queue.used()).toEqual([{ id: ids[2], length: 3 }]);
        expect(queue.inFlight).toBe(0);
      }
      expect(driver.broken).toEqual([]);
    });

    test('a batch ends with a chain that was not written in full, for the rest counts as used completely', () => {
      const echo = new Echo();
      const driver = create(echo, { ring: EVERYTHING });
      echo.handleChain = (_queue, chain) => (chain.writableLength === 2 ? 1 : chain.writableLength);
      const queue = new RingDriver(driver, kind | IN_ORDER);
      const ids = [1, 2, 3].map((length) => queue.add(SOUND, length));
      queue.notify();
      expect(queue.used()).toEqual([
        { id: ids[1], length: 1 },
        { id: ids[2], length: 3 },
      ]);
    });

    test('a chain that is answered early waits for those before it', () => {
      const echo = new Echo();
      const driver = create(echo, { ring: EVERYTHING });
      const queue = new RingDriver(driver, kind | IN_ORDER);
      echo.mode = 'keep';
      const ids = [1, 2, 3].map((length) => queue.add(SOUND, length));
      queue.notify();
      const [first, second, third] = echo.pending;
      if (first === undefined || second === undefined || third === undefined) throw new Error();
      echo.host?.complete(0, third, 3);
      echo.host?.complete(0, second, 2);
      expect(queue.used()).toEqual([]);
      echo.host?.complete(0, first, 1);
      expect(queue.used()).toEqual([{ id: ids[2], length: 3 }]);
      expect(queue.inFlight).toBe(0);
    });

    test('a device may use each chain by itself', () => {
      const driver = create(new Echo(), { ring: { ...EVERYTHING, completion: 'each' } });
      const queue = new RingDriver(driver, kind | IN_ORDER);
      const ids = [1, 2, 3].map((length) => queue.add(SOUND, length));
      queue.notify();
      expect(queue.used().map(({ id }) => id)).toEqual(ids);
    });
  });

  describe('without it a device', () => {
    test('may show a batch of used elements at once, with one notification', () => {
      const notified: string[] = [];
      const driver = create(new Echo(), {
        ring: { ...EVERYTHING, completion: 'batch' },
        trace: (name) => {
          if (name === 'virtio_notify') notified.push(name);
        },
      });
      const queue = new RingDriver(driver, kind);
      const ids = [1, 2, 3].map((length) => queue.add(SOUND, length));
      queue.notify();
      expect(notified).toHaveLength(1);
      expect(queue.used().map(({ id }) => id)).toEqual(ids);
    });

    test('may use chains in any order, the same one for the same seed', () => {
      const orders = [1, 2].map(() => {
        const driver = create(new Echo(), { ring: { ...EVERYTHING, completion: 'shuffled' } });
        const queue = new RingDriver(driver, kind);
        const order: number[] = [];
        for (let round = 0; round < 10; round++) {
          for (let length = 1; length <= 6; length++) queue.add(SOUND, length);
          queue.notify();
          const lengths = queue.used().map(({ length }) => length);
          expect(lengths.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
          order.push(...lengths);
        }
        expect(driver.broken).toEqual([]);
        return order;
      });
      expect(orders[0]).toEqual(orders[1]);
      expect(orders[0]).not.toEqual(Array.from({ length: 60 }, (_, index) => (index % 6) + 1));
    });
  });

  test('a device that is busy can suppress notifications, and looks by itself when it is done (§2.7.10, §2.8.10)', () => {
    for (const features of [0n, EVENT_IDX]) {
      const echo = new Echo();
      const driver = create(echo, { ring: { ...EVERYTHING, notifyWhileBusy: false } });
      const queue = new RingDriver(driver, kind | features);
      echo.mode = 'keep';
      queue.add(SOUND, 1);
      expect(queue.mustNotify()).toBe(true);
      queue.notify();
      const [first] = echo.pending;
      queue.add(SOUND, 2);
      expect(queue.mustNotify()).toBe(false);
      echo.mode = 'answer';
      if (first !== undefined) echo.host?.complete(0, first, 1);
      expect(queue.used().map(({ length }) => length)).toEqual([1, 2]);
      queue.add(SOUND, 3);
      expect(queue.mustNotify()).toBe(true);
      expect(driver.broken).toEqual([]);
    }
  });

  describe('VIRTIO_F_NOTIFICATION_DATA (§2.9)', () => {
    test('says how far the driver has come', () => {
      const driver = create(new Echo(), { ring: EVERYTHING });
      const queue = new RingDriver(driver, kind | NOTIFICATION_DATA);
      for (let round = 0; round < 40; round++) {
        queue.add(SOUND, 1);
        driver.set(notifyData.offset, notifyData.width, queue.position * 0x10000);
        expect(queue.used()).toHaveLength(1);
      }
      expect(driver.broken).toEqual([]);
    });

    test('that are wrong are reported, and the queue is served', () => {
      const driver = create(new Echo(), { ring: EVERYTHING });
      const queue = new RingDriver(driver, kind | NOTIFICATION_DATA);
      for (const wrong of [1, 0x8000]) {
        queue.add(SOUND, 1);
        driver.set(notifyData.offset, notifyData.width, (queue.position ^ wrong) * 0x10000);
        expect(queue.used()).toHaveLength(1);
      }
      const section = kind === PACKED ? '2.8.16' : '2.9';
      expect(driver.broken).toEqual([`virtio-1.4 ${section}`, `virtio-1.4 ${section}`]);
    });
  });

  test('a queue that is reset alone begins anew (§2.6.1)', () => {
    const driver = create(new Echo(), { ring: EVERYTHING });
    const queue = new RingDriver(driver, kind | RING_RESET);
    queue.add(SOUND, 1);
    queue.notify();
    driver.set(modern.queueReset.offset, modern.queueReset.width, 1);
    const { desc } = driver.rings(0);
    driver.machine.platform.ram.fill(desc, 0x10000, 0);
    driver.place(8, driver.rings(0));
    const { ram } = driver.machine.platform;
    ram.writeUint64(desc, queue.buffer(0));
    ram.writeUint32(desc + 8, 1);
    ram.writeUint16(desc + 12, kind === PACKED ? 7 : 2);
    ram.writeUint16(desc + 14, kind === PACKED ? 0x82 : 0);
    if (kind !== PACKED) ram.writeUint16(driver.rings(0).driver + 2, 1);
    driver.notify(0);
    const answer = kind === PACKED ? ram.readUint16(desc + 14) : driver.usedIndex();
    expect(answer).toBe(kind === PACKED ? 0x8082 : 1);
    expect(driver.broken).toEqual([]);
  });

  test('whatever a driver writes into the ring, the device stays within RAM', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 64, maxLength: 256 }),
        fc.uint8Array({ minLength: 4, maxLength: 64 }),
        fc.constantFrom(0n, IN_ORDER, EVENT_IDX | INDIRECT, IN_ORDER | NOTIFICATION_DATA),
        fc.constantFrom('each', 'batch', 'shuffled'),
        fc.nat(0xffff),
        (descriptors, area, features, completion, data) => {
          const echo = new Echo();
          echo.handleChain = (_queue, chain) =>
            chain.writeBytes(0, new Uint8Array(Math.min(chain.writableLength, 0x1000)).fill(0x5a));
          const driver = create(echo, { ring: { ...EVERYTHING, completion } });
          const queue = new RingDriver(driver, kind | features, 8);
          queue.add(SOUND, 1);
          const { ram } = driver.machine.platform;
          ram.writeBytes(driver.rings(0).desc + 16, descriptors);
          ram.writeBytes(driver.rings(0).driver, area);
          driver.set(notifyData.offset, notifyData.width, data * 0x10000);
          driver.machine.platform.ram.writeUint16(driver.rings(0).driver + 2, data & 15);
          queue.notify();
          expect(driver.marginsIntact).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
