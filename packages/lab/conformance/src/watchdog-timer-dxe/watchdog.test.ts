import { createDxeCore } from '@dxelab/dxe-core';
import type { DxeCore } from '@dxelab/dxe-core';
import type { EmulatedMachine } from '@dxelab/emulated-machine';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { isTerminalSignal } from '@dxelab/platform';
import type { TerminalSignal } from '@dxelab/platform';
import type { EfiWatchdogTimerArch } from '@dxelab/uefi';
import { isEfiFailure, TPL_NOTIFY, WatchdogTimerArchProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { watchdogTimerDxe } from '@dxelab/watchdog-timer-dxe';
import { describe, expect, test } from 'vitest';

const SECOND = 1_000_000;

class WatchdogWorld {
  readonly machine: EmulatedMachine;
  readonly core: DxeCore;
  readonly said: string[] = [];

  constructor(profile: Profile) {
    this.machine = createEmulatedMachine({ memory: 16 * 2 ** 20 });
    this.core = createDxeCore(this.machine.platform, {
      modules: [watchdogTimerDxe],
      quirks: new Quirks(profile),
      onDebug: ({ module, message }) => this.said.push(`${module}: ${message}`),
    });
    this.core.dispatch();
  }

  get watchdog(): EfiWatchdogTimerArch {
    return this.core.systemTable.bootServices.locateProtocol(WatchdogTimerArchProtocol);
  }

  /** Lets time pass; how the machine ended, if it did. */
  wait(microseconds: number): TerminalSignal | undefined {
    try {
      this.core.systemTable.bootServices.stall(microseconds);
    } catch (caught) {
      if (isTerminalSignal(caught)) return caught;
      throw caught;
    }
    return undefined;
  }
}

function statusOf(body: () => void): string {
  try {
    body();
  } catch (caught) {
    if (isEfiFailure(caught)) return caught.status;
    throw caught;
  }
  return 'EFI_SUCCESS';
}

describe.each(PROFILES)('the watchdog (UEFI §7.5.1, PI Vol. 2 §12, %s)', (profile) => {
  test('resets the system when it is not disarmed in time', () => {
    const world = new WatchdogWorld(profile);
    world.core.systemTable.bootServices.setWatchdogTimer(5, 0x10000n);
    expect(world.wait(4.9 * SECOND)).toBeUndefined();
    const end = world.wait(0.2 * SECOND);
    expect(end?.kind).toBe('reset');
    expect(end?.message).toContain('WatchdogTimer called ResetSystem(EfiResetCold)');
    expect(end?.message).toContain('EFI_TIMEOUT');
    expect(world.said).toContain('WatchdogTimer: the watchdog has expired after 5 s');
  });

  test('0 disarms, and a new time begins anew', () => {
    const world = new WatchdogWorld(profile);
    const bs = world.core.systemTable.bootServices;
    bs.setWatchdogTimer(5, 0n);
    expect(world.wait(4 * SECOND)).toBeUndefined();
    bs.setWatchdogTimer(5, 0n);
    expect(world.wait(4 * SECOND)).toBeUndefined();
    bs.setWatchdogTimer(0, 0n);
    expect(world.watchdog.getTimerPeriod()).toBe(0);
    expect(world.wait(60 * SECOND)).toBeUndefined();
  });

  test('the handler is called first, with the time that has passed', () => {
    const world = new WatchdogWorld(profile);
    const heard: number[] = [];
    world.watchdog.registerHandler((time) => heard.push(time));
    world.core.systemTable.bootServices.setWatchdogTimer(1, 0n);
    expect(world.wait(2 * SECOND)?.kind).toBe('reset');
    expect(heard).toEqual([10_000_000]);
  });

  test('one handler: another is EFI_ALREADY_STARTED, none to take away EFI_INVALID_PARAMETER', () => {
    const { watchdog } = new WatchdogWorld(profile);
    expect(statusOf(() => watchdog.registerHandler(undefined))).toBe('EFI_INVALID_PARAMETER');
    watchdog.registerHandler(() => {});
    expect(statusOf(() => watchdog.registerHandler(() => {}))).toBe('EFI_ALREADY_STARTED');
    watchdog.registerHandler(undefined);
    expect(statusOf(() => watchdog.registerHandler(() => {}))).toBe('EFI_SUCCESS');
  });

  test('a driver that stays at TPL_NOTIFY holds it up: the reset comes when the level falls', () => {
    const world = new WatchdogWorld(profile);
    const bs = world.core.systemTable.bootServices;
    bs.setWatchdogTimer(1, 0n);
    const oldTpl = bs.raiseTpl(TPL_NOTIFY);
    expect(world.wait(3 * SECOND)).toBeUndefined();
    expect(() => bs.restoreTpl(oldTpl)).toThrow(/ResetSystem/);
  });
});
