import type { EfiSystemTable } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';

/** Writes to the console. One that is out of order is no reason not to boot. */
export function print({ conOut }: EfiSystemTable, text: string): void {
  try {
    conOut?.outputString(text);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
  }
}
