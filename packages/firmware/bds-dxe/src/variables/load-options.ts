import type { Guid, LoadOptionType } from '@dxelab/uefi';
import {
  guid,
  guidFromBytes,
  isEfiFailure,
  LOAD_OPTION_ACTIVE,
  LOAD_OPTION_CATEGORY,
  LOAD_OPTION_CATEGORY_BOOT,
  loadOptionName,
  readLoadOption,
  readLoadOptionOrder,
  writeLoadOption,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { BootOption } from '../boot-option.ts';
import type { VariableAccess } from './global-variables.ts';
import { deleteGlobal, readGlobal, writeLastingGlobal } from './global-variables.ts';

/** A load option from its variable. */
export interface NumberedOption extends BootOption {
  /** The `####` of its name. */
  readonly number: number;
  /** LOAD_OPTION_* */
  readonly attributes: number;
}

/** What EDK II marks an option with that it has made of a device. */
const MADE_BY_EDK2: Guid = guid('8108ac4e-9f11-4d59-850e-e21a522c59b2');

/** Types whose options have an order (UEFI §3.1.2). */
export type OrderedType = Exclude<LoadOptionType, 'PlatformRecovery'>;

/** The option of a number; `undefined` if there is none, or something else. */
export function readNumberedOption(
  rs: VariableAccess,
  type: LoadOptionType,
  number: number,
): NumberedOption | undefined {
  const { value } = readLoadOption(
    readGlobal(rs, loadOptionName(type, number)) ?? new Uint8Array(0),
  );
  const [devicePath] = value?.filePathList ?? [];
  if (value === undefined || devicePath === undefined) return undefined;
  const { attributes, description, optionalData } = value;
  return { number, attributes, description, devicePath, optionalData };
}

/**
 * The options of BootOrder, DriverOrder or SysPrepOrder. A number that has no option, or none that can be read,
 * is taken from the order, and its variable deleted: EfiBootManagerGetLoadOptions of
 * UefiBootManagerLib/BmLoadOption.c.
 */
export function readOrderedOptions(
  rs: VariableAccess,
  type: OrderedType,
): readonly NumberedOption[] {
  const order = readOrder(rs, type);
  const options = order.flatMap((number) => readNumberedOption(rs, type, number) ?? []);
  if (options.length === order.length) return options;
  const sound = options.map(({ number }) => number);
  for (const number of order) {
    if (!sound.includes(number)) deleteGlobal(rs, loadOptionName(type, number));
  }
  writeLastingGlobal(rs, `${type}Order`, writeLoadOptionOrder(sound));
  return options;
}

function readOrder(rs: VariableAccess, type: OrderedType): readonly number[] {
  return readLoadOptionOrder(readGlobal(rs, `${type}Order`) ?? new Uint8Array(0)).value ?? [];
}

/** Whether an option is to be started without being asked for: active, and no mere application. */
export function isAutomatic({ attributes }: NumberedOption): boolean {
  const isActive = (attributes & LOAD_OPTION_ACTIVE) !== 0;
  return isActive && (attributes & LOAD_OPTION_CATEGORY) === LOAD_OPTION_CATEGORY_BOOT;
}

/** What BootNext names; `undefined` if it names nothing, or more than one option. */
export function readBootNext(rs: VariableAccess): number | undefined {
  const data = readGlobal(rs, 'BootNext');
  return data?.length === 2 ? readLoadOptionOrder(data).value?.[0] : undefined;
}

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
  try {
    const data = loadOptionData(option);
    const named = new Set([...readOrder(rs, 'Boot'), readBootNext(rs)]);
    for (let number = 0; number <= 0xffff; number += 1) {
      const name = loadOptionName('Boot', number);
      const there = readGlobal(rs, name);
      if (there !== undefined && isEqual(there, data)) return { number, isTemporary: false };
      const overwrites = there !== undefined && quirks.has('BdsDxe.TemporaryOptionStays');
      if (named.has(number) || (there !== undefined && !overwrites)) continue;
      writeLastingGlobal(rs, name, data);
      if (readGlobal(rs, name) === undefined) return undefined;
      return { number, isTemporary: !quirks.has('BdsDxe.TemporaryOptionStays') };
    }
  } catch (caught) {
    // what cannot be written as an option may be booted all the same
    if (!isEfiFailure(caught)) throw caught;
  }
  return undefined;
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** @throws EFI_INVALID_PARAMETER for what no load option can say, such as a malformed path */
function loadOptionData({ description, devicePath, optionalData }: BootOption): Uint8Array {
  return writeLoadOption({
    attributes: LOAD_OPTION_ACTIVE,
    description,
    filePathList: [devicePath],
    optionalData: optionalData ?? new Uint8Array(0),
  });
}

/**
 * What an option's image gets as load options (UEFI §9.1). Options that EDK II has made of the devices that it
 * found are marked by a GUID in their place, which means nothing to their images (UefiBootManagerLib/BmBoot.c).
 */
export function loadOptionsOf({ optionalData = new Uint8Array(0) }: BootOption): Uint8Array {
  const isMark = optionalData.length === 16 && guidFromBytes(optionalData) === MADE_BY_EDK2;
  return isMark ? new Uint8Array(0) : optionalData;
}
