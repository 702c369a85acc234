import type { EfiRuntimeServices } from '@dxelab/uefi';
import {
  CapsuleArchProtocol,
  EfiError,
  MonotonicCounterArchProtocol,
  VariableArchProtocol,
  WatchdogTimerArchProtocol,
  guid,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoreWorld, errorOf, statusOf } from './core-world.fixture.ts';

const VENDOR = guid('12345678-1234-1234-1234-123456789abc');

/** Every runtime service that a module provides. */
const SERVICES: readonly [string, (rt: EfiRuntimeServices) => unknown][] = [
  ['GetTime', (rt) => rt.getTime()],
  ['SetTime', (rt) => rt.setTime({ ...NEW_YEAR })],
  ['GetWakeupTime', (rt) => rt.getWakeupTime()],
  ['SetWakeupTime', (rt) => rt.setWakeupTime(false)],
  ['GetVariable', (rt) => rt.getVariable('Lang', VENDOR)],
  ['GetNextVariableName', (rt) => rt.getNextVariableName(undefined)],
  ['SetVariable', (rt) => rt.setVariable('Lang', VENDOR, 7, Uint8Array.of(1))],
  ['QueryVariableInfo', (rt) => rt.queryVariableInfo(7)],
  ['GetNextHighMonotonicCount', (rt) => rt.getNextHighMonotonicCount()],
  ['UpdateCapsule', (rt) => rt.updateCapsule([], undefined)],
  ['QueryCapsuleCapabilities', (rt) => rt.queryCapsuleCapabilities([])],
];

const NEW_YEAR = {
  year: 2026,
  month: 1,
  day: 1,
  hour: 0,
  minute: 0,
  second: 0,
  nanosecond: 0,
  timeZone: undefined,
  daylight: 0,
};

describe.each(PROFILES)('the face of the runtime services (UEFI §8, %s)', (profile) => {
  test.each(SERVICES)(
    '%s is not available before a module provides it (PI Vol. 2)',
    (name, use) => {
      const { core } = new CoreWorld(profile);
      const error = errorOf(() => use(core.systemTable.runtimeServices));
      expect(error?.status).toBe('EFI_NOT_AVAILABLE_YET');
      expect(error?.message).toContain(name);
    },
  );

  test('what a module has installed answers, also after ExitBootServices', () => {
    const { bs, core } = new CoreWorld(profile);
    const asked: string[] = [];
    const variable = { attributes: 7, data: Uint8Array.of(42) };
    bs.installProtocolInterface(undefined, VariableArchProtocol, {
      getVariable: (name) => {
        asked.push(name);
        return variable;
      },
      getNextVariableName: () => undefined,
      setVariable: () => {},
      queryVariableInfo: () => {
        throw new EfiError('EFI_UNSUPPORTED', 'no information');
      },
    });
    const { runtimeServices } = core.systemTable;
    expect(runtimeServices.getVariable('One', VENDOR)).toBe(variable);
    expect(statusOf(() => runtimeServices.queryVariableInfo(7))).toBe('EFI_UNSUPPORTED');
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    expect(runtimeServices.getVariable('Two', VENDOR)).toBe(variable);
    expect(asked).toEqual(['One', 'Two']);
  });

  test('a capsule module is asked with what the caller handed over (UEFI §8.5.3)', () => {
    const { bs, core } = new CoreWorld(profile);
    const asked: unknown[] = [];
    bs.installProtocolInterface(undefined, CapsuleArchProtocol, {
      updateCapsule: (...all) => asked.push(all),
      queryCapsuleCapabilities: () => ({ maximumCapsuleSize: 4096, resetType: 'EfiResetWarm' }),
    });
    const header = { capsuleGuid: VENDOR, headerSize: 28, flags: 0, capsuleImageSize: 28 };
    core.systemTable.runtimeServices.updateCapsule([header], 0x1000);
    expect(asked).toEqual([[[header], 0x1000]]);
  });

  test('GetNextMonotonicCount and its upper half come from one module (UEFI §7.5.5, §8.5.2)', () => {
    const { bs, core } = new CoreWorld(profile);
    expect(statusOf(() => bs.getNextMonotonicCount())).toBe('EFI_NOT_AVAILABLE_YET');
    bs.installProtocolInterface(undefined, MonotonicCounterArchProtocol, {
      getNextMonotonicCount: () => 1n << 32n,
      getNextHighMonotonicCount: () => 2,
    });
    expect(bs.getNextMonotonicCount()).toBe(1n << 32n);
    expect(core.systemTable.runtimeServices.getNextHighMonotonicCount()).toBe(2);
  });

  test('SetWatchdogTimer hands seconds to the watchdog in units of 100 ns (UEFI §7.5.1)', () => {
    const { bs } = new CoreWorld(profile);
    expect(statusOf(() => bs.setWatchdogTimer(5, 0x10000n))).toBe('EFI_NOT_AVAILABLE_YET');
    const periods: number[] = [];
    bs.installProtocolInterface(undefined, WatchdogTimerArchProtocol, {
      registerHandler: () => {},
      setTimerPeriod: (period) => periods.push(period),
      getTimerPeriod: () => 0,
    });
    bs.setWatchdogTimer(5 * 60, 0n);
    bs.setWatchdogTimer(0, 0n);
    expect(periods).toEqual([3_000_000_000, 0]);
  });
});
