import type { EfiError } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';

/** The status that something failed with; what is no status goes through. */
export function failureOf(body: () => unknown): EfiError | undefined {
  try {
    body();
    return undefined;
  } catch (caught) {
    if (isEfiFailure(caught)) return caught;
    throw caught;
  }
}
