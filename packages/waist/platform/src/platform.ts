import type { EfiResetType } from '@dxelab/uefi';
import type { AddressSpace } from './address-space.ts';
import type { Cycles } from './cycles.ts';
import type { GuestRam } from './guest-ram.ts';
import type { HobList } from './hobs.ts';
import type { TerminalSignal } from './terminal-signal.ts';

/** Time, and the one interrupt that a firmware needs. */
export interface Clock {
  /** Nanoseconds since power-on: virtual on the emulated machine, real on QEMU. */
  now(): number;
  /**
   * Programs the alarm: one interrupt at or after `time`, as soon as interrupts are enabled.
   * @param time in nanoseconds since power-on; `undefined` disarms
   */
  setAlarm(time: number | undefined): void;
  /** Passes time without an access, in nanoseconds; interrupts are taken meanwhile. */
  delay(nanoseconds: number): void;
}

/** The CPU's own business: what EDK II reaches through the CPU architectural protocol and BaseLib. */
export interface Cpu {
  /** Who is called for the alarm interrupt, with interrupts disabled. */
  setInterruptHandler(handler: (() => void) | undefined): void;
  /** Enables or disables interrupts and returns what was before. A pending one is taken at once. */
  setInterruptState(enabled: boolean): boolean;
  /** Waits for the next interrupt (`hlt`), jumping to the next event when time is virtual. */
  sleep(): void;
  /** Orders memory accesses before it against those after it, as devices see them. */
  fence(): void;
}

/**
 * The waist: all that firmware knows of the hardware below it. Firmware cannot tell an emulated
 * machine from a real QEMU, and an instrument that wraps this works with every driver and device.
 */
export interface Platform {
  readonly ram: GuestRam;
  readonly mmio: AddressSpace;
  readonly ports: AddressSpace;
  readonly clock: Clock;
  readonly cpu: Cpu;
  /** What the accesses cost; boot services spend their share on it. */
  readonly cycles: Cycles;
  readonly hobs: HobList;
  /** Resets the machine: ends this world. */
  reset(type: EfiResetType, message: string): never;
  /** Ends this world with `signal`, which every later access raises again. */
  end(signal: TerminalSignal): never;
}
