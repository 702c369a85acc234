import type { Guid } from './guid.ts';
import { guid } from './guid.ts';

/** The vendor of the variables that the specification defines (UEFI §3.3). */
export const EFI_GLOBAL_VARIABLE: Guid = guid('8be4df61-93ca-11d2-aa0d-00e098032b8c');
/** The vendor of the signature databases db, dbx, dbt and dbr (UEFI §32.6.1). */
export const EFI_IMAGE_SECURITY_DATABASE_GUID: Guid = guid('d719b2cb-3d3a-4596-a3bc-dad00e67656f');
/** The vendor of hardware error records (UEFI §8.2.4.2). */
export const EFI_HARDWARE_ERROR_VARIABLE: Guid = guid('414e6bdd-e47b-47cc-b244-bb61020cf516');

/** Bits of BootOptionSupport (UEFI §3.1.4, Table 3.2). */
export const EFI_BOOT_OPTION_SUPPORT_KEY = 0x00000001;
export const EFI_BOOT_OPTION_SUPPORT_APP = 0x00000002;
export const EFI_BOOT_OPTION_SUPPORT_SYSPREP = 0x00000010;
/** How many keys a hot key may have: two bits. */
export const EFI_BOOT_OPTION_SUPPORT_COUNT = 0x00000300;
