/** Bits of register B: how the clock writes numbers and hours. */
const BINARY = 0x04;
const HOURS_24 = 0x02;
const PM = 0x80;

/** One number as the clock writes it. @param format register B @param value 0 to 99 */
export function toRtc(value: number, format: number): number {
  return (format & BINARY) !== 0 ? value : Math.trunc(value / 10) * 16 + (value % 10);
}

/** A number of the clock's; `NaN` if it is none. @param format register B */
export function fromRtc(byte: number, format: number): number {
  if ((format & BINARY) !== 0) return byte;
  const [tens, ones] = [byte >> 4, byte & 0xf];
  return tens > 9 || ones > 9 ? Number.NaN : tens * 10 + ones;
}

/** An hour as the clock writes it. @param hour 0 to 23 */
export function toRtcHour(hour: number, format: number): number {
  if ((format & HOURS_24) !== 0) return toRtc(hour, format);
  return toRtc(hour % 12 === 0 ? 12 : hour % 12, format) | (hour >= 12 ? PM : 0);
}

/** An hour of the clock's, 0 to 23; `NaN` if it is none. */
export function fromRtcHour(byte: number, format: number): number {
  if ((format & HOURS_24) !== 0) return fromRtc(byte, format);
  const half = fromRtc(byte & ~PM, format);
  if (!(half >= 1 && half <= 12)) return Number.NaN;
  return (half % 12) + ((byte & PM) === 0 ? 0 : 12);
}
