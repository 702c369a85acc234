import { EfiError, isEfiFailure } from '@dxelab/uefi';

/**
 * What a service throws that knows EFI_DEVICE_ERROR alone for whatever goes wrong below it: that
 * status, with what it was as its cause. What is no status, such as a bug, stays what it is.
 */
export function deviceError(message: string, caught: unknown): unknown {
  if (!isEfiFailure(caught)) return caught;
  return new EfiError('EFI_DEVICE_ERROR', `${message}: ${caught.message}`, { cause: caught });
}
