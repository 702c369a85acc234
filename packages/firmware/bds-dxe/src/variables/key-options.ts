import type { EfiRuntimeServices, KeyOption } from '@dxelab/uefi';
import { crc32, loadOptionName, readKeyOption, writeKeyOption } from '@dxelab/uefi';
import { globalVariableNames } from './global-variable-names.ts';
import { readGlobal, writeLastingGlobal } from './global-variables.ts';

/** What is needed to find variables whose numbers nobody lists. */
type KeyAccess = Pick<EfiRuntimeServices, 'getNextVariableName' | 'getVariable' | 'setVariable'>;

const NAME = /^Key[0-9A-F]{4}$/;

/** A key option from its variable. */
export interface NumberedKey extends KeyOption {
  /** The `####` of its name. */
  readonly number: number;
}

/**
 * The Key#### variables that count, by their numbers: what can be read, and was made for the Boot#### that is
 * there now (UEFI §3.1.6). MdeModulePkg/Library/UefiBootManagerLib/BmHotkey.c, BmGetKeyOptions.
 */
export function readKeyOptions(rs: KeyAccess): readonly NumberedKey[] {
  return globalVariableNames(rs)
    .filter((name) => NAME.test(name))
    .toSorted()
    .flatMap((name) => {
      const { value } = readKeyOption(readGlobal(rs, name) ?? new Uint8Array(0));
      if (value === undefined) return [];
      const option = readGlobal(rs, loadOptionName('Boot', value.bootOption));
      if (option === undefined || crc32(option) !== value.bootOptionCrc) return [];
      return { ...value, number: Number.parseInt(name.slice(3), 16) };
    });
}

/**
 * Gives a hot key the smallest Key#### that is free, unless its keys are somebody's already:
 * EfiBootManagerAddKeyOptionVariable of BmHotkey.c.
 */
export function addKeyOption(rs: KeyAccess, option: KeyOption): void {
  const known = readKeyOptions(rs);
  if (known.some((one) => isSameKeys(one, option))) return;
  const gap = known.findIndex(({ number }, index) => number !== index);
  const number = gap === -1 ? known.length : gap;
  const name = `Key${number.toString(16).toUpperCase().padStart(4, '0')}`;
  writeLastingGlobal(rs, name, writeKeyOption(option));
}

function isSameKeys(left: KeyOption, right: KeyOption): boolean {
  return keysText(left) === keysText(right);
}

function keysText({ modifiers, keys }: KeyOption): string {
  return [...modifiers, ...keys.map(({ scanCode, unicodeChar }) => [scanCode, unicodeChar])].join();
}
