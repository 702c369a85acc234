import type { Guid } from '@dxelab/uefi';
import {
  EFI_GLOBAL_VARIABLE,
  EFI_HARDWARE_ERROR_VARIABLE,
  EFI_IMAGE_SECURITY_DATABASE_GUID,
  EFI_VARIABLE_APPEND_WRITE,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS,
  EfiError,
  isDevicePathValid,
  readKeyOption,
  readLoadOption,
  readLoadOptionName,
} from '@dxelab/uefi';
import { isDeletion } from './check-attributes.ts';

const BS_RT = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
const NV_BS_RT = BS_RT | EFI_VARIABLE_NON_VOLATILE;
const NV_BS_RT_AT = NV_BS_RT | EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS;

/** What the specification says of a variable. */
interface Definition {
  readonly attributes: number;
  /** Only firmware writes it, and not by SetVariable. */
  readonly isReadOnly?: boolean;
  /** Whether data of this form can be its value. */
  isValue(data: Uint8Array): boolean;
}

const SIZE_1 = ofSize(1);
const SIZE_2 = ofSize(2);
const SIZE_8 = ofSize(8);

/** By name, of EFI_GLOBAL_VARIABLE; MdeModulePkg/Library/VarCheckUefiLib has the same. */
const GLOBAL: ReadonlyMap<string, Definition> = new Map<string, Definition>([
  ['LangCodes', { attributes: BS_RT, isValue: isText }],
  ['Lang', { attributes: NV_BS_RT, isValue: isText }],
  ['PlatformLangCodes', { attributes: BS_RT, isValue: isText }],
  ['PlatformLang', { attributes: NV_BS_RT, isValue: isText }],
  ['Timeout', { attributes: NV_BS_RT, isValue: SIZE_2 }],
  ['ConIn', { attributes: NV_BS_RT, isValue: isDevicePathValid }],
  ['ConOut', { attributes: NV_BS_RT, isValue: isDevicePathValid }],
  ['ErrOut', { attributes: NV_BS_RT, isValue: isDevicePathValid }],
  ['ConInDev', { attributes: BS_RT, isValue: isDevicePathValid }],
  ['ConOutDev', { attributes: BS_RT, isValue: isDevicePathValid }],
  ['ErrOutDev', { attributes: BS_RT, isValue: isDevicePathValid }],
  ['BootOrder', { attributes: NV_BS_RT, isValue: isOrder }],
  ['BootNext', { attributes: NV_BS_RT, isValue: SIZE_2 }],
  ['BootCurrent', { attributes: BS_RT, isValue: SIZE_2 }],
  ['BootOptionSupport', { attributes: BS_RT, isValue: ofSize(4) }],
  ['DriverOrder', { attributes: NV_BS_RT, isValue: isOrder }],
  ['SysPrepOrder', { attributes: NV_BS_RT, isValue: isOrder }],
  ['HwErrRecSupport', { attributes: NV_BS_RT, isValue: SIZE_2 }],
  ['SetupMode', { attributes: BS_RT, isReadOnly: true, isValue: SIZE_1 }],
  ['KEK', { attributes: NV_BS_RT_AT, isValue: isAnything }],
  ['PK', { attributes: NV_BS_RT_AT, isValue: isAnything }],
  ['SignatureSupport', { attributes: BS_RT, isReadOnly: true, isValue: isAnything }],
  ['SecureBoot', { attributes: BS_RT, isReadOnly: true, isValue: SIZE_1 }],
  ['KEKDefault', { attributes: BS_RT, isReadOnly: true, isValue: isAnything }],
  ['PKDefault', { attributes: BS_RT, isReadOnly: true, isValue: isAnything }],
  ['dbDefault', { attributes: BS_RT, isReadOnly: true, isValue: isAnything }],
  ['dbxDefault', { attributes: BS_RT, isReadOnly: true, isValue: isAnything }],
  ['dbtDefault', { attributes: BS_RT, isReadOnly: true, isValue: isAnything }],
  ['OsIndicationsSupported', { attributes: BS_RT, isValue: SIZE_8 }],
  ['OsIndications', { attributes: NV_BS_RT, isValue: SIZE_8 }],
  ['VendorKeys', { attributes: BS_RT, isReadOnly: true, isValue: SIZE_1 }],
]);

const LOAD_OPTION: Definition = {
  attributes: NV_BS_RT,
  isValue: (data) => readLoadOption(data).problem === undefined,
};
const RECOVERY_OPTION: Definition = { ...LOAD_OPTION, attributes: BS_RT };
const KEY_OPTION: Definition = {
  attributes: NV_BS_RT,
  isValue: (data) => readKeyOption(data).problem === undefined,
};
const KEY_NAME = /^Key[0-9A-F]{4}$/;
const SIGNATURES: Definition = { attributes: NV_BS_RT_AT, isValue: isAnything };
const SIGNATURE_NAMES: ReadonlySet<string> = new Set(['db', 'dbx', 'dbt', 'dbr']);

/**
 * Checks a write to a variable of the specification's own vendors: what it does not name cannot be there.
 * MdeModulePkg/Library/VarCheckUefiLib, which does so from EndOfDxe on.
 * @param data without the descriptor of an authenticated write
 * @throws EFI_WRITE_PROTECTED for a read-only variable
 * @throws EFI_INVALID_PARAMETER for another name, other attributes, or data that cannot be its value
 */
export function checkDefinedVariable(
  name: string,
  vendor: Guid,
  attributes: number,
  data: Uint8Array,
): void {
  const isKnownVendor = [
    EFI_GLOBAL_VARIABLE,
    EFI_IMAGE_SECURITY_DATABASE_GUID,
    EFI_HARDWARE_ERROR_VARIABLE,
  ].includes(vendor);
  if (!isKnownVendor) return;
  const definition = definitionOf(name, vendor);
  if (definition?.isReadOnly === true) {
    throw new EfiError('EFI_WRITE_PROTECTED', `only firmware writes ${name}`);
  }
  if (isDeletion(attributes, data.length)) return;
  if (definition === undefined) throw invalid(`there is no ${name} among the specification's own`);
  const wanted = definition.attributes;
  if ((attributes & ~EFI_VARIABLE_APPEND_WRITE) !== wanted) {
    throw invalid(`${name} has the attributes 0x${wanted.toString(16)}`);
  }
  if (!definition.isValue(data)) throw invalid(`this cannot be the value of ${name}`);
}

function definitionOf(name: string, vendor: Guid): Definition | undefined {
  if (vendor === EFI_IMAGE_SECURITY_DATABASE_GUID) {
    return SIGNATURE_NAMES.has(name) ? SIGNATURES : undefined;
  }
  if (vendor !== EFI_GLOBAL_VARIABLE) return undefined;
  const option = readLoadOptionName(name);
  if (option !== undefined) {
    return option.type === 'PlatformRecovery' ? RECOVERY_OPTION : LOAD_OPTION;
  }
  return KEY_NAME.test(name) ? KEY_OPTION : GLOBAL.get(name);
}

function ofSize(size: number): (data: Uint8Array) => boolean {
  return (data) => data.length === size;
}

/** ASCII with its NUL. */
function isText(data: Uint8Array): boolean {
  return data.includes(0) && data.every((byte) => byte < 0x80);
}

function isOrder(data: Uint8Array): boolean {
  return data.length % 2 === 0;
}

function isAnything(): boolean {
  return true;
}

function invalid(why: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', why);
}
