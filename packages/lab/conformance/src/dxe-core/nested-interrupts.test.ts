import type { FirmwareFinding, InterruptOptions } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { isTerminalSignal } from '@dxelab/platform';
import {
  EVT_NOTIFY_SIGNAL,
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

function world(profile: Profile, interrupts: InterruptOptions) {
  const findings: FirmwareFinding[] = [];
  const { platform } = createEmulatedMachine({
    memory: 16 * 2 ** 20,
    budget: { virtualTime: 10_000 * MILLISECOND },
  });
  const core = createDxeCore(platform, {
    modules: [],
    quirks: new Quirks(profile),
    interrupts,
    onFinding: (finding) => findings.push(finding),
  });
  const bs = core.systemTable.bootServices;
  /** A notification function that is called once, after so many milliseconds, and takes as many. */
  const slow = (tpl: number, after: number, takes: number): void => {
    const event = bs.createEvent(TIMER, tpl, () => bs.stall(takes * 1000), null);
    bs.setTimer(event, 'TimerRelative', ms(after));
  };
  return { core, bs, slow, findings };
}

/** How the world ended while something was done, in the words of its signal. */
function endOf(body: () => void): string {
  try {
    body();
  } catch (caught) {
    if (isTerminalSignal(caught)) return `${caught.kind}: ${caught.message}`;
    throw caught;
  }
  return 'alive';
}

describe.each(PROFILES)(
  'nested timer interrupts (UEFI §7.1, OvmfPkg NestedInterruptTplLib), %s',
  (profile) => {
    const HANDLERS = ['nested-interrupt-tpl-lib', 'restore-tpl'] as const;

    test.each(HANDLERS)('%s: one that finds nothing slow is alone', (handler) => {
      const { core, bs } = world(profile, { period: MILLISECOND, handler });
      bs.stall(20_500);
      expect(core.interrupts()).toEqual({ taken: 20, deepest: 1 });
    });

    test.each(HANDLERS)(
      '%s: notification functions that take longer than a period are interrupted, each level once more',
      (handler) => {
        const { core, bs, slow } = world(profile, { period: MILLISECOND, handler });
        slow(TPL_CALLBACK, 2, 10);
        slow(TPL_NOTIFY, 5, 5);
        bs.stall(30_000);
        expect(core.interrupts().deepest).toBe(3);
        expect(bs.raiseTpl(TPL_HIGH_LEVEL)).toBe(TPL_APPLICATION);
      },
    );

    test('a burst comes one after the other if the handler leaves interrupts disabled', () => {
      const { core, bs } = world(profile, { period: MILLISECOND, burst: 20 });
      bs.stall(41_000);
      expect(core.interrupts()).toEqual({ taken: 40, deepest: 1 });
    });

    test('a burst comes one within the other if the handler calls RestoreTPL', () => {
      const handler = 'restore-tpl';
      const { core, bs } = world(profile, { period: MILLISECOND, burst: 20, handler });
      bs.stall(41_000);
      expect(core.interrupts()).toEqual({ taken: 40, deepest: 20 });
      expect(bs.raiseTpl(TPL_HIGH_LEVEL)).toBe(TPL_APPLICATION);
    });

    test('timers keep their time in a burst', () => {
      const { bs } = world(profile, { period: MILLISECOND, burst: 10, handler: 'restore-tpl' });
      let fired = 0;
      const event = bs.createEvent(TIMER, TPL_CALLBACK, () => (fired += 1), null);
      bs.setTimer(event, 'TimerPeriodic', ms(10));
      bs.stall(105_000);
      expect(fired).toBe(10);
    });

    test('deeper than allowed is a finding, once, that names whom it interrupted', () => {
      const { bs, slow, findings } = world(profile, { period: MILLISECOND, depth: 1 });
      slow(TPL_CALLBACK, 2, 10);
      slow(TPL_NOTIFY, 5, 5);
      bs.stall(30_000);
      expect(findings).toEqual([
        {
          rule: 'firmware interrupt-depth',
          image: 'lab',
          message:
            'timer interrupts nest 2 deep, and 1 were allowed: one came at TPL_CALLBACK, ' +
            'in a notification function of lab',
          fields: { depth: 2, allowed: 1, tpl: TPL_CALLBACK },
        },
      ]);
    });

    test('one that comes before the last handler has returned is nobody`s but the core`s', () => {
      const given = { period: MILLISECOND, burst: 4, depth: 3, handler: 'restore-tpl' } as const;
      const { bs, findings } = world(profile, given);
      bs.stall(10_000);
      expect(findings).toMatchObject([
        {
          image: 'DxeCore',
          message:
            'timer interrupts nest 4 deep, and 3 were allowed: one came at TPL_APPLICATION, ' +
            'before the handler of the last one had returned',
        },
      ]);
    });

    test('as deep as allowed is no finding', () => {
      const { bs, slow, findings } = world(profile, { period: MILLISECOND, depth: 2 });
      slow(TPL_CALLBACK, 2, 10);
      bs.stall(30_000);
      expect(findings).toEqual([]);
    });

    test('a storm fills the stack of a handler that calls RestoreTPL, and no other', () => {
      const storm = { period: MILLISECOND, burst: 1000 };
      const survives = world(profile, storm);
      expect(endOf(() => survives.bs.stall(2_000_000))).toBe('alive');
      const dies = world(profile, { ...storm, handler: 'restore-tpl' });
      const end = endOf(() => dies.bs.stall(2_000_000));
      expect(end).toMatch(/^asserted: .*timer interrupts nest 101 deep: the stack is full/);
    });
  },
);
