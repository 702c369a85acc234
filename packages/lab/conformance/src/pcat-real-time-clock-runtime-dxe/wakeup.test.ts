import { guid } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { ClockWorld, efiTime, emptyStorage, statusOf, textOf } from './clock-world.fixture.ts';

const OF_THE_CLOCK = guid('378d7b65-8da9-4773-b6e4-a47826a833e1');
const NOON = Date.UTC(2026, 11, 31, 12, 0, 0) / 1000;

/** What GetWakeupTime tells, as text. */
function wakeup({ rt }: ClockWorld): string {
  const { enabled, pending, time } = rt.getWakeupTime();
  return `${enabled ? 'enabled' : 'disabled'}${pending ? ', pending' : ''}: ${textOf(time)}`;
}

describe.each(PROFILES)('the wake-up time (UEFI §8.3.3, §8.3.4, %s)', (profile) => {
  test('is disabled at first', () => {
    expect(wakeup(new ClockWorld({ profile, time: NOON }))).toBe('disabled: 2026-12-31 00:00:00');
  });

  test('is told until it has come; then it is pending until that was told', () => {
    const world = new ClockWorld({ profile, time: NOON });
    world.rt.setWakeupTime(true, efiTime('2027-01-01 06:30:15'));
    expect(wakeup(world)).toBe('enabled: 2027-01-01 06:30:15');
    world.wait(18.5 * 3600 + 14);
    expect(wakeup(world)).toBe('enabled: 2027-01-01 06:30:15');
    world.wait(1);
    expect(wakeup(world)).toBe('enabled, pending: 2027-01-01 06:30:15');
    expect(wakeup(world)).toBe('enabled: 2027-01-01 06:30:15');
  });

  test('can be disabled, with and without a time', () => {
    const world = new ClockWorld({ profile, time: NOON });
    world.rt.setWakeupTime(true, efiTime('2026-12-31 18:00:00'));
    world.rt.setWakeupTime(false);
    expect(wakeup(world)).toBe('disabled: 2026-12-31 18:00:00');
    world.rt.setWakeupTime(false, efiTime('2026-13-31 18:00:00'));
    expect(wakeup(world)).toBe('disabled: 2026-12-31 18:00:00');
  });

  test('now, and in exactly a day', () => {
    for (const time of ['2026-12-31 12:00:00', '2027-01-01 12:00:00']) {
      const world = new ClockWorld({ profile, time: NOON });
      world.rt.setWakeupTime(true, efiTime(time));
      expect(wakeup(world)).toBe(`enabled: ${time}`);
    }
  });

  test.each(['2026-12-31 11:59:59', '2027-01-01 12:00:01', '2027-12-31 18:00:00'])(
    '%s is EFI_UNSUPPORTED at noon before: the alarm has no date',
    (time) => {
      const world = new ClockWorld({ profile, time: NOON });
      expect(statusOf(() => world.rt.setWakeupTime(true, efiTime(time)))).toBe('EFI_UNSUPPORTED');
      expect(wakeup(world)).toBe('disabled: 2026-12-31 00:00:00');
    },
  );

  test('without a time, or with one that does not exist, it is EFI_INVALID_PARAMETER', () => {
    const world = new ClockWorld({ profile, time: NOON });
    expect(statusOf(() => world.rt.setWakeupTime(true))).toBe('EFI_INVALID_PARAMETER');
    const none = efiTime('2026-12-31 24:00:00');
    expect(statusOf(() => world.rt.setWakeupTime(true, none))).toBe('EFI_INVALID_PARAMETER');
  });

  test('its date survives a reset in the variable RTCALARM', () => {
    const storage = emptyStorage();
    const zone = { timeZone: 60, daylight: 1 };
    const world = new ClockWorld({ profile, storage, time: NOON });
    world.rt.setTime(efiTime('2026-12-31 12:00:00', zone));
    world.rt.setWakeupTime(true, efiTime('2027-01-01 06:30:15', zone));
    const { data } = world.rt.getVariable('RTCALARM', OF_THE_CLOCK);
    const century = profile === 'edk2' ? 0 : 0x20;
    expect([...data]).toEqual([0x27, century, 1, 1, 6, 0x30, 0x15, 0, 0, 0, 0, 0, 60, 0, 1, 0]);
    const next = new ClockWorld({ profile, storage, time: NOON });
    expect(next.rt.getWakeupTime().time).toMatchObject({ year: 2027, month: 1, day: 1, ...zone });
  });

  test('an alarm that an operating system has set stays enabled', () => {
    const world = new ClockWorld({
      profile,
      time: NOON,
      before: (clock) => {
        for (const [register, value] of [
          [5, 0x13],
          [3, 0x14],
          [1, 0x15],
          [0x0b, 0x22],
        ] as const) {
          clock.write(register, value);
        }
      },
    });
    expect(wakeup(world)).toBe('enabled: 2026-12-31 13:14:15');
  });

  test('an alarm that is at no time, and disabled, is put to rest', () => {
    const world = new ClockWorld({ profile, time: NOON, before: (clock) => clock.write(5, 0xff) });
    expect(wakeup(world)).toBe('disabled: 1998-01-01 00:00:00');
  });

  test('a clock without battery is EFI_DEVICE_ERROR', () => {
    const { rt } = new ClockWorld({ profile, valid: false });
    const noon = efiTime('2026-01-01 12:00:00');
    expect(statusOf(() => rt.getWakeupTime())).toBe('EFI_DEVICE_ERROR');
    expect(statusOf(() => rt.setWakeupTime(false))).toBe('EFI_DEVICE_ERROR');
    expect(statusOf(() => rt.setWakeupTime(true, noon))).toBe('EFI_DEVICE_ERROR');
  });
});

describe('the wake-up time, as it should be and as it is', () => {
  test('one of another time zone is moved to that of the clock', () => {
    const world = new ClockWorld({ time: NOON });
    world.rt.setTime(efiTime('2026-12-31 12:00:00', { timeZone: -60 }));
    world.rt.setWakeupTime(true, efiTime('2026-12-31 23:30:00', { timeZone: 0 }));
    expect(wakeup(world)).toBe('enabled: 2027-01-01 00:30:00');
  });

  test("PcRtc.WakeupZoneIgnored: it is taken for one of the clock's", () => {
    const world = new ClockWorld({ time: NOON, quirks: { 'PcRtc.WakeupZoneIgnored': true } });
    world.rt.setTime(efiTime('2026-12-31 12:00:00', { timeZone: -60 }));
    world.rt.setWakeupTime(true, efiTime('2026-12-31 23:30:00', { timeZone: 0 }));
    expect(wakeup(world)).toBe('enabled: 2026-12-31 23:30:00');
  });

  test('disabled, it keeps its date; PcRtc.DisablingForgetsDate: it is of today', () => {
    const dates = [false, true].map((forgets) => {
      const quirks = { 'PcRtc.DisablingForgetsDate': forgets };
      const world = new ClockWorld({ time: NOON, quirks });
      world.rt.setWakeupTime(true, efiTime('2027-01-01 06:30:15'));
      world.rt.setWakeupTime(false);
      return wakeup(world);
    });
    expect(dates).toEqual(['disabled: 2027-01-01 06:30:15', 'disabled: 2026-12-31 06:30:15']);
  });
});
