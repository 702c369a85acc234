import type { BootReport, InterruptsInput } from '@dxelab/scenario';
import { boot, defineScenario, prepareLive, succeeded } from '@dxelab/scenario';
import { EVT_NOTIFY_SIGNAL, EVT_TIMER, guid, TPL_CALLBACK, TPL_NOTIFY } from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';

const TIMER = EVT_TIMER + EVT_NOTIFY_SIGNAL;
/** In units of 100 ns. */
const MILLISECOND = 10_000;

/** A driver whose timers take 5 ms each, one at each level, the higher ones within the lower ones. */
const slowTimerDxe: DxeModule = {
  name: 'SlowTimerDxe',
  fileGuid: guid('51041234-0000-4000-8000-000000000001'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, { bootServices: bs }) {
    for (const [tpl, after] of [
      [TPL_CALLBACK, 2],
      [TPL_NOTIFY, 4],
    ] as const) {
      const event = bs.createEvent(TIMER, tpl, () => bs.stall(5000), null);
      bs.setTimer(event, 'TimerRelative', after * MILLISECOND);
    }
    bs.stall(20_000);
  },
};

function run(profile: Profile, interrupts: InterruptsInput, deepest: number): BootReport {
  return boot(
    prepareLive(
      defineScenario({
        firmware: { profile, drivers: [slowTimerDxe], interrupts },
        steps: [{ connect: 'all' }],
        expect: [{ interruptDepth: deepest }],
      }),
    ),
  );
}

describe.each(PROFILES)('interrupts as a scenario asks for them, %s', (profile) => {
  test('the report says how deep they nested', () => {
    const report = run(profile, { period: '1 ms' }, 3);
    expect(report.interrupts.deepest).toBe(3);
    expect(report.interrupts.taken).toBeGreaterThanOrEqual(20);
    expect(report.findings).toEqual([]);
    expect(succeeded(report)).toBe(true);
  });

  test('deeper than the scenario allows is a finding that names the driver', () => {
    const report = run(profile, { period: '1 ms', depth: 2 }, 3);
    expect(report.findings).toMatchObject([
      {
        rule: 'firmware interrupt-depth',
        device: 'DxeCore',
        message:
          'timer interrupts nest 3 deep, and 2 were allowed: one came at TPL_NOTIFY, ' +
          'in a notification function of SlowTimerDxe',
        fields: { depth: 3, allowed: 2, tpl: TPL_NOTIFY },
      },
    ]);
  });

  test('a burst nests in a handler that calls RestoreTPL, until the stack is full', () => {
    const nests = run(profile, { period: '1 ms', burst: 10, handler: 'restore-tpl' }, 10);
    expect(nests.interrupts.deepest).toBeGreaterThanOrEqual(10);
    const storm = { period: '10 us', burst: 500 } as const;
    const asserted = run(profile, { ...storm, handler: 'restore-tpl' }, 101);
    expect(asserted.outcome).toMatchObject({ kind: 'asserted' });
    expect(asserted.outcome.message).toContain('the stack is full');
    const survives = run(profile, storm, 3);
    expect(survives.outcome.kind).toBe('completed');
  });
});
