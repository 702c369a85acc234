import type { Guid } from '../guid.ts';
import type { EfiHandle } from '../handle.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_DRIVER_DIAGNOSTIC_TYPE (UEFI §11.6). */
export type EfiDriverDiagnosticType =
  | 'EfiDriverDiagnosticTypeStandard'
  | 'EfiDriverDiagnosticTypeExtended'
  | 'EfiDriverDiagnosticTypeManufacturing'
  | 'EfiDriverDiagnosticTypeCancel';

/** EFI_DRIVER_DIAGNOSTICS2_PROTOCOL (UEFI §11.6): on the driver's binding handle. */
export interface EfiDriverDiagnostics2 {
  /**
   * Tries a controller.
   * @returns what kind of result it is, and what it says in that language
   * @throws EFI_UNSUPPORTED, EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES; EFI_DEVICE_ERROR if it failed
   */
  runDiagnostics(
    controller: EfiHandle,
    child: EfiHandle | undefined,
    type: EfiDriverDiagnosticType,
    language: string,
  ): { readonly errorType: Guid | undefined; readonly text: string };
  /** RFC 4646 language codes, separated by semicolons. */
  readonly supportedLanguages: string;
}

/** By which EFI_DRIVER_DIAGNOSTICS2_PROTOCOL (UEFI §11.6) is found. */
export const DriverDiagnostics2Protocol: Protocol<EfiDriverDiagnostics2> = defineProtocol(
  'DriverDiagnostics2',
  '4d330321-025f-4aac-90d8-5ed900173b63',
);
