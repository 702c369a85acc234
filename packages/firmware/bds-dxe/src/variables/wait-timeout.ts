import type { EfiSystemTable } from '@dxelab/uefi';
import {
  CHAR_CARRIAGE_RETURN,
  readLoadOptionOrder,
  SCAN_NULL,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { HotKeys } from '../hot-keys/hot-keys.ts';
import { PATIENCE, readKeys, waitSecond } from '../wait-for-key.ts';
import type { VariableAccess } from './global-variables.ts';
import { readGlobal, writeLastingGlobal } from './global-variables.ts';

/** A Timeout that has no end but a key. */
const FOR_EVER = 0xffff;
/** What goes on at once: OVMF's key for that. */
const ENTER = { scanCode: SCAN_NULL, unicodeChar: CHAR_CARRIAGE_RETURN };

/** What waiting needs. */
export interface WaitContext {
  readonly systemTable: EfiSystemTable;
  readonly quirks: Quirks;
  readonly hotKeys: HotKeys;
  /** Whether somebody may still type. */
  readonly mayBeTyped: () => boolean;
}

/**
 * How many seconds the variable Timeout says (UEFI §3.3); 0xFFFF waits for a key, 0 not at all. With
 * BdsDxe.TimeoutFromPlatform it says what OVMF was built with, whatever it said before: no time at all.
 */
export function readTimeout(rs: VariableAccess, quirks: Quirks): number {
  if (quirks.has('BdsDxe.TimeoutFromPlatform')) {
    writeLastingGlobal(rs, 'Timeout', writeLoadOptionOrder([0]));
    return 0;
  }
  return readLoadOptionOrder(readGlobal(rs, 'Timeout') ?? new Uint8Array(0)).value?.[0] ?? 0;
}

/**
 * Waits as long as Timeout says, or until a hot key or Enter is pressed (UEFI §3.1.2, §3.1.6; BdsEntry.c:
 * BdsWait). Keys that wait are read away behind a hot key; with BdsDxe.TypedAheadLost, always.
 * @param timeout in seconds
 * @returns whether it has come to its end: not if it waits for a key that nobody types
 */
export function waitTimeout(context: WaitContext, timeout: number): boolean {
  const { systemTable, quirks, hotKeys, mayBeTyped } = context;
  const { bootServices: bs } = systemTable;
  const isReadAway = quirks.has('BdsDxe.TypedAheadLost');
  const look = (): void => {
    hotKeys.look();
    if (isReadAway) readKeys(systemTable.conIn);
  };
  if (timeout > 0) hotKeys.add({ keys: [ENTER], modifiers: [] });
  let isPressed = false;
  let unheard = 0;
  for (let left = timeout; left > 0 && !isPressed && unheard < PATIENCE;) {
    look();
    isPressed = waitSecond(bs, hotKeys.triggered);
    if (left !== FOR_EVER) left -= 1;
    else unheard = mayBeTyped() ? 0 : unheard + 1;
  }
  look();
  isPressed ||= bs.checkEvent(hotKeys.triggered);
  if (isPressed) readKeys(systemTable.conIn);
  return isPressed || unheard < PATIENCE;
}
