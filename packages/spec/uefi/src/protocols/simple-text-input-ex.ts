import type { EfiEvent } from '../event.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';
import type { EfiInputKey } from './simple-text-input.ts';

/** EFI_KEY_STATE (UEFI §12.2.3); each state is 0 if the device cannot tell. */
export interface EfiKeyState {
  readonly keyShiftState: number;
  readonly keyToggleState: number;
}

/** EFI_KEY_DATA (UEFI §12.2.3). */
export interface EfiKeyData {
  readonly key: EfiInputKey;
  readonly keyState: EfiKeyState;
}

/** Bits of the shift state: that it says what it says, and the keys that are held down (UEFI §12.2.3). */
export const EFI_SHIFT_STATE_VALID = 0x80000000;
export const EFI_RIGHT_SHIFT_PRESSED = 0x001;
export const EFI_LEFT_SHIFT_PRESSED = 0x002;
export const EFI_RIGHT_CONTROL_PRESSED = 0x004;
export const EFI_LEFT_CONTROL_PRESSED = 0x008;
export const EFI_RIGHT_ALT_PRESSED = 0x010;
export const EFI_LEFT_ALT_PRESSED = 0x020;
export const EFI_RIGHT_LOGO_PRESSED = 0x040;
export const EFI_LEFT_LOGO_PRESSED = 0x080;
export const EFI_MENU_KEY_PRESSED = 0x100;
export const EFI_SYS_REQ_PRESSED = 0x200;

/** The toggle state says what it says (UEFI §12.2.3). */
export const EFI_TOGGLE_STATE_VALID = 0x80;
/** Keys that are only pressed and held are told too. */
export const EFI_KEY_STATE_EXPOSED = 0x40;

/** Called for a key that was asked for, at TPL_CALLBACK (UEFI §12.2.5). */
export type EfiKeyNotifyFunction = (keyData: EfiKeyData) => void;

/** What RegisterKeyNotify returns and UnregisterKeyNotify takes: opaque, compared by identity. */
export interface EfiKeyNotifyHandle {
  readonly keyNotify: true;
}

/** EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL (UEFI §12.2). */
export interface EfiSimpleTextInputEx {
  /** Forgets the keys that wait. @throws EFI_DEVICE_ERROR */
  reset(extendedVerification: boolean): void;
  /** The next key; `undefined` if none waits (EFI_NOT_READY). @throws EFI_DEVICE_ERROR */
  readKeyStrokeEx(): EfiKeyData | undefined;
  /** For WaitForEvent and CheckEvent: signalled while a key waits. */
  readonly waitForKeyEx: EfiEvent;
  /** Lights Scroll, Num and Caps Lock. @throws EFI_UNSUPPORTED, EFI_DEVICE_ERROR */
  setState(keyToggleState: number): void;
  /** Calls a function whenever this key is pressed. One that is 0 in both parts stands for keys that are not complete. */
  registerKeyNotify(keyData: EfiKeyData, notify: EfiKeyNotifyFunction): EfiKeyNotifyHandle;
  /** @throws EFI_INVALID_PARAMETER for what RegisterKeyNotify did not return, or a second time */
  unregisterKeyNotify(handle: EfiKeyNotifyHandle): void;
}

/** By which EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL (UEFI §12.2) is found. */
export const SimpleTextInputExProtocol: Protocol<EfiSimpleTextInputEx> = defineProtocol(
  'SimpleTextInEx',
  'dd9e7534-7762-4698-8c14-f58517a625aa',
);
