import type { EfiEvent } from '../event.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_INPUT_KEY (UEFI §12.3): a character, or a scan code and no character. */
export interface EfiInputKey {
  /** One of `SCAN_…`; 0 for a character. */
  readonly scanCode: number;
  /** A UTF-16 code unit; 0 for a key without one. */
  readonly unicodeChar: number;
}

/** EFI_SIMPLE_TEXT_INPUT_PROTOCOL (UEFI §12.3). */
export interface EfiSimpleTextInput {
  /** Forgets the keys that wait. @throws EFI_DEVICE_ERROR */
  reset(extendedVerification: boolean): void;
  /**
   * The next key; `undefined` if none waits (EFI_NOT_READY).
   * @throws EFI_DEVICE_ERROR
   */
  readKeyStroke(): EfiInputKey | undefined;
  /** For WaitForEvent and CheckEvent: signalled while a key waits. */
  readonly waitForKey: EfiEvent;
}

/** By which EFI_SIMPLE_TEXT_INPUT_PROTOCOL (UEFI §12.3) is found. */
export const SimpleTextInputProtocol: Protocol<EfiSimpleTextInput> = defineProtocol(
  'SimpleTextIn',
  '387477c1-69c7-11d2-8e39-00a0c969723b',
);

/** Scan codes of keys without a character (UEFI §12.1.2, table "EFI Scan Codes"). */
export const SCAN_NULL = 0x00;
export const SCAN_UP = 0x01;
export const SCAN_DOWN = 0x02;
export const SCAN_RIGHT = 0x03;
export const SCAN_LEFT = 0x04;
export const SCAN_HOME = 0x05;
export const SCAN_END = 0x06;
export const SCAN_INSERT = 0x07;
export const SCAN_DELETE = 0x08;
export const SCAN_PAGE_UP = 0x09;
export const SCAN_PAGE_DOWN = 0x0a;
/** F2 to F12 follow without a gap. */
export const SCAN_F1 = 0x0b;
export const SCAN_ESC = 0x17;

/** Characters that move the cursor (UEFI §12.1.1). */
export const CHAR_BACKSPACE = 0x08;
export const CHAR_TAB = 0x09;
export const CHAR_LINEFEED = 0x0a;
export const CHAR_CARRIAGE_RETURN = 0x0d;
