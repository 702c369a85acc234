import type { EfiTime, EfiTimeCapabilities, EfiTimeServices, EfiWakeupTime } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import { deviceError } from '@dxelab/uefi-lib';
import type { RawDate, RtcCalendar } from './rtc-calendar.ts';
import { toRawDate, toRawTimeOfDay } from './rtc-calendar.ts';
import type { RtcPolicy } from './rtc-policy.ts';
import type { RtcRegisters } from './rtc-registers.ts';
import { RTC_B, RTC_B_ALARM_ENABLE, RTC_B_SET, RTC_C, RTC_C_ALARM } from './rtc-registers.ts';
import type { RtcVariables, ZoneSetting } from './rtc-variables.ts';
import { NO_ZONE } from './rtc-variables.ts';
import { checkTimeFields, inZone, secondsBetween } from './time-fields.ts';

const DAY = 86_400;

/** 1 Hz, 50 ppm; what is below a second goes on when the time is set. */
const CAPABILITIES: EfiTimeCapabilities = {
  resolution: 1,
  accuracy: 50_000_000,
  setsToZero: false,
};

/** What the services work with. */
export interface RealTimeClockParts {
  readonly registers: RtcRegisters;
  readonly calendar: RtcCalendar;
  readonly variables: RtcVariables;
  readonly policy: RtcPolicy;
  /** RtcLock: runs a body with nothing of this module in between. */
  readonly locked: <Result>(body: () => Result) => Result;
}

/** Time services (UEFI §8.3; PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe/PcRtc.c). */
export class RealTimeClock implements EfiTimeServices {
  readonly #parts: RealTimeClockParts;
  /** What GetTime adds; SetTime sets it. */
  #zone: ZoneSetting = NO_ZONE;

  constructor(parts: RealTimeClockParts) {
    this.#parts = parts;
  }

  /** @throws EFI_DEVICE_ERROR, and in `specification` EFI_UNSUPPORTED where there is no clock */
  getTime(): { readonly time: EfiTime; readonly capabilities: EfiTimeCapabilities } {
    return { time: this.#readTime('GetTime'), capabilities: CAPABILITIES };
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_DEVICE_ERROR, and as GetTime EFI_UNSUPPORTED */
  setTime(time: EfiTime): void {
    const { calendar, variables, registers } = this.#parts;
    checkTimeFields('SetTime', time, calendar.years);
    const { timeZone, daylight } = time;
    this.#withClock('SetTime', () => {
      storing('RTC', () => variables.writeZone({ timeZone, daylight }));
      const format = registers.read(RTC_B);
      this.#inhibited(format, () =>
        calendar.write(toRawDate(time, format), toRawTimeOfDay(time, format)),
      );
      this.#zone = { timeZone, daylight };
    });
  }

  /** To ask acknowledges: an alarm that has rung is pending once. @throws EFI_DEVICE_ERROR, and as GetTime EFI_UNSUPPORTED */
  getWakeupTime(): EfiWakeupTime {
    const { registers, calendar } = this.#parts;
    return this.#withClock('GetWakeupTime', () => {
      const format = registers.read(RTC_B);
      const pending = (registers.read(RTC_C) & RTC_C_ALARM) !== 0;
      const time = calendar.toEfiTime(this.#alarmDate(), calendar.readAlarm(), format, this.#zone);
      return { enabled: (format & RTC_B_ALARM_ENABLE) !== 0, pending, time };
    });
  }

  /**
   * @throws EFI_INVALID_PARAMETER, EFI_DEVICE_ERROR, EFI_UNSUPPORTED for a time that is not within the
   *   next day: the alarm has no date
   */
  setWakeupTime(enable: boolean, time?: EfiTime): void {
    if (enable) this.#enableWakeup(time);
    else this.#withClock('SetWakeupTime', () => this.#disableWakeup());
  }

  /** Sets the clock to a time, and its alarm to one that is at rest. PcRtc.c: PcRtcInit. */
  restAlarm(time: EfiTime): void {
    const { registers } = this.#parts;
    this.#withClock('SetWakeupTime', () => this.#writeAlarm(time, registers.read(RTC_B)));
  }

  #enableWakeup(time: EfiTime | undefined): void {
    const { calendar, policy, registers } = this.#parts;
    if (time === undefined) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        'SetWakeupTime: expected a time to enable it for',
      );
    }
    checkTimeFields('SetWakeupTime', time, calendar.years);
    const alarm = policy.wakeupZoneIgnored ? time : inZone(time, this.#zone.timeZone);
    const wait = secondsBetween(this.#readTime('SetWakeupTime'), alarm);
    if (wait < 0 || wait > DAY) {
      const message = `SetWakeupTime: expected a time within the next day, found one in ${wait} s`;
      throw new EfiError('EFI_UNSUPPORTED', message);
    }
    this.#withClock('SetWakeupTime', () =>
      this.#writeAlarm(alarm, registers.read(RTC_B) | RTC_B_ALARM_ENABLE),
    );
  }

  #writeAlarm(time: EfiTime, registerB: number): void {
    const { calendar, policy, variables } = this.#parts;
    const { century, ...date } = toRawDate(time, registerB);
    const timeOfDay = toRawTimeOfDay(time, registerB);
    const kept = { ...date, century: policy.centuryIgnored ? 0 : century };
    storing('RTCALARM', () => variables.writeAlarm(kept, timeOfDay, time));
    this.#inhibited(registerB, () => calendar.writeAlarm(timeOfDay));
  }

  #disableWakeup(): void {
    const { calendar, policy, registers, variables } = this.#parts;
    const registerB = registers.read(RTC_B);
    if (policy.disablingForgetsDate) {
      const alarm = calendar.readAlarm();
      const today = calendar.readDate();
      storing('RTCALARM', () => variables.writeAlarm(today, alarm, this.#zone));
    }
    this.#inhibited(registerB & ~RTC_B_ALARM_ENABLE, () => {});
  }

  /** The clock's alarm has no date of its own; without a variable it is today. */
  #alarmDate(): RawDate {
    const { calendar, variables } = this.#parts;
    const today = calendar.readDate();
    const kept = variables.readAlarmDate();
    return { ...today, ...kept, century: kept?.century || today.century };
  }

  #readTime(service: string): EfiTime {
    const { registers, calendar } = this.#parts;
    return this.#withClock(service, () => {
      const format = registers.read(RTC_B);
      const { date, timeOfDay } = calendar.readMoment();
      return calendar.toEfiTime(date, timeOfDay, format, this.#zone);
    });
  }

  /** With a clock that is between two updates. */
  #withClock<Result>(service: string, body: () => Result): Result {
    const { registers, policy, locked } = this.#parts;
    return locked(() => {
      if (!policy.absenceUnnoticed && !registers.arePresent) {
        throw new EfiError('EFI_UNSUPPORTED', `${service}: this machine has no real-time clock`);
      }
      registers.waitToUpdate();
      return body();
    });
  }

  /** Writes registers while updates are inhibited. @param registerB what it is then */
  #inhibited(registerB: number, write: () => void): void {
    const { registers } = this.#parts;
    registers.write(RTC_B, registerB | RTC_B_SET);
    write();
    registers.write(RTC_B, registerB & ~RTC_B_SET);
  }
}

/** What cannot be kept cannot be set. @throws EFI_DEVICE_ERROR */
function storing(variable: string, write: () => void): void {
  try {
    write();
  } catch (caught) {
    throw deviceError(`the variable ${variable} cannot be written`, caught);
  }
}
