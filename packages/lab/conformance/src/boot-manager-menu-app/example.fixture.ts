import { bdsDxe } from '@dxelab/bds-dxe';
import { BOOT_MANAGER_MENU_FILE, bootManagerMenuApp } from '@dxelab/boot-manager-menu-app';
import type { DxeModule } from '@dxelab/uefi-lib';

/** Somebody is at the console; where that is a scenario's input, it knows when it is over. */
const people = { mayBeTyped: () => true };

/** Two modules for `createDxeCore`: a boot manager, and the menu that F2 and Escape open. */
export const modules: readonly DxeModule[] = [
  bdsDxe({ ...people, menuFile: BOOT_MANAGER_MENU_FILE }),
  bootManagerMenuApp(people),
];
