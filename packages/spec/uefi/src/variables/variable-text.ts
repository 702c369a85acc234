import { viewOf } from '../bytes.ts';
import {
  convertDevicePathToText,
  convertTextToDevicePath,
} from '../device-path/text/device-path-text.ts';
import { isDevicePathValid } from '../device-path/utilities.ts';
import { EFI_GLOBAL_VARIABLE } from '../global-variable.ts';
import type { Guid } from '../guid.ts';
import { readKeyOption, writeKeyOption } from '../load-option/key-option.ts';
import { LOAD_OPTION_ACTIVE, readLoadOption, writeLoadOption } from '../load-option/load-option.ts';
import { readLoadOptionName } from '../load-option/load-option-name.ts';
import { readLoadOptionOrder, writeLoadOptionOrder } from '../load-option/load-option-order.ts';
import { convertKeyOptionToText, convertTextToKeyOption } from './key-option-text.ts';
import { convertLoadOptionToText } from './load-option-text.ts';

/** What a variable of the specification holds (UEFI §3.3), as a user reads and writes it. */
interface VariableForm {
  /** What a value looks like, for whoever writes one. */
  readonly expected: string;
  /** `undefined` for data that is no such value. */
  toText(data: Uint8Array): string | undefined;
  /** `undefined` for a text that is no such value. Absent where a text cannot say all of a value. */
  fromText?(text: string): Uint8Array | undefined;
}

const SECONDS = ofNumber(2, 10, 'a number of seconds up to 65535');
const SWITCH = ofNumber(1, 10, '0 or 1');
const DEVICE_PATH: VariableForm = {
  expected: 'a device path such as PciRoot(0x0)/Pci(0x2,0x0)',
  toText: (data) => (isDevicePathValid(data) ? convertDevicePathToText(data) : undefined),
  fromText: (text) => convertTextToDevicePath(text),
};
const OPTION_NUMBER: VariableForm = {
  expected: 'the four hexadecimal digits of a load option such as 001F',
  toText: (data) => (data.length === 2 ? orderToText(data) : undefined),
  fromText: (text) => orderFromText(text, 1),
};
const ORDER: VariableForm = {
  expected: 'numbers of load options such as 0001,001F',
  toText: orderToText,
  fromText: (text) => orderFromText(text, Infinity),
};
const LANGUAGES: VariableForm = {
  expected: 'ASCII such as en-US',
  toText: asciiToText,
  fromText: asciiFromText,
};
const LOAD_OPTION: VariableForm = {
  expected: 'a device path, behind a description in quotes: "Linux" HD(1,GPT,…)/\\EFI\\linux.efi',
  toText(data) {
    const { value } = readLoadOption(data);
    return value && convertLoadOptionToText(value);
  },
  fromText: loadOptionFromText,
};
const KEY_OPTION: VariableForm = {
  expected: 'an option and its keys such as Boot001F by F9',
  toText(data) {
    const { value } = readKeyOption(data);
    return value && convertKeyOptionToText(value);
  },
  fromText(text) {
    const value = convertTextToKeyOption(text);
    return value && writeKeyOption(value);
  },
};
const KEY_NAME = /^Key[0-9A-F]{4}$/;

/** By name, of EFI_GLOBAL_VARIABLE (UEFI §3.3, Table 3.1). */
const FORMS: ReadonlyMap<string, VariableForm> = new Map<string, VariableForm>([
  ['Timeout', SECONDS],
  ['BootNext', OPTION_NUMBER],
  ['BootCurrent', OPTION_NUMBER],
  ['BootOrder', ORDER],
  ['DriverOrder', ORDER],
  ['SysPrepOrder', ORDER],
  ['ConIn', DEVICE_PATH],
  ['ConOut', DEVICE_PATH],
  ['ErrOut', DEVICE_PATH],
  ['ConInDev', DEVICE_PATH],
  ['ConOutDev', DEVICE_PATH],
  ['ErrOutDev', DEVICE_PATH],
  ['Lang', LANGUAGES],
  ['LangCodes', LANGUAGES],
  ['PlatformLang', LANGUAGES],
  ['PlatformLangCodes', LANGUAGES],
  ['BootOptionSupport', ofNumber(4, 16, 'bits such as 0x13')],
  ['HwErrRecSupport', ofNumber(2, 10, 'a number of records up to 65535')],
  ['OsIndications', ofNumber(8, 16, 'bits such as 0x40')],
  ['OsIndicationsSupported', ofNumber(8, 16, 'bits such as 0x40')],
  ['SecureBoot', SWITCH],
  ['SetupMode', SWITCH],
  ['AuditMode', SWITCH],
  ['DeployedMode', SWITCH],
  ['VendorKeys', SWITCH],
]);

