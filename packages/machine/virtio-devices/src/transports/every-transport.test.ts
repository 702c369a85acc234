import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryBackend } from '@dxelab/block-backends';
import { VirtioBlk } from '../devices/blk/virtio-blk.ts';
import { Echo } from '../echo.fixture.ts';
import { VERSION_1 } from '../test-driver.fixture.ts';
import type { TestDriver, Width } from '../test-driver.fixture.ts';
import { INTERFACES } from './every-transport.fixture.ts';
import type { TransportTestOptions } from './every-transport.fixture.ts';

const NOTIFY_ON_EMPTY = 1n << 24n;
const ANY_LAYOUT = 1n << 27n;
const INDIRECT_DESC = 1n << 28n;
const EVENT_IDX = 1n << 29n;
const ACCESS_PLATFORM = 1n << 33n;
const RING_RESET = 1n << 40n;
const ECHO = 0b101n;

const SOUND = Uint8Array.of(0x41);

describe.each(INTERFACES)('$name', ({ legacy, notification, configuration, span, create }) => {
  const all = legacy
    ? NOTIFY_ON_EMPTY | ANY_LAYOUT | INDIRECT_DESC | EVENT_IDX | ECHO
    : VERSION_1 | INDIRECT_DESC | EVENT_IDX | RING_RESET | ECHO;
  /** What stays of features that a driver accepts: legacy interfaces have 32. */
  const known = (features: bigint): bigint => (legacy ? BigInt.asUintN(32, features) : features);
  const ready = legacy ? 0x07 : 0x0f;
  const initialization = legacy ? 'virtio-1.4 3.1.2' : 'virtio-1.4 3.1.1';

  function bench(options: TransportTestOptions = {}): { echo: Echo; driver: TestDriver } {
    const echo = new Echo();
    return { echo, driver: create(echo, options) };
  }

  describe('features (§2.2)', () => {
    test('those of the type, the rings and the interface are offered', () => {
      expect(bench().driver.features).toBe(all);
    });

    test('some can be withheld, and one added', () => {
      const { driver } = bench({ withhold: EVENT_IDX, accessPlatform: true });
      expect(driver.features).toBe((all & ~EVENT_IDX) | (legacy ? 0n : ACCESS_PLATFORM));
    });

    test('what was accepted is what the model gets', () => {
      const { driver, echo } = bench();
      driver.start(VERSION_1 | 1n);
      expect(echo.started).toEqual([known(VERSION_1 | 1n)]);
      expect(driver.broken).toEqual([]);
    });

    test('what was not offered is refused, as far as there is a way to (§2.2.1)', () => {
      const { driver, echo } = bench();
      driver.start(VERSION_1 | 0b111n);
      // A legacy device can only leave out the bit; a modern one does not set FEATURES_OK.
      expect(driver.status).toBe(legacy ? ready : 3);
      expect(echo.started).toEqual(legacy ? [0b101n] : []);
      expect(driver.broken[0]).toBe('virtio-1.4 2.2.1');
    });

    test('whoever leaves VIRTIO_F_ACCESS_PLATFORM out is refused, if there is a way to (§6.2)', () => {
      const { driver, echo } = bench({ accessPlatform: true });
      driver.start(VERSION_1 | 1n);
      expect(driver.status).toBe(legacy ? ready : 3);
      expect(echo.started).toEqual(legacy ? [1n] : []);
      expect(driver.broken[0]).toBe(legacy ? undefined : 'virtio-1.4 6.1');
      driver.status = 0;
      driver.start(VERSION_1 | (legacy ? 0n : ACCESS_PLATFORM) | 1n);
      expect(driver.status).toBe(ready);
    });

    test(`are final after ${legacy ? 'DRIVER_OK' : 'FEATURES_OK'}`, () => {
      const { driver, echo } = bench();
      driver.start(VERSION_1 | 1n);
      driver.accept(VERSION_1 | 0b100n);
      driver.offer([SOUND, 1]);
      expect(echo.started).toEqual([known(VERSION_1 | 1n)]);
      expect(new Set(driver.broken)).toEqual(new Set([initialization]));
    });
  });

  describe('the device status (§2.1)', () => {
    test('walks through initialisation', () => {
      const { driver } = bench();
      driver.start();
      expect(driver.status).toBe(ready);
      expect(driver.broken).toEqual([]);
    });

    test('a step out of order is reported', () => {
      const { driver } = bench();
      driver.status = 2;
      expect(driver.broken).toEqual([initialization]);
    });

    test('a bit that was set stays until a reset (§2.1.1)', () => {
      const { driver } = bench();
      driver.start();
      driver.status = 0x80;
      expect(driver.status).toBe(0x80 | ready);
      expect(driver.broken).toEqual(['virtio-1.4 2.1.1']);
    });

    test(`reserved bits do not stay, FEATURES_OK ${legacy ? 'being one' : 'not being one'}`, () => {
      const { driver } = bench();
      driver.status = 1;
      driver.status = 3;
      driver.accept(VERSION_1);
      driver.status = 0x2b;
      expect(driver.status).toBe(legacy ? 3 : 0x0b);
      expect(driver.broken).toEqual(['virtio-1.4 2.1']);
    });

    test('0 resets everything and reads 0 (§2.4.1)', () => {
      const { driver, echo } = bench();
      driver.start(VERSION_1 | 1n);
      driver.offer([SOUND, 1]);
      driver.status = 0;
      expect([driver.status, driver.interrupts()]).toEqual([0, 0]);
      expect(driver.select(0)).toBe(16);
      driver.notify(0);
      expect(driver.broken).toEqual([`virtio-1.4 ${notification}`]);
      driver.start();
      expect(echo.started.at(-1)).toBe(known(VERSION_1));
    });
  });

  describe('a queue (§2.6)', () => {
    test('has the size that the model says, and none if it does not exist', () => {
      const { driver } = bench();
      expect([driver.select(0), driver.select(1), driver.select(2)]).toEqual([16, 8, 0]);
      expect(driver.broken).toEqual([]);
    });

    test('serves what was made available, and says how much it wrote', () => {
      const { driver } = bench();
      driver.start();
      for (const queue of [0, 1]) {
        driver.offer([SOUND, 3], queue);
        expect(driver.usedIndex(queue)).toBe(1);
        expect(driver.used(queue)).toEqual({ id: 0, length: 3 });
        expect([...driver.bytes(1, 4)]).toEqual([0x42, 0x42, 0x42, 0]);
      }
      expect(driver.broken).toEqual([]);
    });

    test('goes round its rings', () => {
      const { driver } = bench();
      driver.start();
      for (let round = 1; round <= 40; round++) {
        driver.offer([SOUND, 1], 1, round % 4);
        expect([driver.usedIndex(1), driver.used(1).id]).toEqual([round, round % 4]);
      }
    });

    test('cannot be moved while it is in use', () => {
      const { driver } = bench();
      driver.start();
      driver.select(0);
      driver.findings.length = 0;
      driver.place(16, { desc: 0x500000, driver: 0x504000, device: 0x508000 });
      expect(new Set(driver.broken)).toEqual(new Set([`virtio-1.4 ${configuration}`]));
      driver.offer([SOUND, 1]);
      expect(driver.usedIndex()).toBe(1);
    });

    test.each([0, 2, 1000])('%i that is not in use takes no notification', (queue) => {
      const { driver } = bench();
      driver.negotiate();
      driver.status = ready;
      driver.notify(queue);
      expect(driver.broken).toEqual([`virtio-1.4 ${notification}`]);
    });

    test(`${legacy ? 'serves' : 'does not serve'} before DRIVER_OK`, () => {
      const { driver } = bench();
      driver.negotiate();
      driver.enable(0);
      driver.offer([SOUND, 1]);
      expect(driver.usedIndex()).toBe(legacy ? 1 : 0);
      expect(driver.broken).toEqual(legacy ? [] : [initialization]);
    });

    test('understands indirect descriptors and event indices, if they were negotiated', () => {
      const { driver } = bench();
      driver.start(VERSION_1 | INDIRECT_DESC | EVENT_IDX);
      const { ram } = driver.machine.platform;
      const table = new Uint8Array(32);
      const view = new DataView(table.buffer);
      view.setUint32(0, driver.buffer(4), true);
      view.setUint32(8, 1, true);
      view.setUint32(12, 0x0001_0001, true);
      view.setUint32(16, driver.buffer(5), true);
      view.setUint32(24, 2, true);
      view.setUint16(28, 2, true);
      ram.writeBytes(driver.buffer(0), table);
      ram.writeUint8(driver.buffer(4), 7);
      const { desc } = driver.rings(0);
      ram.writeUint64(desc, driver.buffer(0));
      ram.writeUint32(desc + 8, 32);
      ram.writeUint16(desc + 12, 4);
      ram.writeUint32(driver.rings(0).driver, 0x0001_0000);
      driver.notify(0);
      expect(driver.used()).toEqual({ id: 0, length: 2 });
      expect([...driver.bytes(5, 2)]).toEqual([8, 8]);
      expect(ram.readUint16(driver.rings(0).device + 4 + 8 * driver.sizeOf(0))).toBe(1);
      expect(driver.broken).toEqual([]);
    });
  });

  describe('notifications of the device (§2.3)', () => {
    const of = (driver: TestDriver) => driver.machine.bus.interrupts.of('echo');

    test('say what has happened, until that is acknowledged', () => {
      const { driver, echo } = bench();
      driver.start();
      driver.offer([SOUND, 1]);
      expect(of(driver)).toMatchObject({ asserted: true, assertions: 1 });
      echo.host?.configChanged();
      expect(driver.interrupts()).toBe(3);
      expect(of(driver)).toMatchObject({ asserted: false, assertions: 1 });
      expect(driver.interrupts()).toBe(0);
    });

    test('a driver that wants none gets none (§2.7.7.2)', () => {
      const { driver } = bench();
      driver.start();
      driver.machine.platform.ram.writeUint16(driver.rings(0).driver, 1);
      driver.offer([SOUND, 1]);
      expect([driver.interrupts(), of(driver).assertions]).toEqual([0, 0]);
    });

    test('of a change are not sent before DRIVER_OK (§2.4.1)', () => {
      const { driver, echo } = bench();
      driver.negotiate();
      echo.host?.configChanged();
      expect(driver.interrupts()).toBe(0);
    });
  });

  describe('the device configuration (§2.5)', () => {
    test('is read with any width, before features were accepted too', () => {
      const { driver } = bench();
      expect([driver.config(0, 1), driver.config(2, 2), driver.config(4, 4)]).toEqual([
        1, 0x0403, 0x08070605,
      ]);
      expect(driver.broken).toEqual([]);
    });

    test('ends where the device says: beyond is all-ones (§2.5.1)', () => {
      const { driver } = bench();
      expect(driver.config(8, 1)).toBe(0xff);
      expect(driver.broken).toEqual(['virtio-1.4 2.5.1']);
    });

    test(`${legacy ? 'can' : 'must not'} be written before features were accepted`, () => {
      const { driver } = bench();
      driver.writeConfig(0, 1, 9);
      expect(driver.broken).toEqual(legacy ? [] : [initialization]);
      driver.start();
      driver.writeConfig(1, 1, 8);
      expect([driver.config(0, 1), driver.config(1, 1)]).toEqual([9, 8]);
    });
  });

  describe('a device that needs a reset (§2.1.2)', () => {
    test('says so, notifies, and does nothing more until it is reset', () => {
      const { driver, echo } = bench();
      driver.start();
      echo.mode = 'break';
      driver.offer([SOUND, 1]);
      expect([driver.status, driver.usedIndex(), driver.interrupts()]).toEqual([
        0x40 | ready,
        0,
        2,
      ]);
      echo.mode = 'answer';
      driver.notify(0);
      expect(driver.usedIndex()).toBe(0);
      driver.start();
      driver.offer([SOUND, 1]);
      expect(driver.usedIndex()).toBe(1);
    });

    test('does so when its ring is broken', () => {
      const { driver } = bench();
      driver.start();
      driver.machine.platform.ram.writeUint16(driver.rings(0).driver + 2, 1000);
      driver.notify(0);
      expect(driver.status).toBe(0x40 | ready);
      expect(driver.broken).toEqual(['virtio-1.4 2.7.6.1']);
    });
  });

  test('a chain that is answered later is not, after a reset (§2.4.1)', () => {
    const { driver, echo } = bench();
    echo.delay = 5000;
    driver.start();
    driver.offer([SOUND, 2]);
    driver.machine.platform.clock.delay(6000);
    expect(driver.usedIndex()).toBe(1);
    driver.offer([SOUND, 2]);
    driver.status = 0;
    driver.machine.platform.clock.delay(10_000);
    expect([driver.usedIndex(), driver.bytes(1, 1)[0]]).toEqual([1, 0xc5]);
  });

  test('a reset of the machine resets the device', () => {
    const { driver, echo } = bench();
    driver.start();
    const { resets } = echo;
    expect(() => driver.machine.platform.reset('EfiResetCold', 'a test')).toThrow('a test');
    expect(echo.resets).toBe(resets + 1);
  });

  test('a device that lies writes what it is told into the used ring', () => {
    const { driver } = bench({
      usedElement: ({ id, length }) => ({ id: id + 7, length: length * 2 }),
    });
    driver.start();
    driver.offer([SOUND, 2]);
    expect(driver.used()).toEqual({ id: 7, length: 4 });
  });

  test('a disk does not know what it is plugged into', () => {
    const disk = Uint8Array.from({ length: 4096 }, (_, at) => (at * 7 + (at >> 9)) & 0xff);
    const driver = create(new VirtioBlk({ backend: new MemoryBackend(disk) }));
    driver.start();
    const header = new Uint8Array(16);
    header[8] = 3;
    driver.offer([header, 512, 1]);
    expect(driver.bytes(1, 512)).toEqual(disk.subarray(3 * 512, 4 * 512));
    expect([driver.used().length, driver.bytes(2, 1)[0]]).toEqual([513, 0]);
    expect([driver.config(0, 4), driver.config(4, 4)]).toEqual([8, 0]);
    expect(driver.broken).toEqual([]);
  });

  test('whatever a driver does to the registers, nothing throws, hangs, or leaves the RAM it may use', () => {
    const access = fc.record({
      where: fc.oneof(fc.nat(0x5f), fc.nat(span - 1)),
      width: fc.constantFrom<Width>(1, 2, 4),
      value: fc.oneof(fc.nat(64), fc.nat(0xffffffff), fc.constantFrom(0x100, 0x100000, 1, 0x0f)),
      write: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(access, { maxLength: 60 }), fc.boolean(), (accesses, started) => {
        const { driver } = bench();
        if (started) driver.start(VERSION_1 | (legacy ? 0n : RING_RESET));
        for (const { where, width, value, write } of accesses) {
          const offset = Math.min(where, span - width);
          if (write) driver.set(offset, width, value);
          else driver.get(offset, width);
        }
        driver.status = 0;
        expect([driver.status, driver.marginsIntact]).toEqual([0, true]);
      }),
      { numRuns: 100 },
    );
  }, 30_000);
});
