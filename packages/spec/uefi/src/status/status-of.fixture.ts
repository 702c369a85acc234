import type { EfiStatus } from './efi-status.ts';
import { efiStatusOf } from './efi-error.ts';

/** How a service ends: its status as C would see it. Anything but an EfiError is thrown on. */
export function statusOf(service: () => unknown): EfiStatus {
  try {
    service();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}
