import type { Guid, Protocol } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  CpuArchProtocol,
  MetronomeArchProtocol,
  ResetArchProtocol,
  TimerArchProtocol,
  ZERO_GUID,
} from '@dxelab/uefi';
import type { Depex } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_EFI_SERVICES_AVAILABLE, depexHolds, depexText, unmetPart } from './depex.ts';

const push = (protocol: Protocol<unknown>): Depex => ({ op: 'PUSH', protocol });
const [cpu, timer, reset] = [
  push(CpuArchProtocol),
  push(TimerArchProtocol),
  push(ResetArchProtocol),
];
const TRUE: Depex = { op: 'TRUE' };
const FALSE: Depex = { op: 'FALSE' };
const not = (operand: Depex): Depex => ({ op: 'NOT', operand });
const and = (...operands: readonly Depex[]): Depex => ({ op: 'AND', operands });
const or = (...operands: readonly Depex[]): Depex => ({ op: 'OR', operands });

const only =
  (...protocols: readonly Protocol<unknown>[]) =>
  (guid: Guid): boolean =>
    protocols.some((protocol) => protocol.guid === guid);
const text = (depex: Depex | undefined) => depex && depexText(depex, (guid) => `module ${guid}`);

describe('a dependency expression (PI 1.9 Vol. 2 §10.7)', () => {
  test.each([
    ['TRUE', TRUE, true],
    ['FALSE', FALSE, false],
    ['PUSH of what is installed', cpu, true],
    ['PUSH of what is not', timer, false],
    ['NOT', not(timer), true],
    ['AND of both', and(cpu, TRUE), true],
    ['AND of one', and(cpu, timer), false],
    ['AND of nothing', and(), true],
    ['OR of one', or(timer, cpu), true],
    ['OR of none', or(timer, FALSE), false],
    ['OR of nothing', or(), false],
    ['a nested one', and(or(timer, cpu), not(and(cpu, timer))), true],
    ['SOR, whatever follows', { op: 'SOR', operand: TRUE }, false],
    ['BEFORE', { op: 'BEFORE', fileGuid: ZERO_GUID }, false],
    ['AFTER', { op: 'AFTER', fileGuid: ZERO_GUID }, false],
    ['AFTER within another', or(FALSE, { op: 'AFTER', fileGuid: ZERO_GUID }), false],
  ] as const)('%s', (_name, depex, holds) => {
    expect(depexHolds(depex, only(CpuArchProtocol))).toBe(holds);
  });

  test('is read as an INF spells it', () => {
    expect(text(and(cpu, or(timer, not(reset))))).toBe('CpuArch AND (TimerArch OR NOT ResetArch)');
    expect(text(not(or(cpu, TRUE)))).toBe('NOT (CpuArch OR TRUE)');
    expect(text({ op: 'SOR', operand: and(cpu, timer) })).toBe('SOR CpuArch AND TimerArch');
    expect(text({ op: 'BEFORE', fileGuid: ZERO_GUID })).toBe(`BEFORE module ${ZERO_GUID}`);
  });

  test('its unmet part is what is missing, and no more', () => {
    const installed = only(CpuArchProtocol);
    const unmet = (depex: Depex) => text(unmetPart(depex, installed));
    expect(unmet(and(cpu, timer))).toBe('TimerArch');
    expect(unmet(and(cpu, timer, reset))).toBe('TimerArch AND ResetArch');
    expect(unmet(and(cpu, or(timer, reset), not(cpu)))).toBe(
      '(TimerArch OR ResetArch) AND NOT CpuArch',
    );
    expect(unmet(and(cpu, TRUE))).toBeUndefined();
  });

  test('it holds exactly when nothing is unmet, as Boolean algebra has it', () => {
    const { depex } = fc.letrec<{ depex: Depex }>((tie) => ({
      depex: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(TRUE, FALSE, cpu, timer, reset),
        tie('depex').map(not),
        fc.array(tie('depex'), { maxLength: 3 }).map((operands) => and(...operands)),
        fc.array(tie('depex'), { maxLength: 3 }).map((operands) => or(...operands)),
      ),
    }));
    const installed = only(CpuArchProtocol, ResetArchProtocol);
    const truth = (one: Depex): boolean => {
      if (one.op === 'TRUE') return true;
      if (one.op === 'PUSH') return installed(one.protocol.guid);
      if (one.op === 'NOT') return !truth(one.operand);
      if (one.op === 'AND') return one.operands.every(truth);
      return one.op === 'OR' && one.operands.some(truth);
    };
    fc.assert(
      fc.property(depex, (one) => {
        expect(depexHolds(one, installed)).toBe(truth(one));
        const unmet = unmetPart(one, installed);
        expect(unmet === undefined || !truth(unmet)).toBe(true);
      }),
    );
  });
});

describe('a module without a dependency expression', () => {
  test('waits for the architectural protocols that this firmware has', () => {
    const all = [
      CpuArchProtocol,
      MetronomeArchProtocol,
      TimerArchProtocol,
      ResetArchProtocol,
      BdsArchProtocol,
    ];
    expect(depexHolds(ALL_EFI_SERVICES_AVAILABLE, only(...all))).toBe(true);
    for (const missing of all) {
      const others = all.filter((protocol) => protocol !== missing);
      expect(depexHolds(ALL_EFI_SERVICES_AVAILABLE, only(...others))).toBe(false);
    }
  });
});
