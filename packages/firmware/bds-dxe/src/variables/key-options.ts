import type { EfiRuntimeServices, KeyOption } from '@dxelab/uefi';
import { crc32, loadOptionName, readKeyOption } from '@dxelab/uefi';
import { globalVariableNames } from './global-variable-names.ts';
import { readGlobal } from './global-variables.ts';

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
export function readKeyOptions(
  rs: Pick<EfiRuntimeServices, 'getNextVariableName' | 'getVariable' | 'setVariable'>,
): readonly NumberedKey[] {
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
