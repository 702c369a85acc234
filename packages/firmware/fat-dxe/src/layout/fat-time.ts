import type { EfiTime } from '@dxelab/uefi';

/** The first moment that FAT can write down; the time of whatever is written while no clock is known. */
export const FAT_EPOCH: EfiTime = {
  year: 1980,
  month: 1,
  day: 1,
  hour: 0,
  minute: 0,
  second: 0,
  nanosecond: 0,
  timeZone: undefined,
  daylight: 0,
};

const LAST_YEAR = 1980 + 0x7f;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Years beyond the range become its ends; the time zone is not kept (FatPkg Misc.c: FatEfiTimeToFatTime). */
export function toFatDate(time: EfiTime): number {
  const year = Math.min(Math.max(time.year, 1980), LAST_YEAR) - 1980;
  return (year << 9) | (time.month << 5) | time.day;
}

/** In steps of two seconds. */
export function toFatTime(time: EfiTime): number {
  return (time.hour << 11) | (time.minute << 5) | (time.second >> 1);
}

/** A date of 0, which many tools leave, is the epoch. FAT keeps local time: there is no time zone. */
export function fromFatTime(date: number, time = 0): EfiTime {
  if (date === 0) return FAT_EPOCH;
  return {
    year: 1980 + (date >> 9),
    month: (date >> 5) & 0x0f,
    day: date & 0x1f,
    hour: time >> 11,
    minute: (time >> 5) & 0x3f,
    second: (time & 0x1f) * 2,
    nanosecond: 0,
    timeZone: undefined,
    daylight: 0,
  };
}

/** Whether a time exists and is not before FAT's (Misc.c: FatIsValidTime). */
export function isFatTime(time: EfiTime): boolean {
  const leap = time.month === 2 && isLeapYear(time.year) ? 1 : 0;
  return (
    within(time.year, 1980, 9999) &&
    within(time.month, 1, 12) &&
    within(time.day, 1, (MONTH_DAYS[time.month - 1] ?? 0) + leap) &&
    within(time.hour, 0, 23) &&
    within(time.minute, 0, 59) &&
    within(time.second, 0, 59) &&
    within(time.nanosecond, 0, 999_999_999)
  );
}

/** C's way to say "leave it": an EFI_TIME of zeros. */
export function isZeroTime(time: EfiTime): boolean {
  return (
    time.year === 0 &&
    time.month === 0 &&
    time.day === 0 &&
    time.hour === 0 &&
    time.minute === 0 &&
    time.second === 0
  );
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function within(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
