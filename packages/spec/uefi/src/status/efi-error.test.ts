import { describe, expect, test } from 'vitest';
import { EfiError, efiStatusOf, isEfiFailure } from './efi-error.ts';

describe('EfiError', () => {
  test('carries the status, what was expected and found, its cause and what comes with it', () => {
    const cause = new Error('the wire is cut');
    const error = new EfiError('EFI_DEVICE_ERROR', 'no answer', { cause, out: { size: 5 } });
    expect(error.message).toBe('EFI_DEVICE_ERROR: no answer');
    expect(error.status).toBe('EFI_DEVICE_ERROR');
    expect(error.cause).toBe(cause);
    expect(error.out).toEqual({ size: 5 });
  });

  test('is recognised by its symbol: one made by another copy of the package is one, too', () => {
    const foreign = Object.assign(new Error('from elsewhere'), {
      status: 'EFI_TIMEOUT',
      [Symbol.for('@dxelab/uefi/EfiError')]: true,
    });
    expect(isEfiFailure(foreign)).toBe(true);
    expect(efiStatusOf(foreign)).toBe('EFI_TIMEOUT');
  });

  test.each([
    new TypeError('x is undefined'),
    'text',
    undefined,
    null,
    { status: 'EFI_NOT_FOUND' },
  ])('%s is no failed service, and is thrown on', (caught) => {
    expect(isEfiFailure(caught)).toBe(false);
    let thrown: unknown = 'nothing';
    try {
      efiStatusOf(caught);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(caught);
  });
});
