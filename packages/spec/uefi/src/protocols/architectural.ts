import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';
import type { EfiCapsuleServices } from '../services/capsule-services.ts';
import type { EfiTimeServices } from '../services/time-services.ts';
import type { EfiVariableServices } from '../services/variable-services.ts';
import type { EfiVirtualMemoryServices } from '../services/virtual-memory-services.ts';

/** EFI_BDS_ARCH_PROTOCOL (PI Vol. 2 §12.2): what the DXE core calls when nothing is left to dispatch. */
export interface EfiBdsArch {
  /**
   * Selects and starts boot options; returns only when none is left to try, or with the reason for giving up
   * before that, which PI does not let it do.
   */
  entry(): string | undefined | void;
}

/** By which EFI_BDS_ARCH_PROTOCOL (PI Vol. 2 §12.2) is found. */
export const BdsArchProtocol: Protocol<EfiBdsArch> = defineProtocol(
  'BdsArch',
  '665e3ff6-46cc-11d4-9a38-0090273fc14d',
);

/** Architectural protocols that the core itself embodies; tokens for dependency expressions (PI Vol. 2 §12). */
export const CpuArchProtocol: Protocol<null> = defineProtocol(
  'CpuArch',
  '26baccb1-6f42-11d4-bce7-0080c73c8881',
);
export const MetronomeArchProtocol: Protocol<null> = defineProtocol(
  'MetronomeArch',
  '26baccb2-6f42-11d4-bce7-0080c73c8881',
);
export const TimerArchProtocol: Protocol<null> = defineProtocol(
  'TimerArch',
  '26baccb3-6f42-11d4-bce7-0080c73c8881',
);
export const ResetArchProtocol: Protocol<null> = defineProtocol(
  'ResetArch',
  '27cfac88-46cc-11d4-9a38-0090273fc14d',
);

/** EFI_WATCHDOG_TIMER_ARCH_PROTOCOL (PI Vol. 2 §12): what SetWatchdogTimer asks. */
export interface EfiWatchdogTimerArch {
  /**
   * @param notify called with the time since the timer was set, in units of 100 ns; `undefined` takes
   *   it away, and the watchdog resets the system
   * @throws EFI_ALREADY_STARTED, EFI_INVALID_PARAMETER if there is none to take away
   */
  registerHandler(notify: ((time: number) => void) | undefined): void;
  /** @param timerPeriod in units of 100 ns; 0 disarms. @throws EFI_DEVICE_ERROR */
  setTimerPeriod(timerPeriod: number): void;
  /** In units of 100 ns. */
  getTimerPeriod(): number;
}

/** By which EFI_WATCHDOG_TIMER_ARCH_PROTOCOL (PI Vol. 2 §12) is found. */
export const WatchdogTimerArchProtocol: Protocol<EfiWatchdogTimerArch> = defineProtocol(
  'WatchdogTimerArch',
  '665e3ff5-46cc-11d4-9a38-0090273fc14d',
);

/** What a module of the monotonic count provides: GetNextMonotonicCount and its upper half. */
export interface MonotonicCounter {
  /** @throws EFI_DEVICE_ERROR */
  getNextMonotonicCount(): bigint;
  /** @throws EFI_DEVICE_ERROR */
  getNextHighMonotonicCount(): number;
}

/**
 * In C these protocols carry nothing: a module that installs one has put its functions into the tables
 * of services. Here each image has a face of the tables, and the protocol carries the functions
 * (PI Vol. 2 §12).
 */
export const MonotonicCounterArchProtocol: Protocol<MonotonicCounter> = defineProtocol(
  'MonotonicCounterArch',
  '1da97072-bddc-4b30-99f1-72a0b56fff2a',
);
export const RealTimeClockArchProtocol: Protocol<EfiTimeServices> = defineProtocol(
  'RealTimeClockArch',
  '27cfac87-46cc-11d4-9a38-0090273fc14d',
);
export const RuntimeArchProtocol: Protocol<EfiVirtualMemoryServices> = defineProtocol(
  'RuntimeArch',
  'b7dfb4e1-052f-449f-87be-9818fc91b733',
);
export const VariableArchProtocol: Protocol<EfiVariableServices> = defineProtocol(
  'VariableArch',
  '1e5668e2-8481-11d4-bcf1-0080c73c8881',
);
export const CapsuleArchProtocol: Protocol<EfiCapsuleServices> = defineProtocol(
  'CapsuleArch',
  '5053697e-2cbc-4819-90d9-0580deee5754',
);
/** Non-volatile variables can be written. */
export const VariableWriteArchProtocol: Protocol<null> = defineProtocol(
  'VariableWriteArch',
  '6441f818-6362-4e44-b570-7dba31dd2453',
);
