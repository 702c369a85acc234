import { TerminalSignal } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { outcomeOf } from './outcome.ts';
import { StepFailed } from './run-steps.ts';

describe('how a boot ended', () => {
  test('by a signal: its kind, message and details', () => {
    const signal = new TerminalSignal('handed-over', 'control went on', { image: 'a' });
    expect(outcomeOf(signal, 'Start() of X')).toEqual({
      kind: 'handed-over',
      message: 'control went on',
      details: { image: 'a' },
    });
  });

  test('by a budget: who spent it', () => {
    const signal = new TerminalSignal('budget-spent', 'no time is left');
    expect(outcomeOf(signal, 'Start() of X')).toEqual({
      kind: 'budget-spent',
      message: 'no time is left',
      details: { during: 'Start() of X' },
    });
  });

  test('by a bug: its stack, and whose it was', () => {
    const bug = new TypeError('x is not a function');
    expect(outcomeOf(bug, 'Start() of X')).toEqual({
      kind: 'crashed',
      message: 'TypeError: x is not a function',
      details: { during: 'Start() of X', stack: bug.stack },
    });
  });

  test('by something that is no error', () => {
    expect(outcomeOf('oops', undefined)).toMatchObject({
      kind: 'crashed',
      message: 'oops was thrown',
    });
  });

  test('by a step that could not be done', () => {
    expect(outcomeOf(new StepFailed('connect: nothing there'), undefined)).toEqual({
      kind: 'step-failed',
      message: 'connect: nothing there',
      details: {},
    });
  });
});
