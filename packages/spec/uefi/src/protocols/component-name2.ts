import type { EfiHandle } from '../handle.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_COMPONENT_NAME2_PROTOCOL (UEFI §11.5). */
export interface EfiComponentName2 {
  /** RFC 4646 language codes, separated by semicolons. */
  readonly supportedLanguages: string;
  /** @throws EFI_UNSUPPORTED if the language is not one of the supported */
  getDriverName(language: string): string;
  /** @throws EFI_UNSUPPORTED if the driver does not manage the controller, or has no name for it */
  getControllerName(controller: EfiHandle, child: EfiHandle | undefined, language: string): string;
}

/** By which EFI_COMPONENT_NAME2_PROTOCOL (UEFI §11.5) is found. */
export const ComponentName2Protocol: Protocol<EfiComponentName2> = defineProtocol(
  'ComponentName2',
  '6a7a5cff-e8d9-4f70-bada-75ab3025ce14',
);
