import { TerminalSignal } from '@dxelab/platform';
import { EfiError } from '@dxelab/uefi';
import { describe, test } from 'vitest';
import { expect } from './vitest.ts';

describe('toThrowEfi', () => {
  const failing = (): never => {
    throw new EfiError('EFI_NOT_FOUND', 'nothing is there');
  };

  test('takes the status, and no other', () => {
    expect(failing).toThrowEfi('EFI_NOT_FOUND');
    expect(failing).not.toThrowEfi('EFI_DEVICE_ERROR');
    expect(() => expect(failing).toThrowEfi('EFI_DEVICE_ERROR')).toThrow(
      'expected EFI_DEVICE_ERROR, and this was thrown: EFI_NOT_FOUND: nothing is there',
    );
  });

  test.each([
    ['nothing', () => {}, 'expected EFI_NOT_FOUND, and nothing was thrown'],
    [
      'a bug',
      () => {
        throw new TypeError('a bug');
      },
      'no status was thrown, but TypeError: a bug',
    ],
    [
      'the end of the world',
      () => {
        // It is a signal, and no error.
        // oxlint-disable-next-line typescript/only-throw-error
        throw new TerminalSignal('reset', 'somebody pressed the button');
      },
      'no status was thrown, but the world ended: reset, somebody pressed the button',
    ],
    ['no function', 5, 'toThrowEfi takes a function to call, and not 5'],
  ])('is not satisfied with %s', (_what, received, text) => {
    expect(() => expect(received).toThrowEfi('EFI_NOT_FOUND')).toThrow(text);
  });
});

describe('toHaveNoLeaks', () => {
  test('lists what is left', () => {
    expect({ leaks: [] }).toHaveNoLeaks();
    expect(() => expect({ leaks: [{ what: 'A' }, { what: 'B' }] }).toHaveNoLeaks()).toThrow(
      'expected no leaks, and this is left:\n  A\n  B',
    );
  });
});
