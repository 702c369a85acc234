import type { EfiTime } from '@dxelab/uefi';
import {
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  EVT_NOTIFY_SIGNAL,
  EVT_TIMER,
  guid,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClockOptions } from './clock-world.fixture.ts';
import { ClockWorld, efiTime, emptyStorage, statusOf } from './clock-world.fixture.ts';

const OF_THE_CLOCK = guid('378d7b65-8da9-4773-b6e4-a47826a833e1');
const ATTRIBUTES =
  EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
const NEW_YEAR = efiTime('2026-01-01 00:00:00');

describe.each(PROFILES)('GetTime (UEFI §8.3.1, %s)', (profile) => {
  test("tells the clock's time, which goes on", () => {
    const world = new ClockWorld({ profile });
    expect(world.rt.getTime().time).toEqual(NEW_YEAR);
    world.wait(86_399);
    expect(world.shown).toBe('2026-01-01 23:59:59');
    expect(world.findings).toEqual([]);
  });

  test('the clock counts seconds, with 50 ppm', () => {
    expect(new ClockWorld({ profile }).rt.getTime().capabilities).toEqual({
      resolution: 1,
      accuracy: 50_000_000,
      setsToZero: false,
    });
  });

  test('waits for the end of an update', () => {
    const world = new ClockWorld({ profile });
    const { clock } = world.machine.platform;
    clock.delay(1e9 - 1e6 - (clock.now() % 1e9));
    expect(world.read(0x0a) & 0x80).toBe(0x80);
    expect(world.shown).toBe('2026-01-01 00:00:01');
    expect(world.findings).toEqual([]);
  });

  test('is there after ExitBootServices, at any moment', () => {
    const world = new ClockWorld({ profile });
    const bs = world.core.systemTable.bootServices;
    bs.exitBootServices(world.core.labImage, bs.getMemoryMap().mapKey);
    world.wait(60);
    expect(world.shown).toBe('2026-01-01 00:01:00');
    world.rt.setTime(efiTime('2027-02-03 04:05:06'));
    expect(world.shown).toBe('2027-02-03 04:05:06');
  });

  test('a clock without battery is EFI_DEVICE_ERROR, and so is one that shows no time', () => {
    const dead = new ClockWorld({ profile, valid: false });
    expect(statusOf(() => dead.rt.getTime())).toBe('EFI_DEVICE_ERROR');
    expect(dead.said.join()).toContain('the battery of the real-time clock has failed');
    const wrong = new ClockWorld({ profile });
    wrong.write(0x0b, 0x82);
    wrong.write(0x08, 0x1f);
    expect(statusOf(() => wrong.rt.getTime())).toBe('EFI_DEVICE_ERROR');
  });

  test('a clock that shows no time at power-on begins with 1998', () => {
    const world = new ClockWorld({
      profile,
      before: (clock) => {
        clock.write(0x0b, 0x82);
        clock.write(0x07, 0x00);
      },
    });
    expect(world.shown).toBe('1998-01-01 00:00:00');
  });
});

