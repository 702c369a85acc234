import type { EfiTime } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_ERROR } from '@dxelab/uefi-lib';
import type { RealTimeClock, RealTimeClockParts } from './real-time-clock.ts';
import { RTC_A, RTC_B, RTC_B_ALARM_ENABLE, RTC_C, RTC_D } from './rtc-registers.ts';
import type { ZoneSetting } from './rtc-variables.ts';
import { NO_ZONE } from './rtc-variables.ts';
import { badTimeField, TWO_DIGIT_YEARS } from './time-fields.ts';

/** PcdInitialValueRtcRegisterA: the divider chain counts 32.768 kHz; 1024 Hz for the periodic interrupt. */
const REGISTER_A = 0x26;
/** PcdInitialValueRtcRegisterB: BCD, 24 hours, no interrupts. */
const REGISTER_B = 0x02;

/** What a clock is set to that shows no time. */
const FIRST_TIME: EfiTime = {
  year: TWO_DIGIT_YEARS[0],
  month: 1,
  day: 1,
  hour: 0,
  minute: 0,
  second: 0,
  nanosecond: 0,
  ...NO_ZONE,
};

/**
 * Makes the clock tick and tell its time as this driver writes it, and gives it a time if it has none.
 * PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe/PcRtc.c: PcRtcInit.
 * @throws EFI_DEVICE_ERROR if the clock does not work
 */
export function initializeClock(
  clock: RealTimeClock,
  parts: RealTimeClockParts,
  debug: DebugLib,
): void {
  const { registers } = parts;
  registers.write(RTC_A, REGISTER_A);
  const former = registers.read(RTC_B);
  registers.read(RTC_C); // clears the flags
  registers.write(RTC_D, 0);
  registers.waitToUpdate();
  clock.setTime(takeTime(parts, former, debug));
  try {
    clock.getWakeupTime();
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    if ((former & RTC_B_ALARM_ENABLE) === 0) clock.restAlarm(FIRST_TIME);
  }
}

/** The time that the clock shows, whoever set it; from then on it writes as this driver does. */
function takeTime(parts: RealTimeClockParts, former: number, debug: DebugLib): EfiTime {
  const { registers, calendar, policy } = parts;
  const { date, timeOfDay } = calendar.readMoment();
  const format = REGISTER_B | (former & RTC_B_ALARM_ENABLE);
  registers.write(RTC_B, format);
  try {
    const shown = policy.formerFormatIgnored ? format : former;
    return calendar.toEfiTime(date, timeOfDay, shown, keptZone(parts));
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    debug.debug(DEBUG_ERROR, `${caught.message}: it begins with ${FIRST_TIME.year}`);
    return FIRST_TIME;
  }
}

/** A variable that is no zone says nothing. */
function keptZone({ variables, policy }: RealTimeClockParts): ZoneSetting {
  const kept = variables.readZone() ?? NO_ZONE;
  const isBad = badTimeField({ ...FIRST_TIME, ...kept }, TWO_DIGIT_YEARS) !== undefined;
  return isBad && !policy.badZoneResetsTime ? NO_ZONE : kept;
}
