import type { EfiTime } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';

/** From the first to the last. */
export type YearRange = readonly [first: number, last: number];

/** What EFI_TIME can say (UEFI §8.3.1). */
export const EFI_YEARS: YearRange = [1900, 9999];
/** PcdMinimalValidYear and PcdMaximalValidYear: what two digits can say. */
export const TWO_DIGIT_YEARS: YearRange = [1998, 2097];

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const ZONE_LIMIT = 24 * 60;
const DAYLIGHT_BITS = 0x3;

/** The field of a time that is out of its range, with what is wrong; `undefined` if all are in theirs. */
export function badTimeField(time: EfiTime, years: YearRange): string | undefined {
  const { year, month, timeZone, daylight } = time;
  const days = (MONTH_DAYS[month - 1] ?? 0) + (month === 2 && isLeapYear(year) ? 1 : 0);
  return (
    outside('year', year, ...years) ??
    outside('month', month, 1, 12) ??
    outside('day', time.day, 1, days) ??
    outside('hour', time.hour, 0, 23) ??
    outside('minute', time.minute, 0, 59) ??
    outside('second', time.second, 0, 59) ??
    outside('nanosecond', time.nanosecond, 0, 999_999_999) ??
    outside('time zone', timeZone ?? 0, -ZONE_LIMIT, ZONE_LIMIT) ??
    outside('daylight', daylight, 0, DAYLIGHT_BITS)
  );
}

/** @throws EFI_INVALID_PARAMETER for a field that is out of its range */
export function checkTimeFields(service: string, time: EfiTime, years: YearRange): void {
  const problem = badTimeField(time, years);
  if (problem === undefined) return;
  throw new EfiError('EFI_INVALID_PARAMETER', `${service}: ${problem}`);
}

/** Seconds between two times of one clock: their time zones are not looked at. */
export function secondsBetween(from: EfiTime, to: EfiTime): number {
  return calendarSeconds(to) - calendarSeconds(from);
}

/** A time of one zone as clocks of another show it (UEFI §8.3.1: local time = UTC - TimeZone). */
export function inZone(time: EfiTime, timeZone: number | undefined): EfiTime {
  if (time.timeZone === undefined || timeZone === undefined) return time;
  const moved = new Date((calendarSeconds(time) + (time.timeZone - timeZone) * 60) * 1000);
  return {
    ...time,
    year: moved.getUTCFullYear(),
    month: moved.getUTCMonth() + 1,
    day: moved.getUTCDate(),
    hour: moved.getUTCHours(),
    minute: moved.getUTCMinutes(),
    timeZone,
  };
}

function calendarSeconds({ year, month, day, hour, minute, second }: EfiTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function outside(field: string, value: number, least: number, most: number): string | undefined {
  if (Number.isInteger(value) && value >= least && value <= most) return undefined;
  return `expected a ${field} from ${least} to ${most}, found ${value}`;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
