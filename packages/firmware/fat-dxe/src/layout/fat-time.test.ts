import type { EfiTime } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { FAT_EPOCH, fromFatTime, isFatTime, isZeroTime, toFatDate, toFatTime } from './fat-time.ts';

const time = (change: Partial<EfiTime>): EfiTime => ({ ...FAT_EPOCH, ...change });

describe('time stamps', () => {
  test('FAT keeps two seconds, no time zone, and the years 1980 to 2107', () => {
    const moment = time({ year: 2026, month: 11, day: 20, hour: 23, minute: 59, second: 59 });
    expect(toFatDate(moment)).toBe((46 << 9) | (11 << 5) | 20);
    expect(fromFatTime(toFatDate(moment), toFatTime(moment))).toEqual({ ...moment, second: 58 });
    expect(fromFatTime(toFatDate(time({ year: 1601 }))).year).toBe(1980);
    expect(fromFatTime(toFatDate(time({ year: 3000 }))).year).toBe(2107);
  });

  test('a date that was never written is the epoch', () => {
    expect(fromFatTime(0, 0)).toBe(FAT_EPOCH);
  });

  test.each<Partial<EfiTime>>([
    { year: 1979 },
    { month: 0 },
    { month: 13 },
    { day: 0 },
    { month: 4, day: 31 },
    { year: 2023, month: 2, day: 29 },
    { year: 2100, month: 2, day: 29 },
    { hour: 24 },
    { minute: 60 },
    { second: 60 },
    { nanosecond: 1_000_000_000 },
    { second: 1.5 },
  ])('%o is no time', (change) => {
    expect(isFatTime(time(change))).toBe(false);
  });

  test.each<Partial<EfiTime>>([
    {},
    { year: 2024, month: 2, day: 29 },
    { year: 2000, month: 2, day: 29 },
  ])('%o is one', (change) => {
    expect(isFatTime(time(change))).toBe(true);
  });

  test('zeros mean that there is none', () => {
    expect(isZeroTime(time({ year: 0, month: 0, day: 0 }))).toBe(true);
    expect(isZeroTime(FAT_EPOCH)).toBe(false);
  });
});
