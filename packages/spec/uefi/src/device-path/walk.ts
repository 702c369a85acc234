import { EfiError } from '../status/efi-error.ts';
import type { DevicePath } from './device-path.ts';
import type { DevicePathNode } from './node.ts';
import { DEVICE_PATH_HEADER_LENGTH } from './node.ts';
import { END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE } from './node-types.ts';

/**
 * The nodes of a path, end-of-instance nodes included, up to the End Entire node, which is left out.
 * A node is a view of the path. No length is trusted: a path comes from a variable or from a driver.
 * @throws EFI_INVALID_PARAMETER when it comes to a node that is shorter than its header, reaches
 *   beyond the path, or is an End Entire node of another length than 4
 */
export function* devicePathNodes(path: DevicePath): Generator<DevicePathNode, void, undefined> {
  let offset = 0;
  while (!endsAt(path, offset)) {
    const length = nodeLengthAt(path, offset);
    yield path.subarray(offset, offset + length);
    offset += length;
  }
}

/**
 * A path without its End Entire node, as one view.
 * @throws EFI_INVALID_PARAMETER as `devicePathNodes`
 */
export function devicePathBody(path: DevicePath): Uint8Array {
  let offset = 0;
  while (!endsAt(path, offset)) offset += nodeLengthAt(path, offset);
  return path.subarray(0, offset);
}

/** Whether the node at an offset is the End Entire node. */
function endsAt(path: DevicePath, offset: number): boolean {
  if (path[offset] !== END_DEVICE_PATH_TYPE) return false;
  if (path[offset + 1] !== END_ENTIRE_DEVICE_PATH_SUBTYPE) return false;
  const length = nodeLengthAt(path, offset);
  if (length === DEVICE_PATH_HEADER_LENGTH) return true;
  throw malformed(offset, `expected an End Entire node of 4 bytes, found ${length}`);
}

function nodeLengthAt(path: DevicePath, offset: number): number {
  const left = path.length - offset;
  const low = path[offset + 2];
  const high = path[offset + 3];
  if (low === undefined || high === undefined) {
    throw malformed(offset, `expected a node, found ${left} bytes`);
  }
  const length = low | (high << 8);
  if (length < DEVICE_PATH_HEADER_LENGTH) {
    throw malformed(offset, `expected a length of at least 4, found ${length}`);
  }
  if (length > left) throw malformed(offset, `a length of ${length}, but ${left} bytes are left`);
  return length;
}

function malformed(offset: number, what: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', `device path, offset ${offset}: ${what}`);
}
