import { expect, test } from 'vitest';
import { TerminalSignal, isTerminalSignal } from './terminal-signal.ts';

test('a signal is recognised by its mark, so that another copy of this package knows it too', () => {
  const mark = Symbol.for('@dxelab/platform/TerminalSignal');
  expect(isTerminalSignal(new TerminalSignal('reset', ''))).toBe(true);
  expect(isTerminalSignal({ [mark]: true })).toBe(true);
  expect(
    [new Error('reset'), { kind: 'reset' }, undefined, null, 'reset'].some(isTerminalSignal),
  ).toBe(false);
});
