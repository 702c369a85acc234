import type { BootAttempt, NumberedOption } from '@dxelab/bds-dxe';
import { waitForKey } from '@dxelab/bds-dxe';
import type { EfiInputKey, EfiSystemTable } from '@dxelab/uefi';
import { CHAR_CARRIAGE_RETURN, EfiError, SCAN_DOWN, SCAN_ESC, SCAN_UP } from '@dxelab/uefi';
import type { MenuScreen } from './menu-screen.ts';

/** What a choice depends on beside its options. */
export interface Choice {
  /** What was booted last, if anything was. */
  readonly last: BootAttempt | undefined;
  /** Whether somebody may still type. */
  readonly mayBeTyped: () => boolean;
}

/**
 * Has somebody choose among options with the arrows and Enter.
 * @returns `undefined` for Escape
 * @throws EFI_TIMEOUT if it waits for a key that nobody types, EFI_DEVICE_ERROR
 */
export function chooseOption(
  systemTable: EfiSystemTable,
  screen: MenuScreen,
  options: readonly NumberedOption[],
  { last, mayBeTyped }: Choice,
): NumberedOption | undefined {
  const count = options.length;
  let chosen = 0;
  screen.open(last === undefined ? '' : outcomeText(last));
  for (;;) {
    screen.choose(chosen);
    const { scanCode, unicodeChar } = nextKey(systemTable, mayBeTyped);
    if (scanCode === SCAN_ESC) return undefined;
    if (count === 0) continue;
    if (scanCode === SCAN_UP) chosen = (chosen + count - 1) % count;
    if (scanCode === SCAN_DOWN) chosen = (chosen + 1) % count;
    if (unicodeChar === CHAR_CARRIAGE_RETURN) return options[chosen];
  }
}

function nextKey(systemTable: EfiSystemTable, mayBeTyped: () => boolean): EfiInputKey {
  for (;;) {
    const key = systemTable.conIn?.readKeyStroke();
    if (key !== undefined) return key;
    if (waitForKey(systemTable, mayBeTyped)) continue;
    throw new EfiError('EFI_TIMEOUT', 'the boot menu waits for a key that nobody types');
  }
}

function outcomeText({ description, reason }: BootAttempt): string {
  return reason === '' ? `${description} has returned.` : `${description}: ${reason}`;
}
