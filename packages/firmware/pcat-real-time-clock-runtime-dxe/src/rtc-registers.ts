import type { AddressSpace, Clock } from '@dxelab/platform';
import { EfiError } from '@dxelab/uefi';

const INDEX = 0x70;
const DATA = 0x71;
/** Whoever wrote the index last may have masked NMI with it. */
const NMI_MASK = 0x80;

/** Registers of an MC146818A (data sheet, address map). */
export const RTC_SECONDS = 0x00;
export const RTC_SECONDS_ALARM = 0x01;
export const RTC_MINUTES = 0x02;
export const RTC_MINUTES_ALARM = 0x03;
export const RTC_HOURS = 0x04;
export const RTC_HOURS_ALARM = 0x05;
export const RTC_DAY = 0x07;
export const RTC_MONTH = 0x08;
export const RTC_YEAR = 0x09;
export const RTC_A = 0x0a;
export const RTC_B = 0x0b;
export const RTC_C = 0x0c;
export const RTC_D = 0x0d;
/** Where the FADT of QEMU's machines says that the century is (ACPI §5.2.9, CENTURY). */
export const RTC_CENTURY = 0x32;

export const RTC_B_SET = 0x80;
export const RTC_B_ALARM_ENABLE = 0x20;
export const RTC_C_ALARM = 0x20;
const A_UPDATE_IN_PROGRESS = 0x80;
const D_VALID = 0x80;

/** PcdRealTimeClockUpdateTimeout is 0.1 s; EDK II looks every 10 us. */
const LOOKS = 10_001;
const BETWEEN_LOOKS = 10_000;

/** The clock's registers behind their index and data ports. */
export class RtcRegisters {
  readonly #ports: AddressSpace;
  readonly #clock: Clock;

  constructor(ports: AddressSpace, clock: Clock) {
    this.#ports = ports;
    this.#clock = clock;
  }

  read(register: number): number {
    this.#select(register);
    return this.#ports.read8(DATA);
  }

  write(register: number, value: number): void {
    this.#select(register);
    this.#ports.write8(DATA, value);
  }

  /** Whether a clock is there: all bits of register D but one are always 0, and those of an empty port are not. */
  get arePresent(): boolean {
    return (this.read(RTC_D) & ~D_VALID) === 0;
  }

  /**
   * Waits until no update is going on: for the next 244 us the time can be read.
   * @throws EFI_DEVICE_ERROR if the clock has lost its time, or the update does not end
   */
  waitToUpdate(): void {
    this.#checkValid();
    for (let look = 0; (this.read(RTC_A) & A_UPDATE_IN_PROGRESS) !== 0; look++) {
      if (look === LOOKS) {
        throw new EfiError('EFI_DEVICE_ERROR', 'the real-time clock is in one update for 0.1 s');
      }
      this.#clock.delay(BETWEEN_LOOKS);
    }
    this.#checkValid();
  }

  #checkValid(): void {
    if ((this.read(RTC_D) & D_VALID) !== 0) return;
    throw new EfiError('EFI_DEVICE_ERROR', 'the battery of the real-time clock has failed');
  }

  #select(register: number): void {
    this.#ports.write8(INDEX, register | (this.#ports.read8(INDEX) & NMI_MASK));
  }
}
