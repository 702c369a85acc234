import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL (UEFI §12.4), as far as it is modelled. */
export interface EfiSimpleTextOutput {
  /** @throws EFI_DEVICE_ERROR */
  reset(extendedVerification: boolean): void;
  /** Lines end in "\r\n", as on any terminal. @throws EFI_DEVICE_ERROR */
  outputString(text: string): void;
  clearScreen(): void;
}

/** By which EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL (UEFI §12.4) is found. */
export const SimpleTextOutputProtocol: Protocol<EfiSimpleTextOutput> = defineProtocol(
  'SimpleTextOut',
  '387477c2-69c7-11d2-8e39-00a0c969723b',
);
