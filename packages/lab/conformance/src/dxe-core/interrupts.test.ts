import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { isTerminalSignal } from '@dxelab/platform';
import {
  EVT_NOTIFY_SIGNAL,
  EVT_NOTIFY_WAIT,
  EVT_TIMER,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';

const TIMER = EVT_TIMER + EVT_NOTIFY_SIGNAL;
const MILLISECOND = 1e6;
/** In units of 100 ns. */
const ms = (count: number): number => count * 10_000;

function world(profile: Profile) {
  const { platform } = createEmulatedMachine({
    memory: 64 * 2 ** 20,
    budget: { virtualTime: 10_000 * MILLISECOND },
  });
  const core = createDxeCore(platform, { modules: [], quirks: new Quirks(profile) });
  const bs = core.systemTable.bootServices;
  /** The time on the clock, in whole milliseconds. */
  const now = (): number => Math.floor(platform.clock.now() / MILLISECOND);
  return { platform, core, bs, now };
}

function endOf(body: () => unknown): string {
  try {
    body();
  } catch (caught) {
    if (isTerminalSignal(caught)) return caught.kind;
    throw caught;
  }
  return 'alive';
}

describe.each(PROFILES)('interrupts of the emulated machine (UEFI §7.1), %s', (profile) => {
  test('a timer interrupts code that does nothing but access memory', () => {
    const { bs, platform, now } = world(profile);
    const fired: number[] = [];
    const event = bs.createEvent(TIMER, TPL_CALLBACK, () => fired.push(now()), null);
    bs.setTimer(event, 'TimerPeriodic', ms(10));
    while (fired.length < 3) platform.ram.readUint32(0x1000);
    expect(fired).toEqual([10, 20, 30]);
  });

  test('a section at TPL_HIGH_LEVEL is never interrupted, and the timer comes after it', () => {
    const { bs, platform, now } = world(profile);
    const fired: number[] = [];
    const event = bs.createEvent(TIMER, TPL_NOTIFY, () => fired.push(now()), null);
    bs.setTimer(event, 'TimerRelative', ms(10));
    const tpl = bs.raiseTpl(TPL_HIGH_LEVEL);
    bs.stall(25_000);
    for (let i = 0; i < 1000; i++) platform.ram.readUint32(0x1000);
    expect(fired).toEqual([]);
    bs.restoreTpl(tpl);
    expect(fired).toEqual([25]);
  });

  test('a service can be interrupted, and finds its TPL as it was', () => {
    const { bs } = world(profile);
    const tpls: number[] = [];
    const event = bs.createEvent(
      TIMER,
      TPL_CALLBACK,
      () => {
        tpls.push(bs.raiseTpl(TPL_CALLBACK));
        bs.freePool(bs.allocatePool('EfiBootServicesData', 64));
      },
      null,
    );
    bs.setTimer(event, 'TimerPeriodic', ms(10));
    while (tpls.length < 5)
      bs.freePages(bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 3), 3);
    expect(tpls).toEqual(Array.from({ length: 5 }, () => TPL_CALLBACK));
    expect(bs.raiseTpl(TPL_HIGH_LEVEL)).toBe(TPL_APPLICATION);
  });

  test('WaitForEvent sleeps through the clock, and polls where there is something to poll', () => {
    const { bs, now } = world(profile);
    const timer = bs.createEvent(EVT_TIMER);
    bs.setTimer(timer, 'TimerRelative', ms(200));
    expect(bs.waitForEvent([timer])).toBe(0);
    expect(now()).toBe(200);
    const polled = bs.createEvent(
      EVT_NOTIFY_WAIT,
      TPL_CALLBACK,
      (event) => {
        if (now() >= 300) bs.signalEvent(event);
      },
      null,
    );
    expect(bs.waitForEvent([polled])).toBe(0);
    expect(now()).toBeLessThan(311);
  });

  test('waiting for what never comes ends the world', () => {
    const { bs } = world(profile);
    const never = bs.createEvent(0);
    const end = profile === 'specification' ? 'stopped' : 'budget-spent';
    expect(endOf(() => bs.waitForEvent([never]))).toBe(end);
  });

  test('after ExitBootServices no interrupt reaches the firmware', () => {
    const { bs, core, platform } = world(profile);
    let fired = 0;
    const event = bs.createEvent(TIMER, TPL_NOTIFY, () => fired++, null);
    bs.setTimer(event, 'TimerPeriodic', ms(1));
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    platform.clock.delay(100 * MILLISECOND);
    expect(fired).toBe(0);
  });

  test('the same program runs the same, to the nanosecond', () => {
    const run = (): number[] => {
      const { bs, platform } = world(profile);
      const times: number[] = [];
      for (const [tpl, period] of [
        [TPL_CALLBACK, 13],
        [TPL_NOTIFY, 17],
      ] as const) {
        const event = bs.createEvent(
          TIMER,
          tpl,
          () => {
            times.push(platform.clock.now());
            bs.stall(100);
          },
          null,
        );
        bs.setTimer(event, 'TimerPeriodic', ms(period));
      }
      while (times.length < 50) bs.stall(777);
      return times;
    };
    expect(run()).toEqual(run());
  });
});
