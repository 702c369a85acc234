import { concatBytes, viewOf } from '../bytes.ts';
import type { Guid } from '../guid.ts';
import { guidToBytes } from '../guid.ts';
import { EfiError } from '../status/efi-error.ts';
import {
  END_DEVICE_PATH_TYPE,
  END_ENTIRE_DEVICE_PATH_SUBTYPE,
  END_INSTANCE_DEVICE_PATH_SUBTYPE,
} from './node-types.ts';

/** One node of a device path, its four-byte header included (UEFI §10.3.1). */
export type DevicePathNode = Uint8Array;

/** The header: type, sub-type, and the length of the whole node in two bytes. */
export const DEVICE_PATH_HEADER_LENGTH = 4;

/** DevicePathType() of MdePkg's DevicePathLib. */
export function devicePathType(node: DevicePathNode): number {
  return node[0] ?? 0;
}

/** DevicePathSubType() of MdePkg's DevicePathLib. */
export function devicePathSubType(node: DevicePathNode): number {
  return node[1] ?? 0;
}

/** Whether a node is of a type and sub-type. */
export function isDevicePathNode(node: DevicePathNode, type: number, subType: number): boolean {
  return devicePathType(node) === type && devicePathSubType(node) === subType;
}

/** IsDevicePathEnd(): whether a node, or the first node of a path, ends the entire path. */
export function isDevicePathEnd(node: DevicePathNode): boolean {
  return isDevicePathNode(node, END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE);
}

/** IsDevicePathEndInstance(): whether a node ends one instance of several. */
export function isDevicePathEndInstance(node: DevicePathNode): boolean {
  return isDevicePathNode(node, END_DEVICE_PATH_TYPE, END_INSTANCE_DEVICE_PATH_SUBTYPE);
}

/**
 * EFI_DEVICE_PATH_UTILITIES.CreateDeviceNode (UEFI §10.5.8): a node whose payload is zero.
 * @param nodeLength in bytes, header included
 * @throws EFI_INVALID_PARAMETER if the length is below 4, or a number does not fit its field
 */
export function createDeviceNode(
  type: number,
  subType: number,
  nodeLength: number,
): DevicePathNode {
  if (!(nodeLength >= DEVICE_PATH_HEADER_LENGTH && nodeLength <= 0xffff)) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `a device path node has 4 to 65535 bytes, not ${nodeLength}`,
    );
  }
  const node = new Uint8Array(nodeLength);
  node.set(concatBytes(uint8(type), uint8(subType), uint16(nodeLength)));
  return node;
}

/**
 * A node with the fields of its payload, in the order in which they stand.
 * @throws EFI_INVALID_PARAMETER if the whole is longer than a node can be
 */
export function packNode(
  type: number,
  subType: number,
  ...fields: readonly Uint8Array[]
): DevicePathNode {
  const payload = concatBytes(...fields);
  const node = createDeviceNode(type, subType, DEVICE_PATH_HEADER_LENGTH + payload.length);
  node.set(payload, DEVICE_PATH_HEADER_LENGTH);
  return node;
}

/** A field of 1 byte. @throws EFI_INVALID_PARAMETER if the value does not fit */
export function uint8(value: number): Uint8Array {
  return unsigned(value, 1);
}

/** A little-endian field of 2 bytes. @throws EFI_INVALID_PARAMETER if the value does not fit */
export function uint16(value: number): Uint8Array {
  return unsigned(value, 2);
}

/** A little-endian field of 4 bytes. @throws EFI_INVALID_PARAMETER if the value does not fit */
export function uint32(value: number): Uint8Array {
  return unsigned(value, 4);
}

/** A little-endian field of 8 bytes. @throws EFI_INVALID_PARAMETER if the value does not fit */
export function uint64(value: number | bigint): Uint8Array {
  return unsigned(value, 8);
}

/** A field that holds a GUID. */
export function guidField(value: Guid): Uint8Array {
  return guidToBytes(value);
}

/** A field of `length` bytes. @throws EFI_INVALID_PARAMETER if it has another length */
export function bytesField(value: Uint8Array, length: number): Uint8Array {
  if (value.length === length) return value;
  throw new EfiError('EFI_INVALID_PARAMETER', `a field of ${length} bytes, not ${value.length}`);
}

/** A CHAR16 string of a node, without a terminator. */
export function char16Field(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = viewOf(bytes);
  for (let index = 0; index < text.length; index += 1) {
    view.setUint16(index * 2, text.charCodeAt(index), true);
  }
  return bytes;
}

/** A CHAR8 string of a node, without a terminator. @throws EFI_INVALID_PARAMETER if a character has more than 8 bits */
export function char8Field(text: string): Uint8Array {
  return concatBytes(...Array.from(text, (character) => uint8(character.codePointAt(0) ?? 0)));
}

function unsigned(value: number | bigint, width: number): Uint8Array {
  const limit = 1n << BigInt(width * 8);
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value) : -1n;
  if (whole < 0n || whole >= limit) {
    throw new EfiError('EFI_INVALID_PARAMETER', `${value} is no unsigned value of ${width} bytes`);
  }
  // Byte by byte: a view of so small an array first moves it out of the heap.
  const bytes = new Uint8Array(width);
  for (let index = 0, rest = whole; index < width; index += 1, rest >>= 8n) {
    bytes[index] = Number(rest & 0xffn);
  }
  return bytes;
}
