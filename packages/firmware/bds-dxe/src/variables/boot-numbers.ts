import {
  isEfiFailure,
  LOAD_OPTION_ACTIVE,
  loadOptionName,
  writeLoadOption,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { BootOption } from '../boot-option.ts';
import type { VariableAccess } from './global-variables.ts';
import { deleteGlobal, readGlobal, writeLastingGlobal } from './global-variables.ts';
import { readBootNext, readOrder } from './load-options.ts';

/** The Boot#### of an option of the platform's. */
export interface LentNumber {
  readonly number: number;
  /** Whether nobody has it but for this boot. */
  readonly isTemporary: boolean;
}

/**
 * A Boot#### for an option that has none, so that BootCurrent can name it: one that says the same, or else the
 * smallest number that nobody has. With BdsDxe.TemporaryOptionStays it is the smallest that BootOrder and
 * BootNext have not, whoever else has it, and is his no more (EfiBootManagerBoot of UefiBootManagerLib/BmBoot.c).
 * @returns `undefined` if there are no variables, or none that could hold the option
 */
export function lendNumber(
  rs: VariableAccess,
  option: BootOption,
  quirks: Quirks,
): LentNumber | undefined {
  const stays = quirks.has('BdsDxe.TemporaryOptionStays');
  try {
    const data = loadOptionData(option);
    const named = namedNumbers(rs);
    for (let number = 0; number <= 0xffff; number += 1) {
      const there = readGlobal(rs, loadOptionName('Boot', number));
      if (there !== undefined && isEqual(there, data)) return { number, isTemporary: false };
      if (named.has(number) || (there !== undefined && !stays)) continue;
      return write(rs, number, data) ? { number, isTemporary: !stays } : undefined;
    }
  } catch (caught) {
    // what cannot be written as an option may be booted all the same
    if (!isEfiFailure(caught)) throw caught;
  }
  return undefined;
}

/**
 * Gives an option a Boot#### for good, and the last place in BootOrder: EfiBootManagerAddLoadOptionVariable of
 * UefiBootManagerLib/BmLoadOption.c.
 * @returns its number; `undefined` if there is no room for it
 */
export function addBootOption(
  rs: VariableAccess,
  option: BootOption,
  quirks: Quirks,
): number | undefined {
  const number = lendNumber(rs, option, quirks)?.number;
  if (number === undefined) return undefined;
  const order = readOrder(rs, 'Boot');
  if (!order.includes(number)) {
    writeLastingGlobal(rs, 'BootOrder', writeLoadOptionOrder([...order, number]));
  }
  return number;
}

/** Takes an option from BootOrder, and deletes it. */
export function deleteBootOption(rs: VariableAccess, number: number): void {
  const order = readOrder(rs, 'Boot').filter((one) => one !== number);
  writeLastingGlobal(rs, 'BootOrder', writeLoadOptionOrder(order));
  deleteGlobal(rs, loadOptionName('Boot', number));
}

/** Numbers that are somebody's, whether there is such an option or not. */
function namedNumbers(rs: VariableAccess): ReadonlySet<number | undefined> {
  return new Set([...readOrder(rs, 'Boot'), readBootNext(rs)]);
}

/** @returns whether it is there now */
function write(rs: VariableAccess, number: number, data: Uint8Array): boolean {
  const name = loadOptionName('Boot', number);
  writeLastingGlobal(rs, name, data);
  return readGlobal(rs, name) !== undefined;
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** @throws EFI_INVALID_PARAMETER for what no load option can say, such as a malformed path */
function loadOptionData(option: BootOption): Uint8Array {
  const { attributes = LOAD_OPTION_ACTIVE, description, devicePath, optionalData } = option;
  return writeLoadOption({
    attributes,
    description,
    filePathList: [devicePath],
    optionalData: optionalData ?? new Uint8Array(0),
  });
}
