/** EFI_TIME (UEFI §8.3.1). */
export interface EfiTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** In minutes from UTC; `undefined` is local time. */
  readonly timeZone: number | undefined;
  /** Bit 0: daylight saving applies; bit 1: it is in force. */
  readonly daylight: number;
}
