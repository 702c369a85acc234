import type { EfiRuntimeServices } from '@dxelab/uefi';
import {
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  efiStatusOf,
  guid,
  isEfiFailure,
} from '@dxelab/uefi';
import type { Guid } from '@dxelab/uefi';

/** gEfiCallerIdGuid: the file's own. */
export const PC_RTC_FILE_GUID: Guid = guid('378d7b65-8da9-4773-b6e4-a47826a833e1');

const ATTRIBUTES =
  EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
const ZONE = 'RTC';
const ALARM = 'RTCALARM';
/** sizeof (EFI_TIME) */
const TIME_SIZE = 16;
const UNSPECIFIED = 0x7ff;

/** What the clock has no registers for: EFI_TIME's TimeZone and Daylight. */
export interface ZoneSetting {
  /** In minutes; `undefined` is local time. */
  readonly timeZone: number | undefined;
  readonly daylight: number;
}

export const NO_ZONE: ZoneSetting = { timeZone: undefined, daylight: 0 };

/** The date of the wake-up alarm as the clock writes it; its time of day has registers. */
export interface AlarmDate {
  /** Two digits, as the clock writes them. */
  readonly year: number;
  /** 0 where it was not written down. */
  readonly century: number;
  readonly month: number;
  readonly day: number;
}

/** The alarm's time of day, as the clock writes it: for whoever reads the variable. */
export interface AlarmTimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** The variables that keep what the clock cannot: those of EDK II, byte for byte. */
export class RtcVariables {
  readonly #rt: EfiRuntimeServices;

  constructor(rt: EfiRuntimeServices) {
    this.#rt = rt;
  }

  /** `undefined` if none was set; it is not checked. */
  readZone(): ZoneSetting | undefined {
    const view = this.#read(ZONE, 4);
    if (view === undefined) return undefined;
    return { timeZone: zoneOf(view.getInt16(0, true)), daylight: view.getUint8(2) };
  }

  /** @throws what SetVariable throws */
  writeZone({ timeZone, daylight }: ZoneSetting): void {
    if (timeZone === undefined && daylight === 0) return this.#delete(ZONE);
    const view = new DataView(new ArrayBuffer(4));
    view.setInt16(0, timeZone ?? UNSPECIFIED, true);
    view.setUint8(2, daylight);
    this.#write(ZONE, view);
  }

  readAlarmDate(): AlarmDate | undefined {
    const view = this.#read(ALARM, TIME_SIZE);
    if (view === undefined) return undefined;
    return {
      year: view.getUint8(0),
      century: view.getUint8(1),
      month: view.getUint8(2),
      day: view.getUint8(3),
    };
  }

  /** @throws what SetVariable throws */
  writeAlarm(date: AlarmDate, time: AlarmTimeOfDay, { timeZone, daylight }: ZoneSetting): void {
    const view = new DataView(new ArrayBuffer(TIME_SIZE));
    const { year, century, month, day } = date;
    const { hour, minute, second } = time;
    for (const [offset, byte] of [year, century, month, day, hour, minute, second].entries()) {
      view.setUint8(offset, byte);
    }
    view.setInt16(12, timeZone ?? UNSPECIFIED, true);
    view.setUint8(14, daylight);
    this.#write(ALARM, view);
  }

  /** A variable that is not there, or not of that size, or cannot be read, is none. */
  #read(name: string, size: number): DataView | undefined {
    try {
      const { data } = this.#rt.getVariable(name, PC_RTC_FILE_GUID);
      return data.length === size ? new DataView(data.buffer, data.byteOffset, size) : undefined;
    } catch (caught) {
      if (isEfiFailure(caught)) return undefined;
      throw caught;
    }
  }

  #write(name: string, { buffer }: DataView<ArrayBuffer>): void {
    this.#rt.setVariable(name, PC_RTC_FILE_GUID, ATTRIBUTES, new Uint8Array(buffer));
  }

  #delete(name: string): void {
    try {
      this.#rt.setVariable(name, PC_RTC_FILE_GUID, 0, new Uint8Array(0));
    } catch (caught) {
      if (efiStatusOf(caught) !== 'EFI_NOT_FOUND') throw caught;
    }
  }
}

function zoneOf(stored: number): number | undefined {
  return stored === UNSPECIFIED ? undefined : stored;
}
