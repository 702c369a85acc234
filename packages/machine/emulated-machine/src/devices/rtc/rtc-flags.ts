import type { RtcAlarm } from './rtc-format.ts';
import { rings } from './rtc-format.ts';
import type { RtcTime } from './rtc-time.ts';

/** Flags of register C, and at the same bits what enables their interrupts in register B. */
export const INTERRUPT_REQUEST = 0x80;
const PERIODIC = 0x40;
const ALARM = 0x20;
const UPDATE_ENDED = 0x10;

const DAY = 86_400;
const SECOND = 1e9;

/** What has happened since register C was read (MC146818A, register C): found out when somebody asks. */
export class RtcFlags {
  readonly #time: RtcTime;
  #flags = 0;
  #seconds: number;
  #divided: number;

  constructor(time: RtcTime) {
    this.#time = time;
    this.#seconds = time.seconds;
    this.#divided = time.divided;
  }

  /** Reads register C, which clears it. @param enabled register B */
  take(enabled: number): number {
    const flags = this.#flags;
    this.#flags = 0;
    return (flags & enabled) === 0 ? flags : flags | INTERRUPT_REQUEST;
  }

  /**
   * Looks at the time that has passed; to be called before anything changes.
   * @param period of the periodic interrupt, in nanoseconds; 0 for none
   */
  catchUp(alarm: RtcAlarm, period: number): void {
    const { seconds, divided } = this.#time;
    if (seconds > this.#seconds) this.#flags |= UPDATE_ENDED;
    // after a day every time of day has been
    const first = Math.max(this.#seconds + 1, seconds - DAY + 1);
    for (let second = first; second <= seconds && (this.#flags & ALARM) === 0; second++) {
      if (rings(alarm, ((second % DAY) + DAY) % DAY)) this.#flags |= ALARM;
    }
    const ticks = (from: number): number => Math.floor(from / period);
    if (period > 0 && ticks(divided) > ticks(this.#divided)) this.#flags |= PERIODIC;
    this.forget();
  }

  /** The clock was set: the seconds between were none. */
  forget(): void {
    this.#seconds = this.#time.seconds;
    this.#divided = this.#time.divided;
  }
}

/** Of the periodic interrupt, in nanoseconds. @param rate bits 0 to 3 of register A (table 5) */
export function periodOf(rate: number): number {
  if (rate === 0) return 0;
  // the two fastest are those of rates 8 and 9 with this time base
  return (2 ** ((rate < 3 ? rate + 7 : rate) - 1) * SECOND) / 32_768;
}
