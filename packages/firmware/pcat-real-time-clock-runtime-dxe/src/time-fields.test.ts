import type { EfiTime } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { badTimeField, EFI_YEARS, inZone, secondsBetween, TWO_DIGIT_YEARS } from './time-fields.ts';

const NEW_YEAR: EfiTime = {
  year: 2026,
  month: 1,
  day: 1,
  hour: 0,
  minute: 0,
  second: 0,
  nanosecond: 0,
  timeZone: undefined,
  daylight: 0,
};
const time = (change: Partial<EfiTime>): EfiTime => ({ ...NEW_YEAR, ...change });

describe('the fields of EFI_TIME (UEFI §8.3.1)', () => {
  test.each<[Partial<EfiTime>, string | undefined]>([
    [{}, undefined],
    [{ year: 1900 }, undefined],
    [{ year: 9999, month: 12, day: 31, hour: 23, minute: 59, second: 59 }, undefined],
    [{ year: 1899 }, 'expected a year from 1900 to 9999, found 1899'],
    [{ year: 2000, month: 2, day: 29 }, undefined],
    [{ year: 1900, month: 2, day: 29 }, 'expected a day from 1 to 28, found 29'],
    [{ month: 13 }, 'expected a month from 1 to 12, found 13'],
    [{ month: 6, day: 31 }, 'expected a day from 1 to 30, found 31'],
    [{ timeZone: -1440, daylight: 3, nanosecond: 999_999_999 }, undefined],
    [{ timeZone: 2047 }, 'expected a time zone from -1440 to 1440, found 2047'],
    [{ daylight: -1 }, 'expected a daylight from 0 to 3, found -1'],
  ])('%j: %s', (change, problem) => {
    expect(badTimeField(time(change), EFI_YEARS)).toBe(problem);
  });

  test('two digits say 1998 to 2097', () => {
    const years = [1997, 1998, 2097, 2098].map((year) =>
      badTimeField(time({ year }), TWO_DIGIT_YEARS),
    );
    expect(years.map((problem) => problem === undefined)).toEqual([false, true, true, false]);
  });
});

describe('a time of another zone (UEFI §8.3.1: local time is UTC less TimeZone)', () => {
  test('is what clocks there show', () => {
    const tokyo = time({ hour: 1, timeZone: -540 });
    expect(inZone(tokyo, 300)).toEqual(
      time({ year: 2025, month: 12, day: 31, hour: 11, timeZone: 300 }),
    );
  });

  test('is the same if one of them is local time', () => {
    const zoned = time({ timeZone: 60 });
    expect(inZone(zoned, undefined)).toBe(zoned);
    expect(inZone(NEW_YEAR, 60)).toBe(NEW_YEAR);
  });
});

test('seconds between two times of one clock', () => {
  const before = time({ year: 2025, month: 12, day: 31, hour: 23, minute: 59, second: 59 });
  expect(secondsBetween(before, NEW_YEAR)).toBe(1);
  expect(secondsBetween(NEW_YEAR, before)).toBe(-1);
  expect(
    secondsBetween(time({ year: 2028, month: 2, day: 28 }), time({ year: 2028, month: 3 })),
  ).toBe(2 * 86_400);
});
