import type { EfiHandle } from '../handle.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_PLATFORM_DRIVER_OVERRIDE_PROTOCOL (UEFI §11.2), as ConnectController asks it. */
export interface EfiPlatformDriverOverride {
  /** The image handle after `previous` (the first without it); `undefined` when there are no more. */
  getDriver(controller: EfiHandle, previous: EfiHandle | undefined): EfiHandle | undefined;
}

/** By which EFI_PLATFORM_DRIVER_OVERRIDE_PROTOCOL (UEFI §11.2) is found. */
export const PlatformDriverOverrideProtocol: Protocol<EfiPlatformDriverOverride> = defineProtocol(
  'PlatformDriverOverride',
  '6b30c738-a391-11d4-9a3b-0090273fc14d',
);

/** EFI_BUS_SPECIFIC_DRIVER_OVERRIDE_PROTOCOL (UEFI §11.3): on the controller. */
export interface EfiBusSpecificDriverOverride {
  /** The image handle after `previous` (the first without it); `undefined` when there are no more. */
  getDriver(previous: EfiHandle | undefined): EfiHandle | undefined;
}

/** By which EFI_BUS_SPECIFIC_DRIVER_OVERRIDE_PROTOCOL (UEFI §11.3) is found. */
export const BusSpecificDriverOverrideProtocol: Protocol<EfiBusSpecificDriverOverride> =
  defineProtocol('BusSpecificDriverOverride', '3bc1b285-8a15-4a82-aabf-4d7d13fb3265');

/** EFI_DRIVER_FAMILY_OVERRIDE_PROTOCOL (UEFI §11.9): on the driver's binding handle. */
export interface EfiDriverFamilyOverride {
  /** The highest version of the family is tried first. */
  getVersion(): number;
}

/** By which EFI_DRIVER_FAMILY_OVERRIDE_PROTOCOL (UEFI §11.9) is found. */
export const DriverFamilyOverrideProtocol: Protocol<EfiDriverFamilyOverride> = defineProtocol(
  'DriverFamilyOverride',
  'b1ee129e-da36-4181-91f8-04a4923766a7',
);
