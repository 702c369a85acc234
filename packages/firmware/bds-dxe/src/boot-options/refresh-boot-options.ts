import type { EfiSystemTable } from '@dxelab/uefi';
import { devicePathsEqual, guidToBytes, LOAD_OPTION_ACTIVE } from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { BootOption } from '../boot-option.ts';
import { addBootOption, deleteBootOption } from '../variables/boot-numbers.ts';
import type { NumberedOption } from '../variables/load-options.ts';
import { isMadeByEdk2, MADE_BY_EDK2, readOrderedOptions } from '../variables/load-options.ts';
import { enumerateBootOptions } from './enumerate-boot-options.ts';

/**
 * Makes an option of each device that can be booted, behind those that are there, and deletes those that it has
 * made of devices that are gone; what others have written stays. EfiBootManagerRefreshAllBootOption of
 * UefiBootManagerLib/BmBoot.c.
 */
export function refreshBootOptions(
  { bootServices, runtimeServices: rs }: EfiSystemTable,
  quirks: Quirks,
): void {
  const mark = guidToBytes(MADE_BY_EDK2);
  const found = enumerateBootOptions(bootServices).map((device) => ({
    ...device,
    attributes: LOAD_OPTION_ACTIVE,
    optionalData: mark,
  }));
  const known = readOrderedOptions(rs, 'Boot');
  for (const option of known.filter(isMadeByEdk2)) {
    if (!found.some((one) => isSame(one, option))) deleteBootOption(rs, option.number);
  }
  for (const option of found) {
    if (!known.some((one) => isSame(option, one))) addBootOption(rs, option, quirks);
  }
}

/** What is found is marked as its option is. */
function isSame(found: BootOption, option: NumberedOption): boolean {
  return (
    isMadeByEdk2(option) &&
    found.attributes === option.attributes &&
    found.description === option.description &&
    devicePathsEqual(found.devicePath, option.devicePath)
  );
}
