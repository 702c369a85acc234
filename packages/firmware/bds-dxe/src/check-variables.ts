import type { EfiRuntimeServices } from '@dxelab/uefi';
import {
  EFI_BOOT_OPTION_SUPPORT_APP,
  EFI_BOOT_OPTION_SUPPORT_COUNT,
  EFI_BOOT_OPTION_SUPPORT_KEY,
  EFI_BOOT_OPTION_SUPPORT_SYSPREP,
  isDevicePathValid,
} from '@dxelab/uefi';
import { deleteGlobal, readGlobal, writeVolatileGlobal } from './variables/global-variables.ts';
import { checkOsIndications } from './variables/os-indications.ts';

/**
 * BootOptionSupport and OsIndicationsSupported (UEFI §3.3): hot keys of up to three keys. What cannot be used of
 * what others have written is deleted. BdsFormalizeEfiGlobalVariable of BdsEntry.c.
 * @param hasMenu whether there is a boot menu
 */
export function checkVariables(rs: EfiRuntimeServices, hasMenu: boolean): void {
  for (const name of ['ConIn', 'ConOut', 'ErrOut']) {
    const path = readGlobal(rs, name);
    if (path !== undefined && !isDevicePathValid(path)) deleteGlobal(rs, name);
  }
  const support =
    EFI_BOOT_OPTION_SUPPORT_KEY |
    EFI_BOOT_OPTION_SUPPORT_APP |
    EFI_BOOT_OPTION_SUPPORT_SYSPREP |
    EFI_BOOT_OPTION_SUPPORT_COUNT;
  writeVolatileGlobal(rs, 'BootOptionSupport', Uint8Array.of(support & 0xff, support >> 8, 0, 0));
  checkOsIndications(rs, hasMenu);
}