/** Names of EFI_GLOBAL_VARIABLE whose values have a text; those of load options and hot keys have a number behind. */
export const GLOBAL_VARIABLE_NAMES: readonly string[] = [...FORMS.keys()];

/**
 * The value of a variable as text, where the specification says what it means: `0001,0000` for a
 * BootOrder, a device path for ConOut. `undefined` for all others, and for data that is no such value.
 */
export function convertVariableToText(
  name: string,
  vendor: Guid,
  data: Uint8Array,
): string | undefined {
  return formOf(name, vendor)?.toText(data);
}

/** What a text must be to become the value of a variable; `undefined` if none can: then only bytes will do. */
export function variableTextExpected(name: string, vendor: Guid): string | undefined {
  const form = formOf(name, vendor);
  return form?.fromText && form.expected;
}

/**
 * The data of a variable from a text; a load option made from one is active. A key option has no CRC-32 of its boot
 * option: `sealKeyOption` writes it.
 * @returns `undefined` for a text that says no value of it: see `variableTextExpected`
 * @throws EFI_INVALID_PARAMETER for a malformed device path
 */
export function convertTextToVariable(
  name: string,
  vendor: Guid,
  text: string,
): Uint8Array | undefined {
  return formOf(name, vendor)?.fromText?.(text);
}

function formOf(name: string, vendor: Guid): VariableForm | undefined {
  if (vendor !== EFI_GLOBAL_VARIABLE) return undefined;
  if (readLoadOptionName(name) !== undefined) return LOAD_OPTION;
  return KEY_NAME.test(name) ? KEY_OPTION : FORMS.get(name);
}

function ofNumber(size: 1 | 2 | 4 | 8, radix: 10 | 16, expected: string): VariableForm {
  return {
    expected,
    toText(data) {
      if (data.length !== size) return undefined;
      const number = data.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
      return (radix === 16 ? '0x' : '') + number.toString(radix);
    },
    fromText(text) {
      if (!/^(?:\d+|0x[0-9a-f]+)$/iu.test(text)) return undefined;
      const number = BigInt(text);
      if (number >= 1n << BigInt(size * 8)) return undefined;
      const bytes = new Uint8Array(8);
      viewOf(bytes).setBigUint64(0, number, true);
      return bytes.slice(0, size);
    },
  };
}

function orderToText(data: Uint8Array): string | undefined {
  return readLoadOptionOrder(data)
    .value?.map((number) => number.toString(16).toUpperCase().padStart(4, '0'))
    .join(',');
}

function orderFromText(text: string, most: number): Uint8Array | undefined {
  const numbers = text.split(/[\s,]+/u).filter((each) => each !== '');
  const isOrder = numbers.every((each) => /^(?:Boot|Driver|SysPrep)?[0-9a-f]{4}$/iu.test(each));
  if (!isOrder || numbers.length === 0 || numbers.length > most) return undefined;
  return writeLoadOptionOrder(numbers.map((each) => Number.parseInt(each.slice(-4), 16)));
}

/** Without the NUL that ends it. */
function asciiToText(data: Uint8Array): string | undefined {
  const end = data.indexOf(0);
  const text = end === -1 ? data : data.subarray(0, end);
  const isPrintable = text.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isPrintable ? String.fromCharCode(...text) : undefined;
}

function asciiFromText(text: string): Uint8Array | undefined {
  if (!/^[\x20-\x7e]+$/u.test(text)) return undefined;
  return Uint8Array.from(`${text}\0`, (character) => character.charCodeAt(0));
}

function loadOptionFromText(text: string): Uint8Array | undefined {
  const [, quoted, path = text] = /^"([^"]*)"\s*(.*)$/su.exec(text) ?? [];
  if (path.trim() === '') return undefined;
  return writeLoadOption({
    attributes: LOAD_OPTION_ACTIVE,
    description: quoted ?? path,
    filePathList: [convertTextToDevicePath(path)],
    optionalData: new Uint8Array(0),
  });
}
