import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL (UEFI §11.7): on the image handle of a driver on an option ROM. */
export interface EfiDriverSupportedEfiVersion {
  /** The version of the specification that the driver follows, as a table's revision. */
  readonly firmwareVersion: number;
}

/** By which EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL (UEFI §11.7) is found. */
export const DriverSupportedEfiVersionProtocol: Protocol<EfiDriverSupportedEfiVersion> =
  defineProtocol('DriverSupportedEfiVersion', '5c198761-16a8-4e69-972c-89d67954f81d');
