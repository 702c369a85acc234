import type { EfiBootServices } from '@dxelab/uefi';
import {
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  isEfiFailure,
  RealTimeClockArchProtocol,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
  VariableArchProtocol,
  VariableWriteArchProtocol,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { DEBUG_ERROR } from '@dxelab/uefi-lib';
import { initializeClock } from './initialize-clock.ts';
import type { RealTimeClockParts } from './real-time-clock.ts';
import { RealTimeClock } from './real-time-clock.ts';
import { RtcCalendar } from './rtc-calendar.ts';
import { rtcPolicy } from './rtc-policy.ts';
import { RtcRegisters } from './rtc-registers.ts';
import { PC_RTC_FILE_GUID, RtcVariables } from './rtc-variables.ts';

/** PcAtChipsetPkg/PcatRealTimeClockRuntimeDxe. */
export const pcatRealTimeClockRuntimeDxe: DxeModule = {
  name: 'PcRtc',
  fileGuid: PC_RTC_FILE_GUID,
  moduleType: 'DXE_RUNTIME_DRIVER',
  depex: {
    op: 'AND',
    operands: [
      { op: 'PUSH', protocol: VariableArchProtocol },
      { op: 'PUSH', protocol: VariableWriteArchProtocol },
    ],
  },
  hardware: true,
  entryPoint(_imageHandle, { bootServices, runtimeServices }, { platform, quirks, debug }) {
    const policy = rtcPolicy(quirks);
    const registers = new RtcRegisters(platform.ports, platform.clock);
    const parts: RealTimeClockParts = {
      registers,
      calendar: new RtcCalendar(registers, policy),
      variables: new RtcVariables(runtimeServices),
      policy,
      locked: lock(bootServices, policy.levelAsserted),
    };
    const clock = new RealTimeClock(parts);
    try {
      if (policy.absenceUnnoticed || registers.arePresent) initializeClock(clock, parts, debug);
    } catch (caught) {
      // a machine whose clock has failed boots, and GetTime says so
      if (!isEfiFailure(caught)) throw caught;
      debug.debug(DEBUG_ERROR, caught.message);
    }
    bootServices.installProtocolInterface(undefined, RealTimeClockArchProtocol, clock);
  },
};

/**
 * RtcLock: TPL_CALLBACK while there are levels; at runtime the caller sees to it (UEFI §8.1).
 * @param levelAsserted whether a caller above that level is an ASSERT that fails, and not only a finding
 */
function lock(bs: EfiBootServices, levelAsserted: boolean): RealTimeClockParts['locked'] {
  let atRuntime = false;
  const exit = (): void => void (atRuntime = true);
  bs.createEvent(EVT_SIGNAL_EXIT_BOOT_SERVICES, TPL_NOTIFY, exit, undefined);
  return (body) => {
    if (atRuntime || (!levelAsserted && levelOf(bs) > TPL_CALLBACK)) return body();
    const oldTpl = bs.raiseTpl(TPL_CALLBACK);
    try {
      return body();
    } finally {
      bs.restoreTpl(oldTpl);
    }
  };
}

/** The level can be learnt by raising it only. */
function levelOf(bs: EfiBootServices): number {
  const level = bs.raiseTpl(TPL_HIGH_LEVEL);
  bs.restoreTpl(level);
  return level;
}
