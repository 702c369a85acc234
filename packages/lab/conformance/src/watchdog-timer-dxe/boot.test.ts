import { ovmf } from '@dxelab/ovmf';
import { succeeded } from '@dxelab/scenario';
import type { BootReport, ScenarioInput } from '@dxelab/scenario';
import type { EfiSystemTable } from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_READY_TO_BOOT,
  EVT_NOTIFY_SIGNAL,
  TPL_CALLBACK,
  WatchdogTimerArchProtocol,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { OPTIONS_AS_WRITTEN } from '../boot/boot-world.fixture.ts';
import { bootLive, demoDisk, driver } from '../scenario/live.fixture.ts';

const BOOTX64 = '\\EFI\\BOOT\\BOOTX64.EFI';
const MINUTE = 60_000_000;

type Loader = Parameters<typeof driver>[1];

const hangs: Loader = ({ bootServices: bs }) => {
  for (;;) bs.stall(1_000_000);
};

/** Boots a disk whose loader does this. */
function bootWith(
  profile: Profile,
  loader: Loader,
  firmware: ScenarioInput['firmware'] = {},
  expected: ScenarioInput['expect'] = [],
): BootReport {
  const disk = { 'virtio-blk': { image: demoDisk() } };
  const standIns = { [BOOTX64.toLowerCase()]: driver('Loader', loader) };
  return bootLive({
    machine: { devices: [disk], budget: { virtualTime: '20 min' } },
    firmware: { profile, quirks: OPTIONS_AS_WRITTEN, standIns, ...firmware },
    expect: expected,
  });
}

describe.each(PROFILES)('the boot manager arms the watchdog (UEFI §3.1.2, %s)', (profile) => {
  test('a loader that hangs is reset after five minutes', () => {
    const report = bootWith(profile, hangs, {}, [
      {
        outcome: 'reset',
        message: 'WatchdogTimer called ResetSystem(EfiResetCold) with EFI_TIMEOUT',
      },
      { debug: 'the watchdog has expired after 300 s' },
    ]);
    expect(report.expectations.filter(({ held }) => !held)).toEqual([]);
    expect(succeeded(report)).toBe(true);
    expect(report.virtualTime / 1e9).toBeGreaterThanOrEqual(300);
    expect(report.virtualTime / 1e9).toBeLessThan(302);
  });

  test('one that sets it anew has the time that it asked for', () => {
    const asks: Loader = ({ bootServices: bs }) => {
      bs.setWatchdogTimer(10 * 60, 0n);
      bs.stall(9 * MINUTE);
      bs.setWatchdogTimer(0, 0n);
      bs.stall(6 * MINUTE);
    };
    expect(bootWith(profile, asks).outcome.kind).toBe('stopped');
  });

  test('it is armed while an image runs, and at no other time', () => {
    const periods: number[] = [];
    const note = ({ bootServices: bs }: EfiSystemTable): void =>
      void periods.push(bs.locateProtocol(WatchdogTimerArchProtocol).getTimerPeriod());
    const atReadyToBoot = driver('WatchDxe', (systemTable) => {
      const group = EFI_EVENT_GROUP_READY_TO_BOOT;
      const ready = (): void => note(systemTable);
      systemTable.bootServices.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, ready, null, group);
    });
    bootWith(profile, note, { drivers: ['ovmf', atReadyToBoot] });
    expect(periods).toEqual([0, 3_000_000_000]);
    periods.length = 0;
    bootWith(profile, note, { drivers: ['ovmf', atReadyToBoot], bootOptions: [BOOTX64] });
    expect(periods).toEqual([0, 3_000_000_000, 0, 3_000_000_000]);
  });

  test('a firmware without one boots, and what hangs runs into the budget', () => {
    const drivers = ovmf().filter(({ name }) => name !== 'WatchdogTimer');
    const report = bootWith(profile, hangs, { drivers });
    expect(report.outcome.kind).toBe('budget-spent');
  });

  test('one that has left boot services is not reset any more', () => {
    const leaves: Loader = ({ bootServices: bs }, { platform }, image) => {
      bs.exitBootServices(image, bs.getMemoryMap().mapKey);
      platform.clock.delay(600e9);
    };
    expect(bootWith(profile, leaves).outcome.kind).toBe('boot-services-exited');
  });
});
