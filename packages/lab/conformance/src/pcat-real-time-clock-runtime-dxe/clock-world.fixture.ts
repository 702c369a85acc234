import { createDxeCore } from '@dxelab/dxe-core';
import type { DxeCore } from '@dxelab/dxe-core';
import type { EmulatedMachine, Mc146818Options } from '@dxelab/emulated-machine';
import { createEmulatedMachine, Mc146818 } from '@dxelab/emulated-machine';
import { pcatRealTimeClockRuntimeDxe } from '@dxelab/pcat-real-time-clock-runtime-dxe';
import type { EfiRuntimeServices, EfiTime } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import type { Profile, QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import type { NonVolatileStorage } from '@dxelab/variable-runtime-dxe';
import {
  MemoryStorage,
  OVMF_4M_VARIABLES_SIZE,
  variableRuntimeDxe,
} from '@dxelab/variable-runtime-dxe';

export interface ClockOptions extends Mc146818Options {
  readonly profile?: Profile;
  readonly quirks?: Partial<Record<QuirkName, boolean>> | undefined;
  /** Whether there is a clock. Default: yes. */
  readonly present?: boolean;
  readonly storage?: NonVolatileStorage;
  /** What an operating system has done to the clock before. */
  readonly before?: (clock: ClockWorld) => void;
}

/** A machine with a clock, and the firmware's services of it. */
export class ClockWorld {
  readonly machine: EmulatedMachine;
  readonly core: DxeCore;
  readonly rt: EfiRuntimeServices;
  readonly findings: string[] = [];
  readonly said: string[] = [];

  constructor(options: ClockOptions = {}) {
    const { profile = 'specification', quirks, present = true, before, ...others } = options;
    const { storage = emptyStorage(), ...clock } = others;
    this.machine = createEmulatedMachine({
      memory: 16 * 2 ** 20,
      devices: present ? [new Mc146818(clock)] : [],
      onFinding: ({ rule }) => this.findings.push(rule),
    });
    before?.(this);
    this.core = createDxeCore(this.machine.platform, {
      modules: [pcatRealTimeClockRuntimeDxe, variableRuntimeDxe({ storage })],
      quirks: new Quirks(profile, quirks),
      onDebug: ({ message }) => this.said.push(message),
    });
    this.rt = this.core.systemTable.runtimeServices;
    this.core.dispatch();
  }

  /** What GetTime tells, as text. */
  get shown(): string {
    return textOf(this.rt.getTime().time);
  }

  write(register: number, value: number): void {
    this.machine.platform.ports.write8(0x70, register);
    this.machine.platform.ports.write8(0x71, value);
  }

  read(register: number): number {
    this.machine.platform.ports.write8(0x70, register);
    return this.machine.platform.ports.read8(0x71);
  }

  /** @param seconds of virtual time */
  wait(seconds: number): void {
    this.machine.platform.clock.delay(seconds * 1e9);
  }
}

export function emptyStorage(): MemoryStorage {
  return new MemoryStorage(OVMF_4M_VARIABLES_SIZE);
}

export function efiTime(text: string, zone: Partial<EfiTime> = {}): EfiTime {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text
    .split(/\D/u)
    .map(Number);
  const parts = { year, month, day, hour, minute, second };
  return { ...parts, nanosecond: 0, timeZone: undefined, daylight: 0, ...zone };
}

export function textOf({ year, month, day, hour, minute, second }: EfiTime): string {
  const two = (value: number): string => value.toString().padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

export function statusOf(body: () => unknown): string {
  try {
    body();
  } catch (caught) {
    if (isEfiFailure(caught)) return caught.status;
    throw caught;
  }
  return 'EFI_SUCCESS';
}
