import { EfiError } from '../status/efi-error.ts';

/** Kinds of load options, by the names of their variables (UEFI §3.3). */
export type LoadOptionType = 'Boot' | 'Driver' | 'SysPrep' | 'PlatformRecovery';

/** What the name of a load option's variable says. */
export interface LoadOptionName {
  readonly type: LoadOptionType;
  /** 0 to 0xFFFF. */
  readonly number: number;
}

const TYPES: readonly LoadOptionType[] = ['Boot', 'Driver', 'SysPrep', 'PlatformRecovery'];
/** `####`: upper-case digits only (UEFI §3.3). */
const DIGITS = /^[0-9A-F]{4}$/;

/** `Boot001F`. @throws EFI_INVALID_PARAMETER if the number has more than 16 bits */
export function loadOptionName(type: LoadOptionType, number: number): string {
  if (!Number.isInteger(number) || number < 0 || number > 0xffff) {
    throw new EfiError('EFI_INVALID_PARAMETER', `${number} is no number of a load option`);
  }
  return type + number.toString(16).toUpperCase().padStart(4, '0');
}

/** What a variable's name says; `undefined` if it is none of a load option: `BootOrder`, `Boot001f`. */
export function readLoadOptionName(name: string): LoadOptionName | undefined {
  const type = TYPES.find((prefix) => name.startsWith(prefix));
  const digits = type === undefined ? '' : name.slice(type.length);
  if (type === undefined || !DIGITS.test(digits)) return undefined;
  return { type, number: Number.parseInt(digits, 16) };
}
