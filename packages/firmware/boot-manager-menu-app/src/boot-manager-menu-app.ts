import type { BdsOptions, BootAttempt } from '@dxelab/bds-dxe';
import { BootManager, readOrderedOptions, REMOVABLE_MEDIA_FILE } from '@dxelab/bds-dxe';
import type { Guid } from '@dxelab/uefi';
import { EfiError, guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { chooseOption } from './choose-option.ts';
import { menuOptions } from './menu-options.ts';
import { MenuScreen } from './menu-screen.ts';

/** FILE_GUID of the application: what OVMF names as PcdBootManagerMenuFile. */
export const BOOT_MANAGER_MENU_FILE: Guid = guid('eec25bdc-67f2-4d95-b1d5-f81b2039d11d');

/** What the menu has to know of the boot manager that it belongs to. */
export type BootMenuOptions = Pick<BdsOptions, 'mayBeTyped' | 'onAttempt' | 'removableMediaFile'>;

/**
 * The boot menu (UEFI §3.1.1): lists the options that are active and not hidden, boots those that are chosen, and
 * ends with Escape. MdeModulePkg/Application/BootManagerMenuApp, which links the boot manager's library as well.
 */
export function bootManagerMenuApp(options: BootMenuOptions = {}): DxeModule {
  const { mayBeTyped = () => false, onAttempt = () => {} } = options;
  const { removableMediaFile = REMOVABLE_MEDIA_FILE } = options;
  return {
    name: 'BootManagerMenuApp',
    fileGuid: BOOT_MANAGER_MENU_FILE,
    moduleType: 'UEFI_APPLICATION',
    entryPoint(imageHandle, systemTable, { debug, quirks, ram }) {
      const { conOut, runtimeServices: rs } = systemTable;
      if (conOut === undefined) throw new EfiError('EFI_UNSUPPORTED', 'there is no ConOut');
      let last: BootAttempt | undefined;
      const manager = new BootManager({
        imageHandle,
        systemTable,
        debug,
        quirks,
        ram,
        removableMediaFile,
        menuFile: BOOT_MANAGER_MENU_FILE,
        onAttempt: (attempt) => onAttempt((last = attempt)),
      });
      for (;;) {
        // anew each time: what was booted may have written options
        const items = menuOptions(readOrderedOptions(rs, 'Boot'), BOOT_MANAGER_MENU_FILE);
        const screen = new MenuScreen(
          conOut,
          items.map(({ description }) => description),
        );
        const chosen = chooseOption(systemTable, screen, items, { last, mayBeTyped });
        screen.close();
        if (chosen === undefined) return;
        manager.boot(chosen);
      }
    },
  };
}
