import { decodeHour, decodeNumber, encodeHour, encodeNumber } from './rtc-format.ts';
import type { RtcFormat } from './rtc-format.ts';

/** Time of day and date: the registers of the clock that move (MC146818A, address map). */
export const SECONDS = 0x00;
export const MINUTES = 0x02;
export const HOURS = 0x04;
export const DAY_OF_WEEK = 0x06;
export const DAY = 0x07;
export const MONTH = 0x08;
export const YEAR = 0x09;
/** On a PC, byte 0x32 of the memory behind them; the FADT says where (ACPI §5.2.9). */
export const CENTURY = 0x32;

export const CALENDAR: readonly number[] = [
  SECONDS,
  MINUTES,
  HOURS,
  DAY_OF_WEEK,
  DAY,
  MONTH,
  YEAR,
  CENTURY,
];

/** What a calendar register reads at a time. @param seconds since 1970 */
export function calendarRegister(register: number, seconds: number, format: RtcFormat): number {
  const date = new Date(seconds * 1000);
  switch (register) {
    case SECONDS:
      return encodeNumber(date.getUTCSeconds(), format);
    case MINUTES:
      return encodeNumber(date.getUTCMinutes(), format);
    case HOURS:
      return encodeHour(date.getUTCHours(), format);
    case DAY_OF_WEEK:
      return encodeNumber(date.getUTCDay() + 1, format);
    case DAY:
      return encodeNumber(date.getUTCDate(), format);
    case MONTH:
      return encodeNumber(date.getUTCMonth() + 1, format);
    case YEAR:
      return encodeNumber(date.getUTCFullYear() % 100, format);
    default:
      return encodeNumber(Math.floor(date.getUTCFullYear() / 100), format);
  }
}

/** A time that registers hold; the day of the week is not looked at, as by QEMU. */
export interface CalendarTime {
  /** Since 1970; what is out of range counts on: the 32nd is the 1st. */
  readonly seconds: number;
  /** Whether all registers were in their ranges. */
  readonly valid: boolean;
}

/** What the registers say. */
export function readCalendar(registers: Uint8Array, format: RtcFormat): CalendarTime {
  const number = (register: number): number => decodeNumber(registers[register] ?? 0, format);
  const year = number(CENTURY) * 100 + number(YEAR);
  const month = number(MONTH) - 1;
  const day = number(DAY);
  const hour = decodeHour(registers[HOURS] ?? 0, format);
  const [minute, second] = [number(MINUTES), number(SECONDS)];
  // Date's constructor and Date.UTC take years below 100 for those of the 20th century.
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  const sameDay = date.getUTCMonth() === month && date.getUTCDate() === day;
  const valid = sameDay && year <= 9999 && hour <= 23 && minute <= 59 && second <= 59;
  date.setUTCHours(hour, minute, second);
  return { seconds: date.getTime() / 1000, valid };
}
