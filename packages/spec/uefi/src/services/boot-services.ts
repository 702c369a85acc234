import type { EfiEventServices } from './event-services.ts';
import type { EfiImageServices } from './image-services.ts';
import type { EfiMemoryServices } from './memory-services.ts';
import type { EfiMiscellaneousServices } from './miscellaneous-services.ts';
import type { EfiProtocolServices } from './protocol-services.ts';

/**
 * EFI_BOOT_SERVICES as one image sees them (UEFI §4.4, §7). Success returns the OUT value; failure
 * throws an EfiError.
 */
export interface EfiBootServices
  extends
    EfiEventServices,
    EfiMemoryServices,
    EfiProtocolServices,
    EfiImageServices,
    EfiMiscellaneousServices {}
