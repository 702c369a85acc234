/** Bits of register B that say how numbers are written (MC146818A, register B). */
export const BINARY = 0x04;
export const HOURS_24 = 0x02;

const PM = 0x80;
/** From here on an alarm byte means "any" (MC146818A, alarm bytes). */
const ANY = 0xc0;

/** How numbers are written: bits of register B. */
export type RtcFormat = number;

/** @param value at most 99; a BCD byte has no room for more */
export function encodeNumber(value: number, format: RtcFormat): number {
  const kept = value % 100;
  return (format & BINARY) !== 0 ? kept : (Math.floor(kept / 10) << 4) | (kept % 10);
}

/** Digits above 9 count as what they are worth: the result is out of range then. */
export function decodeNumber(byte: number, format: RtcFormat): number {
  return (format & BINARY) !== 0 ? byte : (byte >> 4) * 10 + (byte & 0xf);
}

/** @param hour 0 to 23 */
export function encodeHour(hour: number, format: RtcFormat): number {
  if ((format & HOURS_24) !== 0) return encodeNumber(hour, format);
  const half = encodeNumber(hour % 12 === 0 ? 12 : hour % 12, format);
  return hour >= 12 ? half | PM : half;
}

/** 24 for what is no hour, in 12-hour mode. */
export function decodeHour(byte: number, format: RtcFormat): number {
  if ((format & HOURS_24) !== 0) return decodeNumber(byte, format);
  const half = decodeNumber(byte & ~PM, format);
  if (half < 1 || half > 12) return 24;
  return (half % 12) + ((byte & PM) === 0 ? 0 : 12);
}

/** What an alarm waits for; `undefined` parts are any. */
export interface RtcAlarm {
  readonly hour: number | undefined;
  readonly minute: number | undefined;
  readonly second: number | undefined;
}

/** @param bytes the alarm's hour, minute and second */
export function decodeAlarm(
  hour: number,
  minute: number,
  second: number,
  format: RtcFormat,
): RtcAlarm {
  return {
    hour: hour >= ANY ? undefined : decodeHour(hour, format),
    minute: minute >= ANY ? undefined : decodeNumber(minute, format),
    second: second >= ANY ? undefined : decodeNumber(second, format),
  };
}

/** Whether the alarm rings at a second since midnight. */
export function rings({ hour, minute, second }: RtcAlarm, ofDay: number): boolean {
  return (
    (hour === undefined || hour === Math.floor(ofDay / 3600)) &&
    (minute === undefined || minute === Math.floor(ofDay / 60) % 60) &&
    (second === undefined || second === ofDay % 60)
  );
}
