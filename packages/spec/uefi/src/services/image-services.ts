import type { DevicePath } from '../device-path/device-path.ts';
import type { EfiHandle } from '../handle.ts';
import type { EfiStatus } from '../status/efi-status.ts';

/** Image services (UEFI §7.4). */
export interface EfiImageServices {
  /**
   * Loads an image from `source`, or, without it, from where `devicePath` leads.
   * @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER, EFI_UNSUPPORTED, EFI_LOAD_ERROR,
   *   EFI_SECURITY_VIOLATION (its `out` the handle), EFI_ACCESS_DENIED
   */
  loadImage(
    bootPolicy: boolean,
    parentImageHandle: EfiHandle,
    devicePath: DevicePath | undefined,
    source?: Uint8Array,
  ): EfiHandle;

  /**
   * Runs an image until it returns or exits; returns its exit data, if it left any.
   * @throws what the image exited with, its `out` the exit data; EFI_INVALID_PARAMETER, EFI_UNSUPPORTED
   */
  startImage(imageHandle: EfiHandle): Uint8Array | undefined;

  /** Leaves the running image; does not return to it. @throws EFI_INVALID_PARAMETER */
  exit(imageHandle: EfiHandle, exitStatus: EfiStatus, exitData?: Uint8Array): void;

  /** @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED, or what the image's Unload throws */
  unloadImage(imageHandle: EfiHandle): void;

  /** Ends boot services. @throws EFI_INVALID_PARAMETER if `mapKey` is not that of the current memory map */
  exitBootServices(imageHandle: EfiHandle, mapKey: number): void;
}
