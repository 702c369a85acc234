import type { EfiKeyData, HotKey, HotKeyModifier } from '@dxelab/uefi';
import {
  EFI_LEFT_ALT_PRESSED,
  EFI_LEFT_CONTROL_PRESSED,
  EFI_LEFT_LOGO_PRESSED,
  EFI_LEFT_SHIFT_PRESSED,
  EFI_MENU_KEY_PRESSED,
  EFI_RIGHT_ALT_PRESSED,
  EFI_RIGHT_CONTROL_PRESSED,
  EFI_RIGHT_LOGO_PRESSED,
  EFI_RIGHT_SHIFT_PRESSED,
  EFI_SHIFT_STATE_VALID,
  EFI_SYS_REQ_PRESSED,
} from '@dxelab/uefi';

/** What may be held down for a modifier: the key of either side. */
const STATES: Readonly<Record<HotKeyModifier, readonly number[]>> = {
  shift: [EFI_RIGHT_SHIFT_PRESSED, EFI_LEFT_SHIFT_PRESSED],
  control: [EFI_RIGHT_CONTROL_PRESSED, EFI_LEFT_CONTROL_PRESSED],
  alt: [EFI_RIGHT_ALT_PRESSED, EFI_LEFT_ALT_PRESSED],
  logo: [EFI_RIGHT_LOGO_PRESSED, EFI_LEFT_LOGO_PRESSED],
  menu: [EFI_MENU_KEY_PRESSED],
  sysReq: [EFI_SYS_REQ_PRESSED],
};

/**
 * The key strokes that a hot key can be: with modifiers there are several, for the keys of both sides, and each
 * is pressed in all of the keys. MdeModulePkg/Library/UefiBootManagerLib/BmHotkey.c, BmGenerateKeyShiftState.
 */
export function keySequences(
  keys: readonly HotKey[],
  modifiers: readonly HotKeyModifier[],
): readonly (readonly EfiKeyData[])[] {
  const states = modifiers.reduce<readonly number[]>(
    (so, modifier) => so.flatMap((state) => STATES[modifier].map((bit) => state + bit)),
    [EFI_SHIFT_STATE_VALID],
  );
  return states.map((keyShiftState) =>
    keys.map((key) => ({ key, keyState: { keyShiftState, keyToggleState: 0 } })),
  );
}

/** Whether a key stroke is the one that is waited for; a console that cannot tell modifiers has them all. */
export function isSameStroke(wanted: EfiKeyData, { key, keyState }: EfiKeyData): boolean {
  // as a sign bit may make it negative
  const state = keyState.keyShiftState >>> 0;
  return (
    wanted.key.scanCode === key.scanCode &&
    wanted.key.unicodeChar === key.unicodeChar &&
    (state < EFI_SHIFT_STATE_VALID || state === wanted.keyState.keyShiftState)
  );
}
