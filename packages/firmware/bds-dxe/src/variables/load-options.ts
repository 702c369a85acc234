import type { Guid, LoadOptionType } from '@dxelab/uefi';
import {
  guid,
  guidFromBytes,
  LOAD_OPTION_ACTIVE,
  LOAD_OPTION_CATEGORY,
  LOAD_OPTION_CATEGORY_BOOT,
  loadOptionName,
  readLoadOption,
  readLoadOptionOrder,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
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
export const MADE_BY_EDK2: Guid = guid('8108ac4e-9f11-4d59-850e-e21a522c59b2');

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

/** The numbers of an order; none if there is none, or it cannot be read. */
export function readOrder(rs: VariableAccess, type: OrderedType): readonly number[] {
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

/**
 * What an option's image gets as load options (UEFI §9.1). Options that EDK II has made of the devices that it
 * found are marked by a GUID in their place, which means nothing to their images (UefiBootManagerLib/BmBoot.c).
 */
export function loadOptionsOf(option: BootOption): Uint8Array {
  return isMadeByEdk2(option) ? new Uint8Array(0) : (option.optionalData ?? new Uint8Array(0));
}

/** Whether an option was made of a device that was found, and not by a user or an installer. */
export function isMadeByEdk2({ optionalData = new Uint8Array(0) }: BootOption): boolean {
  return optionalData.length === 16 && guidFromBytes(optionalData) === MADE_BY_EDK2;
}
