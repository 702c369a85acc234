import type { EfiSystemTable } from '@dxelab/uefi';

/** Asks, wherever somebody sits, and takes the first key. */
export function ask({ bootServices, conIn, conOut }: EfiSystemTable, question: string): string {
  if (conIn === undefined || conOut === undefined) return '';
  conOut.outputString(`${question} `);
  bootServices.waitForEvent([conIn.waitForKey]);
  return String.fromCharCode(conIn.readKeyStroke()?.unicodeChar ?? 0);
}
