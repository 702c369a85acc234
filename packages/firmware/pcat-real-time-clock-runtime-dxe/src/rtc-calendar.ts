import type { EfiTime } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { RtcPolicy } from './rtc-policy.ts';
import { fromRtc, fromRtcHour, toRtc, toRtcHour } from './rtc-format.ts';
import type { RtcRegisters } from './rtc-registers.ts';
import {
  RTC_CENTURY,
  RTC_DAY,
  RTC_HOURS,
  RTC_HOURS_ALARM,
  RTC_MINUTES,
  RTC_MINUTES_ALARM,
  RTC_MONTH,
  RTC_SECONDS,
  RTC_SECONDS_ALARM,
  RTC_YEAR,
} from './rtc-registers.ts';
import type { ZoneSetting } from './rtc-variables.ts';
import type { YearRange } from './time-fields.ts';
import { badTimeField, EFI_YEARS, TWO_DIGIT_YEARS } from './time-fields.ts';

/** A date as the clock writes it. */
export interface RawDate {
  readonly century: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A time of day as the clock writes it. */
export interface RawTimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** How often a time is read that changes meanwhile: it changes once a second. */
const ATTEMPTS = 10;

/** Reads and writes the calendar of the clock. PcRtc.c: ConvertRtcTimeToEfiTime, ConvertEfiTimeToRtcTime. */
export class RtcCalendar {
  /** The years that this driver can set and read. */
  readonly years: YearRange;
  readonly #registers: RtcRegisters;
  readonly #centuryIgnored: boolean;
  readonly #tornReads: boolean;

  constructor(registers: RtcRegisters, { centuryIgnored, tornReads }: RtcPolicy) {
    this.#registers = registers;
    this.#centuryIgnored = centuryIgnored;
    this.#tornReads = tornReads;
    this.years = centuryIgnored ? TWO_DIGIT_YEARS : EFI_YEARS;
  }

  readDate(): RawDate {
    const year = this.#registers.read(RTC_YEAR);
    const month = this.#registers.read(RTC_MONTH);
    const day = this.#registers.read(RTC_DAY);
    const century = this.#centuryIgnored ? 0 : this.#registers.read(RTC_CENTURY);
    return { century, year, month, day };
  }

  /**
   * Date and time of day of one moment: on a slow machine, or preempted, the clock may have gone on
   * between two registers.
   * @throws EFI_DEVICE_ERROR if they never agree
   */
  readMoment(): { readonly date: RawDate; readonly timeOfDay: RawTimeOfDay } {
    let timeOfDay = this.#readTimeOfDay();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const date = this.readDate();
      if (this.#tornReads) return { date, timeOfDay };
      const again = this.#readTimeOfDay();
      if (isSame(timeOfDay, again)) return { date, timeOfDay };
      timeOfDay = again;
    }
    throw new EfiError('EFI_DEVICE_ERROR', 'the real-time clock never shows the same time twice');
  }

  #readTimeOfDay(): RawTimeOfDay {
    const second = this.#registers.read(RTC_SECONDS);
    const minute = this.#registers.read(RTC_MINUTES);
    return { hour: this.#registers.read(RTC_HOURS), minute, second };
  }

  readAlarm(): RawTimeOfDay {
    const second = this.#registers.read(RTC_SECONDS_ALARM);
    const minute = this.#registers.read(RTC_MINUTES_ALARM);
    return { hour: this.#registers.read(RTC_HOURS_ALARM), minute, second };
  }

  /** To be called while updates are inhibited. */
  write(date: RawDate, time: RawTimeOfDay): void {
    this.#registers.write(RTC_CENTURY, date.century);
    this.#registers.write(RTC_SECONDS, time.second);
    this.#registers.write(RTC_MINUTES, time.minute);
    this.#registers.write(RTC_HOURS, time.hour);
    this.#registers.write(RTC_DAY, date.day);
    this.#registers.write(RTC_MONTH, date.month);
    this.#registers.write(RTC_YEAR, date.year);
  }

  /** To be called while updates are inhibited. */
  writeAlarm({ hour, minute, second }: RawTimeOfDay): void {
    this.#registers.write(RTC_SECONDS_ALARM, second);
    this.#registers.write(RTC_MINUTES_ALARM, minute);
    this.#registers.write(RTC_HOURS_ALARM, hour);
  }

  /**
   * What the clock has written.
   * @param format register B
   * @throws EFI_DEVICE_ERROR if it is no time
   */
  toEfiTime(date: RawDate, time: RawTimeOfDay, format: number, zone: ZoneSetting): EfiTime {
    const efiTime: EfiTime = {
      year: this.#fullYear(fromRtc(date.century, format), fromRtc(date.year, format)),
      month: fromRtc(date.month, format),
      day: fromRtc(date.day, format),
      hour: fromRtcHour(time.hour, format),
      minute: fromRtc(time.minute, format),
      second: fromRtc(time.second, format),
      nanosecond: 0,
      ...zone,
    };
    const problem = badTimeField(efiTime, this.years);
    if (problem === undefined) return efiTime;
    throw new EfiError('EFI_DEVICE_ERROR', `the real-time clock shows no time: ${problem}`);
  }

  /** A clock that keeps no century has none that makes sense there: the year is then one near this. */
  #fullYear(century: number, year: number): number {
    const full = century * 100 + year;
    const [first, last] = this.years;
    if (!this.#centuryIgnored && full >= first && full <= last) return full;
    const [firstOfTwo] = TWO_DIGIT_YEARS;
    const since = firstOfTwo - (firstOfTwo % 100);
    return year < firstOfTwo % 100 ? since + 100 + year : since + year;
  }
}

function isSame(one: RawTimeOfDay, other: RawTimeOfDay): boolean {
  return one.second === other.second && one.minute === other.minute && one.hour === other.hour;
}

/** A date for the clock to write. @param format register B */
export function toRawDate({ year, month, day }: EfiTime, format: number): RawDate {
  return {
    century: toRtc(Math.trunc(year / 100), format),
    year: toRtc(year % 100, format),
    month: toRtc(month, format),
    day: toRtc(day, format),
  };
}

/** A time of day for the clock to write. @param format register B */
export function toRawTimeOfDay({ hour, minute, second }: EfiTime, format: number): RawTimeOfDay {
  return {
    hour: toRtcHour(hour, format),
    minute: toRtc(minute, format),
    second: toRtc(second, format),
  };
}
