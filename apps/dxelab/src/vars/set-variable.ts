import { HostError } from '@dxelab/node-host';
import {
  convertTextToVariable,
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  isEfiFailure,
  loadOptionName,
  readKeyOption,
  sealKeyOption,
  variableTextExpected,
  type Guid,
} from '@dxelab/uefi';
import { findVariable, hintGlobal } from './find-variable.ts';
import type { VarsOptions } from './read-options.ts';
import type { StoreFile } from './store-file.ts';

const NV_BS_RT =
  EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
const NO_TIME = new Uint8Array(16);

/**
 * Creates a variable or changes it; what is not said stays as it is. Firmware's own checks are not made:
 * a lab may want what no firmware would have written.
 * @throws HostError for what cannot be its value, and if there is no room
 */
export async function setVariable(
  file: StoreFile,
  name: string,
  value: string,
  options: VarsOptions,
): Promise<void> {
  const old = findVariable(file, name, options.vendor);
  const vendor = options.vendor ?? old?.vendor ?? EFI_GLOBAL_VARIABLE;
  const written = options.hex ? bytesOf(value) : await dataOf(name, vendor, value);
  const isHotKey = !options.hex && vendor === EFI_GLOBAL_VARIABLE && name.startsWith('Key');
  const data = isHotKey ? sealed(file, written) : written;
  const attributes = options.attributes ?? old?.attributes ?? NV_BS_RT;
  const timeStamp = old?.timeStamp ?? NO_TIME;
  try {
    file.store.put({ name, vendor, attributes, data, timeStamp });
  } catch (caught) {
    throw isEfiFailure(caught) ? new HostError(`${file.path}: ${caught.message}`) : caught;
  }
}

/** A hot key, made for the boot option that is there. @throws HostError if there is none */
function sealed({ store, path }: StoreFile, key: Uint8Array): Uint8Array {
  const { value } = readKeyOption(key);
  const name = value && loadOptionName('Boot', value.bootOption);
  const option = name && store.variables.get(name, EFI_GLOBAL_VARIABLE);
  if (option) return sealKeyOption(key, option.data);
  throw new HostError(`${path} has no variable ${name}, which the hot key is to boot`);
}

/** Two hexadecimal digits a byte; spaces and colons may stand between them. */
function bytesOf(value: string): Uint8Array {
  const digits = value.replaceAll(/[\s:]/gu, '');
  if (/^(?:[0-9a-f]{2})+$/iu.test(digits)) {
    return Uint8Array.from(digits.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  throw new HostError(`expected bytes in hexadecimal such as '01 ff', and not '${value}'`);
}

async function dataOf(name: string, vendor: Guid, value: string): Promise<Uint8Array> {
  const expected = variableTextExpected(name, vendor);
  if (expected === undefined) {
    const meant = vendor === EFI_GLOBAL_VARIABLE ? await hintGlobal(name) : '';
    throw new HostError(`what ${name} means is not known: give its bytes with --hex${meant}`);
  }
  const data = fromText(name, vendor, value);
  if (data !== undefined) return data;
  throw new HostError(`${name}: expected ${expected}, and not '${value}'`);
}

function fromText(name: string, vendor: Guid, value: string): Uint8Array | undefined {
  try {
    return convertTextToVariable(name, vendor, value);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    throw new HostError(`${name}: ${caught.message}`);
  }
}
