import type { Device, MachineBus } from '../../machine-bus.ts';
import { Region } from '../../region.ts';
import type { AccessWidth, RegionHandler } from '../../region.ts';
import { CALENDAR, calendarRegister, readCalendar } from './rtc-calendar.ts';
import { periodOf, RtcFlags } from './rtc-flags.ts';
import { BINARY, decodeAlarm, HOURS_24 } from './rtc-format.ts';
import { RtcTime } from './rtc-time.ts';

/** Index and data of the clock and its memory on a PC. */
const INDEX_PORT = 0x70;
const PORTS = 2;
const DATA = 1;
/** The index register's upper bit masks NMI and is none of the clock's. */
const INDEX_MASK = 0x7f;
/** QEMU's index register cannot be read either. */
const UNREADABLE = 0xff;

const SECONDS_ALARM = 0x01;
const MINUTES_ALARM = 0x03;
const HOURS_ALARM = 0x05;
const REGISTER_A = 0x0a;
const REGISTER_B = 0x0b;
const REGISTER_C = 0x0c;
const REGISTER_D = 0x0d;

const A_UPDATE_IN_PROGRESS = 0x80;
const A_DIVIDER_RESET = 0x60;
const A_RATE = 0x0f;
/** A crystal of 32.768 kHz, and a periodic interrupt of 1024 Hz, as QEMU's. */
const A_INITIAL = 0x26;
const B_SET = 0x80;
const B_UPDATE_ENDED_ENABLE = 0x10;
const D_VALID = 0x80;

/** 2026-01-01T00:00:00Z: always the same, so that a run can be repeated. */
export const DEFAULT_RTC_TIME: number = Date.UTC(2026, 0, 1) / 1000;

/** What a clock is like when the machine is switched on: what its battery has kept. */
export interface Mc146818Options {
  /** In seconds since 1970. Default: `DEFAULT_RTC_TIME`. */
  readonly time?: number;
  /** Whether the battery has kept the time: else register D says that it is not valid. Default: yes. */
  readonly valid?: boolean;
  /** Whether registers are binary. Default: no, BCD. */
  readonly binary?: boolean;
  /** Whether hours are 1 to 12, with PM. Default: no. */
  readonly twelveHours?: boolean;
}

/**
 * The real-time clock of a PC: Motorola's MC146818A, with the century in byte 0x32 of its memory. Its
 * time goes on with the machine's. Interrupts set their flags and reach nobody: firmware polls.
 */
export class Mc146818 implements Device, RegionHandler {
  readonly name = 'mc146818';
  readonly #options: Mc146818Options;
  readonly #registers = new Uint8Array(INDEX_MASK + 1);
  #parts:
    | { readonly bus: MachineBus; readonly time: RtcTime; readonly flags: RtcFlags }
    | undefined;
  #index = 0;

  constructor(options: Mc146818Options = {}) {
    this.#options = options;
    const { binary = false, twelveHours = false, valid = true } = options;
    this.#registers[REGISTER_A] = A_INITIAL;
    this.#registers[REGISTER_B] = (binary ? BINARY : 0) | (twelveHours ? 0 : HOURS_24);
    this.#registers[REGISTER_D] = valid ? D_VALID : 0;
  }

  attach(bus: MachineBus): void {
    const time = new RtcTime(this.#options.time ?? DEFAULT_RTC_TIME, () => bus.now());
    this.#parts = { bus, time, flags: new RtcFlags(time) };
    bus.ports.add(new Region(this.name, INDEX_PORT, PORTS, this));
  }

  /** Registers are bytes: a wider access reaches the index only. */
  read(offset: number, _width: AccessWidth): number {
    return offset === DATA ? this.#readRegister(this.#index) : UNREADABLE;
  }

  write(offset: number, _width: AccessWidth, value: number): void {
    if (offset === DATA) this.#writeRegister(this.#index, value & 0xff);
    else this.#index = value & INDEX_MASK;
  }

  #readRegister(register: number): number {
    const kept = this.#registers[register] ?? 0;
    const parts = this.#parts;
    if (parts === undefined) return kept;
    if (register === REGISTER_A) {
      return kept | (parts.time.updateInProgress ? A_UPDATE_IN_PROGRESS : 0);
    }
    if (register === REGISTER_C) {
      this.#catchUp();
      return parts.flags.take(this.#registerB);
    }
    if (!CALENDAR.includes(register) || this.#isHeld) return kept;
    if (parts.time.updating) this.#report('update-in-progress', 'is read during an update', kept);
    return calendarRegister(register, parts.time.seconds, this.#registerB);
  }

  #writeRegister(register: number, byte: number): void {
    // what has passed has passed under the old settings
    this.#catchUp();
    if (register === REGISTER_C || register === REGISTER_D) return;
    if (register === REGISTER_A || register === REGISTER_B) this.#control(register, byte);
    else if (CALENDAR.includes(register)) this.#setCalendar(register, byte);
    else this.#registers[register] = byte;
  }

  /** While SET or the reset of the divider chain holds the clock, its registers are memory. */
  #control(register: number, byte: number): void {
    const wasHeld = this.#isHeld;
    const wasReset = this.#isReset;
    if (!wasHeld) this.#writeDown();
    if (register === REGISTER_A) this.#registers[register] = byte & ~A_UPDATE_IN_PROGRESS;
    else {
      const cleared = (byte & B_SET) === 0 ? 0 : B_UPDATE_ENDED_ENABLE;
      this.#registers[register] = byte & ~cleared;
    }
    if (this.#isHeld && !wasHeld) this.#parts?.time.stop();
    if (wasReset && !this.#isReset) this.#parts?.time.restart();
    if (wasHeld && !this.#isHeld) this.#goOn();
    this.#parts?.flags.forget();
  }

  #setCalendar(register: number, byte: number): void {
    const held = this.#isHeld;
    if (!held) this.#writeDown();
    this.#registers[register] = byte;
    if (!held) this.#goOn();
  }

  /** What the calendar shows now. */
  #writeDown(): void {
    const seconds = this.#parts?.time.seconds ?? 0;
    for (const register of CALENDAR) {
      this.#registers[register] = calendarRegister(register, seconds, this.#registerB);
    }
  }

  #goOn(): void {
    const { seconds, valid } = readCalendar(this.#registers, this.#registerB);
    if (!valid) this.#report('time-range', 'is set to a time that does not exist', seconds);
    this.#parts?.time.set(seconds);
    this.#parts?.flags.forget();
  }

  #catchUp(): void {
    const registers = this.#registers;
    const [hour = 0, minute = 0, second = 0] = [HOURS_ALARM, MINUTES_ALARM, SECONDS_ALARM].map(
      (register) => registers[register] ?? 0,
    );
    const period = this.#isReset ? 0 : periodOf((registers[REGISTER_A] ?? 0) & A_RATE);
    this.#parts?.flags.catchUp(decodeAlarm(hour, minute, second, this.#registerB), period);
  }

  get #registerB(): number {
    return this.#registers[REGISTER_B] ?? 0;
  }

  get #isReset(): boolean {
    return ((this.#registers[REGISTER_A] ?? 0) & A_DIVIDER_RESET) === A_DIVIDER_RESET;
  }

  get #isHeld(): boolean {
    return this.#isReset || (this.#registerB & B_SET) !== 0;
  }

  #report(rule: string, message: string, value: number): void {
    this.#parts?.bus.report({
      rule: `machine rtc-${rule}`,
      device: this.name,
      message: `the clock ${message}`,
      fields: { register: this.#index, value },
    });
  }
}
