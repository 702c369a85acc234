import type { LoadOptionType } from '@dxelab/uefi';
import {
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

/** Types whose options have an order (UEFI §3.1.2). */
export type OrderedType = Exclude<LoadOptionType, 'PlatformRecovery'>;

/** The option of a number; `undefined` if there is none, or something else. */
export function readNumberedOption(
  rs: VariableAccess,
  type: OrderedType,
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
 * The options of BootOrder, DriverOrder or SysPrepOrder. Numbers without an option are taken from the
 * order for good, as EfiBootManagerGetLoadOptions does (UefiBootManagerLib/BmLoadOption.c).
 */
export function readOrderedOptions(
  rs: VariableAccess,
  type: OrderedType,
): readonly NumberedOption[] {
  const name = `${type}Order`;
  const order = readLoadOptionOrder(readGlobal(rs, name) ?? new Uint8Array(0)).value ?? [];
  const options = order.flatMap((number) => readNumberedOption(rs, type, number) ?? []);
  if (options.length < order.length) {
    writeLastingGlobal(rs, name, writeLoadOptionOrder(options.map(({ number }) => number)));
  }
  return options;
}

/** Whether an option is to be started without being asked for: active, and no mere application. */
export function isAutomatic({ attributes }: NumberedOption): boolean {
  const isActive = (attributes & LOAD_OPTION_ACTIVE) !== 0;
  return isActive && (attributes & LOAD_OPTION_CATEGORY) === LOAD_OPTION_CATEGORY_BOOT;
}

/** The option of BootNext, which counts for one boot: whatever becomes of it, the variable is gone. */
export function takeBootNext(rs: VariableAccess): NumberedOption | undefined {
  const [number, ...others] =
    readLoadOptionOrder(readGlobal(rs, 'BootNext') ?? new Uint8Array(0)).value ?? [];
  if (number === undefined || others.length > 0) return undefined;
  deleteGlobal(rs, 'BootNext');
  return readNumberedOption(rs, 'Boot', number);
}
