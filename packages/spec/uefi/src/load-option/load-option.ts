import { concatBytes, viewOf } from '../bytes.ts';
import type { DevicePath } from '../device-path/device-path.ts';
import { char16Field, uint16, uint32 } from '../device-path/node.ts';
import { getDevicePathSize, isDevicePathValid } from '../device-path/utilities.ts';
import type { Reading } from '../disk/reading.ts';
import { broken, sound } from '../disk/reading.ts';
import { EfiError } from '../status/efi-error.ts';

/** Attributes of a load option (UEFI §3.1.3). */
export const LOAD_OPTION_ACTIVE = 0x00000001;
export const LOAD_OPTION_FORCE_RECONNECT = 0x00000002;
export const LOAD_OPTION_HIDDEN = 0x00000008;
/** Which of the categories a boot option is of. */
export const LOAD_OPTION_CATEGORY = 0x00001f00;
export const LOAD_OPTION_CATEGORY_BOOT = 0x00000000;
export const LOAD_OPTION_CATEGORY_APP = 0x00000100;

/** EFI_LOAD_OPTION: what a Boot####, Driver#### or SysPrep#### variable holds (UEFI §3.1.3). */
export interface LoadOption {
  /** LOAD_OPTION_*, and whatever other bits there are. */
  readonly attributes: number;
  /** What a user sees. */
  readonly description: string;
  /** Of the image, first; what the others mean is for its vendor to say. Never empty. */
  readonly filePathList: readonly DevicePath[];
  /** Goes to the image as its load options. */
  readonly optionalData: Uint8Array;
}

/** Attributes and FilePathListLength. */
const HEADER_LENGTH = 6;

/**
 * Reads a load option, as strictly as BmValidateOption of EDK II's UefiBootManagerLib, and the paths behind
 * the first one as well.
 */
export function readLoadOption(bytes: Uint8Array): Reading<LoadOption> {
  if (bytes.length <= HEADER_LENGTH) {
    return broken(`expected more than ${HEADER_LENGTH} bytes, found ${bytes.length}`);
  }
  const view = viewOf(bytes);
  const listLength = view.getUint16(4, true);
  let description = '';
  let offset = HEADER_LENGTH;
  for (; ; offset += 2) {
    if (offset + 2 > bytes.length) return broken('the description has no NUL');
    const unit = view.getUint16(offset, true);
    if (unit === 0) break;
    description += String.fromCharCode(unit);
  }
  const listStart = offset + 2;
  const left = bytes.length - listStart;
  if (listLength > left) {
    return broken(`expected ${listLength} bytes of device paths, found ${left}`);
  }
  const list = readFilePathList(bytes.slice(listStart, listStart + listLength));
  if (list.value === undefined) return list;
  return sound({
    attributes: view.getUint32(0, true),
    description,
    filePathList: list.value,
    optionalData: bytes.slice(listStart + listLength),
  });
}

/**
 * The bytes of a load option.
 * @throws EFI_INVALID_PARAMETER for a NUL in the description, for attributes of more than 32 bits, and if
 *   there is no device path, a malformed one, or more than 65535 bytes of them
 */
export function writeLoadOption(option: LoadOption): Uint8Array {
  if (option.description.includes('\0')) {
    throw new EfiError('EFI_INVALID_PARAMETER', 'the description of a load option has a NUL');
  }
  const list = concatBytes(...option.filePathList);
  const { problem } = readFilePathList(list);
  if (problem !== undefined) throw new EfiError('EFI_INVALID_PARAMETER', problem);
  return concatBytes(
    uint32(option.attributes),
    uint16(list.length),
    char16Field(option.description),
    uint16(0),
    list,
    option.optionalData,
  );
}

function readFilePathList(list: Uint8Array): Reading<readonly DevicePath[]> {
  const paths: DevicePath[] = [];
  for (let offset = 0; offset < list.length;) {
    const left = list.subarray(offset);
    if (!isDevicePathValid(left)) {
      return broken(`malformed device path at offset ${offset} of the file path list`);
    }
    const size = getDevicePathSize(left);
    paths.push(left.slice(0, size));
    offset += size;
  }
  return paths.length > 0 ? sound(paths) : broken('the file path list has no device path');
}
