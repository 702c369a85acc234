import { TerminalSignal } from '@dxelab/platform';
import { EfiError } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { Unwind, unwinding } from './unwind.ts';

const thrower =
  (thrown: unknown): (() => never) =>
  () => {
    throw thrown;
  };

/** What `body` throws, itself. */
function thrownBy(body: () => unknown): unknown {
  try {
    body();
  } catch (caught) {
    return caught;
  }
  return 'nothing';
}

const failed = new EfiError('EFI_DEVICE_ERROR', 'the first error');
const cleanUpFailed = new EfiError('EFI_NOT_FOUND', 'the clean-up failed');
const bug = new TypeError('a bug');
const signal = new TerminalSignal('reset', 'power off');

describe('unwinding', () => {
  test('a body that succeeds keeps what it did, and its result is returned', () => {
    const undone: number[] = [];
    const result = unwinding((unwind) => {
      unwind.push(() => undone.push(1));
      return 'done';
    });
    expect(result).toBe('done');
    expect(undone).toEqual([]);
  });

  test('what was done is undone last first, and the error goes on', () => {
    const undone: number[] = [];
    const body = (unwind: Unwind): void => {
      for (const step of [1, 2, 3]) unwind.push(() => undone.push(step));
      throw failed;
    };
    expect(thrownBy(() => unwinding(body))).toBe(failed);
    expect(undone).toEqual([3, 2, 1]);
  });

  test('a clean-up that fails hides neither the first error nor the steps before it', () => {
    const undone: number[] = [];
    const body = (unwind: Unwind): void => {
      unwind.push(() => undone.push(1));
      unwind.push(thrower(cleanUpFailed));
      unwind.push(() => undone.push(3));
      throw failed;
    };
    expect(thrownBy(() => unwinding(body))).toBe(failed);
    expect(undone).toEqual([3, 1]);
  });

  test.each([
    ['a bug', bug],
    ['the end of the world', signal],
  ])('%s in a clean-up is not taken for a failed service', (_what, thrown) => {
    const body = (unwind: Unwind): void => {
      unwind.push(thrower(thrown));
      throw failed;
    };
    expect(thrownBy(() => unwinding(body))).toBe(thrown);
  });

  test.each([
    ['a bug', bug],
    ['the end of the world', signal],
  ])('%s goes through unharmed, whatever a clean-up runs into', (_what, thrown) => {
    const body = (unwind: Unwind): void => {
      unwind.push(thrower(new TypeError('a bug of the clean-up')));
      throw thrown;
    };
    expect(thrownBy(() => unwinding(body))).toBe(thrown);
  });
});

describe('Unwind', () => {
  test('undoes each step once', () => {
    const undone: number[] = [];
    const unwind = new Unwind();
    unwind.push(() => undone.push(1));
    unwind.run();
    unwind.run();
    expect(undone).toEqual([1]);
  });

  test('forgets what is released', () => {
    const undone: number[] = [];
    const unwind = new Unwind();
    unwind.push(() => undone.push(1));
    unwind.release();
    unwind.push(() => undone.push(2));
    unwind.run();
    expect(undone).toEqual([2]);
  });
});
