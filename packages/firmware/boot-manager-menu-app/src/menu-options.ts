import type { NumberedOption } from '@dxelab/bds-dxe';
import { isMenu } from '@dxelab/bds-dxe';
import type { Guid } from '@dxelab/uefi';
import { LOAD_OPTION_ACTIVE, LOAD_OPTION_HIDDEN } from '@dxelab/uefi';

/**
 * What a user can choose among: active options that are not hidden (UEFI §3.1.3), but for the menu itself.
 * @param menuFile FILE_GUID of the menu
 */
export function menuOptions(
  options: readonly NumberedOption[],
  menuFile: Guid,
): readonly NumberedOption[] {
  return options.filter((option) => {
    const isActive = (option.attributes & LOAD_OPTION_ACTIVE) !== 0;
    const isHidden = (option.attributes & LOAD_OPTION_HIDDEN) !== 0;
    return isActive && !isHidden && !isMenu(option, menuFile);
  });
}
