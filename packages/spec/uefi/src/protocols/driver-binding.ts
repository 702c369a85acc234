import type { EfiHandle } from '../handle.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';
import type { EfiStatus } from '../status/efi-status.ts';
import type { DevicePath } from '../device-path/device-path.ts';

/** EFI_DRIVER_BINDING_PROTOCOL (UEFI §11.1). */
export interface EfiDriverBinding {
  /**
   * Whether the driver can manage the controller: `EFI_SUCCESS`, or why not. "No" is a normal answer
   * here, so it is returned and never thrown. Must leave no trace.
   */
  supported(controller: EfiHandle, remainingDevicePath?: DevicePath): EfiStatus;
  /** Starts the controller; throws an EfiError, having undone what it did, if it cannot. */
  start(controller: EfiHandle, remainingDevicePath?: DevicePath): void;
  /** Stops the children given, or, with none given, the controller itself. */
  stop(controller: EfiHandle, children: readonly EfiHandle[]): void;
  /** 0x10 to 0xFFFFFFEF is the range of independent vendors; the highest supporting version wins. */
  readonly version: number;
  readonly imageHandle: EfiHandle;
  readonly driverBindingHandle: EfiHandle;
}

/** By which EFI_DRIVER_BINDING_PROTOCOL (UEFI §11.1) is found. */
export const DriverBindingProtocol: Protocol<EfiDriverBinding> = defineProtocol(
  'DriverBinding',
  '18a031ab-b443-4d1a-a5c0-0c09261e9f71',
);