describe.each(PROFILES)('SetTime (UEFI §8.3.2, %s)', (profile) => {
  test('sets the clock, and the century in its memory', () => {
    const world = new ClockWorld({ profile });
    world.rt.setTime(efiTime('2031-12-31 23:59:58'));
    world.wait(1);
    expect(world.shown).toBe('2031-12-31 23:59:59');
    expect(world.read(0x32)).toBe(0x20);
    expect(world.read(0x09)).toBe(0x31);
  });

  test.each<[string, Partial<EfiTime>]>([
    ['month 0', { month: 0 }],
    ['month 13', { month: 13 }],
    ['day 0', { day: 0 }],
    ['30 February', { month: 2, day: 30 }],
    ['29 February of no leap year', { year: 2026, month: 2, day: 29 }],
    ['31 April', { month: 4, day: 31 }],
    ['hour 24', { hour: 24 }],
    ['minute 60', { minute: 60 }],
    ['second 60', { second: 60 }],
    ['a second after the last nanosecond', { nanosecond: 1_000_000_000 }],
    ['a time zone of more than a day', { timeZone: 1441 }],
    ['a time zone of less than minus a day', { timeZone: -1441 }],
    ['a daylight bit that is reserved', { daylight: 4 }],
    ['half a minute', { minute: 1.5 }],
    ['no number', { hour: Number.NaN }],
  ])('%s is EFI_INVALID_PARAMETER, and changes nothing', (_name, change) => {
    const world = new ClockWorld({ profile });
    expect(statusOf(() => world.rt.setTime({ ...NEW_YEAR, ...change }))).toBe(
      'EFI_INVALID_PARAMETER',
    );
    expect(world.rt.getTime().time).toEqual(NEW_YEAR);
  });

  test('29 February of leap years is a day: of 2000 and 2028', () => {
    const world = new ClockWorld({ profile });
    for (const time of ['2000-02-29 12:00:00', '2028-02-29 12:00:00']) {
      world.rt.setTime(efiTime(time));
      expect(world.shown).toBe(time);
    }
  });

  test('time zone and daylight saving survive a reset in the variable RTC', () => {
    const storage = emptyStorage();
    const zone = { timeZone: -60, daylight: 3 };
    new ClockWorld({ profile, storage }).rt.setTime(efiTime('2026-07-01 12:00:00', zone));
    const next = new ClockWorld({ profile, storage });
    expect(next.rt.getTime().time).toEqual({ ...NEW_YEAR, ...zone });
    const { attributes, data } = next.rt.getVariable('RTC', OF_THE_CLOCK);
    expect(attributes).toBe(ATTRIBUTES);
    expect([...data]).toEqual([0xc4, 0xff, 0x03, 0x00]);
    next.rt.setTime(NEW_YEAR);
    expect(statusOf(() => next.rt.getVariable('RTC', OF_THE_CLOCK))).toBe('EFI_NOT_FOUND');
  });

  test('a store that cannot be written is EFI_DEVICE_ERROR', () => {
    const storage = emptyStorage();
    const world = new ClockWorld({ profile, storage });
    fill(world);
    const zoned = efiTime('2026-07-01 12:00:00', { timeZone: 0, daylight: 0 });
    expect(statusOf(() => world.rt.setTime(zoned))).toBe('EFI_DEVICE_ERROR');
    expect(world.rt.getTime().time).toEqual(NEW_YEAR);
  });

  test('property: what was set is told', () => {
    const world = new ClockWorld({ profile });
    const date = fc.date({
      min: new Date('1998-01-01T00:00:00Z'),
      max: new Date('2097-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    const zone = fc.option(fc.integer({ min: -1440, max: 1440 }), { nil: undefined });
    fc.assert(
      fc.property(date, zone, fc.nat(3), (moment, timeZone, daylight) => {
        const time = efiTime(moment.toISOString().slice(0, 19), { timeZone, daylight });
        world.rt.setTime(time);
        expect(world.rt.getTime().time).toEqual(time);
      }),
    );
  });
});

/** Fills the variable store, so that nothing more can be written. */
function fill({ rt }: ClockWorld): void {
  for (let size = 0x4000; size > 0; size = Math.floor(size / 2)) {
    const write = (name: string): void =>
      rt.setVariable(name, OF_THE_CLOCK, ATTRIBUTES, new Uint8Array(size));
    for (let index = 0; statusOf(() => write(`${size}-${index}`)) === 'EFI_SUCCESS'; index++);
  }
}

describe('years (UEFI §8.3.1)', () => {
  test('1900 to 9999: the century is in the memory of the clock', () => {
    const world = new ClockWorld();
    for (const time of ['1900-01-01 00:00:00', '2098-01-01 00:00:00', '9999-12-31 23:59:59']) {
      world.rt.setTime(efiTime(time));
      expect(world.shown).toBe(time);
    }
    for (const year of [1899, 10_000]) {
      const set = (): void => world.rt.setTime({ ...NEW_YEAR, year });
      expect(statusOf(set)).toBe('EFI_INVALID_PARAMETER');
    }
  });

  test('where the century makes no sense, the year is the one from 1998 on', () => {
    const world = new ClockWorld();
    world.write(0x32, 0x00);
    expect(world.shown).toBe('2026-01-01 00:00:00');
  });

  test('PcRtc.CenturyIgnored: 1998 to 2097, whatever the century is', () => {
    const world = new ClockWorld({ quirks: { 'PcRtc.CenturyIgnored': true } });
    for (const year of [1997, 2098]) {
      const set = (): void => world.rt.setTime({ ...NEW_YEAR, year });
      expect(statusOf(set)).toBe('EFI_INVALID_PARAMETER');
    }
    for (const year of [1998, 2097]) {
      world.rt.setTime({ ...NEW_YEAR, year });
      expect(world.rt.getTime().time.year).toBe(year);
    }
    world.write(0x32, 0x21);
    expect(world.rt.getTime().time.year).toBe(2097);
  });
});

describe('a machine without a clock', () => {
  test('GetTime and SetTime are EFI_UNSUPPORTED', () => {
    const world = new ClockWorld({ present: false });
    expect(statusOf(() => world.rt.getTime())).toBe('EFI_UNSUPPORTED');
    expect(statusOf(() => world.rt.setTime(NEW_YEAR))).toBe('EFI_UNSUPPORTED');
  });

  test('PcRtc.AbsenceUnnoticed: EFI_DEVICE_ERROR, after 0.1 s', () => {
    const world = new ClockWorld({ present: false, quirks: { 'PcRtc.AbsenceUnnoticed': true } });
    const { clock } = world.machine.platform;
    const before = clock.now();
    expect(statusOf(() => world.rt.getTime())).toBe('EFI_DEVICE_ERROR');
    expect(clock.now() - before).toBeGreaterThan(0.1e9);
  });
});

describe('a clock that goes on while it is read', () => {
  const last = Date.UTC(2026, 11, 31, 23, 59, 59) / 1000;

  /** What GetTime tells when it is preempted for two seconds, at any of its accesses. */
  function preempted(quirks: ClockOptions['quirks']): ReadonlySet<string> {
    const shown = new Set<string>();
    for (let after = 1; after < 60; after++) {
      const world = new ClockWorld({ time: last, quirks });
      const bs = world.core.systemTable.bootServices;
      const longOne = (): void => bs.stall(2_000_000);
      const timer = bs.createEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_NOTIFY, longOne, null);
      // in units of 100 ns: five accesses
      bs.setTimer(timer, 'TimerRelative', after);
      shown.add(world.shown);
    }
    return shown;
  }

  test('shows the time before or after', () => {
    expect(preempted({})).toEqual(new Set(['2026-12-31 23:59:59', '2027-01-01 00:00:01']));
  });

  test('PcRtc.TornReads: shows a time that never was', () => {
    const shown = preempted({ 'PcRtc.TornReads': true });
    expect(shown.size).toBeGreaterThan(2);
    expect([...shown]).toContain('2027-01-01 23:59:59');
  });
});

describe('a call above TPL_CALLBACK (UEFI §7.1, table of TPL restrictions)', () => {
  test('is answered', () => {
    const world = new ClockWorld();
    const bs = world.core.systemTable.bootServices;
    const oldTpl = bs.raiseTpl(TPL_NOTIFY);
    expect(world.shown).toBe('2026-01-01 00:00:00');
    bs.restoreTpl(oldTpl);
  });

  test('PcRtc.LevelAsserted: fails an ASSERT', () => {
    const world = new ClockWorld({ quirks: { 'PcRtc.LevelAsserted': true } });
    world.core.systemTable.bootServices.raiseTpl(TPL_NOTIFY);
    expect(() => world.shown).toThrow(/RaiseTPL raises the TPL/);
  });
});

describe('what was there before', () => {
  const time = Date.UTC(2026, 10, 21, 23, 45, 0) / 1000;

  test.each([{ binary: true }, { twelveHours: true }, { binary: true, twelveHours: true }])(
    'a clock that was left with %o keeps its time',
    (format) => {
      const world = new ClockWorld({ ...format, time });
      expect(world.shown).toBe('2026-11-21 23:45:00');
      expect(world.read(0x0b)).toBe(0x02);
    },
  );

  test('PcRtc.FormerFormatIgnored: it is read in the wrong format', () => {
    const quirks = { 'PcRtc.FormerFormatIgnored': true };
    expect(new ClockWorld({ binary: true, time, quirks }).shown).not.toBe('2026-11-21 23:45:00');
    expect(new ClockWorld({ time, quirks }).shown).toBe('2026-11-21 23:45:00');
  });

  test('a variable RTC that is no time zone says nothing', () => {
    const storage = emptyStorage();
    const bad = Uint8Array.of(0xff, 0x7f, 0, 0);
    new ClockWorld({ storage }).rt.setVariable('RTC', OF_THE_CLOCK, ATTRIBUTES, bad);
    expect(new ClockWorld({ storage }).rt.getTime().time).toEqual(NEW_YEAR);
  });

  test('PcRtc.BadZoneResetsTime: it sets the clock to 1998', () => {
    const storage = emptyStorage();
    const bad = Uint8Array.of(0xff, 0x7f, 0, 0);
    new ClockWorld({ storage }).rt.setVariable('RTC', OF_THE_CLOCK, ATTRIBUTES, bad);
    const quirks = { 'PcRtc.BadZoneResetsTime': true };
    expect(new ClockWorld({ storage, quirks }).shown).toBe('1998-01-01 00:00:00');
  });
});
