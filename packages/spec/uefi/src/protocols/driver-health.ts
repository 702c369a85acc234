import type { EfiHandle } from '../handle.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_DRIVER_HEALTH_STATUS (UEFI §11.10). */
export type EfiDriverHealthStatus =
  | 'EfiDriverHealthStatusHealthy'
  | 'EfiDriverHealthStatusRepairRequired'
  | 'EfiDriverHealthStatusConfigurationRequired'
  | 'EfiDriverHealthStatusFailed'
  | 'EfiDriverHealthStatusReconnectRequired'
  | 'EfiDriverHealthStatusRebootRequired';

/** EFI_DRIVER_HEALTH_PROTOCOL (UEFI §11.10): on the driver's binding handle. */
export interface EfiDriverHealth {
  /**
   * @param controller without it, the driver's as a whole
   * @returns the status, and messages that may be shown with it
   * @throws EFI_UNSUPPORTED, EFI_DEVICE_ERROR
   */
  getHealthStatus(
    controller: EfiHandle | undefined,
    child: EfiHandle | undefined,
  ): { readonly status: EfiDriverHealthStatus; readonly messages: readonly string[] };
  /**
   * Repairs a controller.
   * @param progress is told how far it is, of how much
   * @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES
   */
  repair(
    controller: EfiHandle,
    child: EfiHandle | undefined,
    progress?: (value: number, limit: number) => void,
  ): void;
}

/** By which EFI_DRIVER_HEALTH_PROTOCOL (UEFI §11.10) is found. */
export const DriverHealthProtocol: Protocol<EfiDriverHealth> = defineProtocol(
  'DriverHealth',
  '2a534210-9280-41d8-ae79-cada01a2b127',
);
