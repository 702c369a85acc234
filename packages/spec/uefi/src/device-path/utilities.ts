import { bytesEqual, concatBytes, startsWithBytes } from '../bytes.ts';
import { isEfiFailure } from '../status/efi-error.ts';
import type { DevicePath } from './device-path.ts';
import type { DevicePathNode } from './node.ts';
import {
  DEVICE_PATH_HEADER_LENGTH,
  createDeviceNode,
  isDevicePathEndInstance,
  isDevicePathNode,
} from './node.ts';
import {
  END_DEVICE_PATH_TYPE,
  END_ENTIRE_DEVICE_PATH_SUBTYPE,
  END_INSTANCE_DEVICE_PATH_SUBTYPE,
  MEDIA_DEVICE_PATH,
  MEDIA_FILEPATH_DP,
} from './node-types.ts';
import { devicePathBody, devicePathNodes } from './walk.ts';

// EFI_DEVICE_PATH_UTILITIES_PROTOCOL (UEFI §10.5) and MdePkg's UefiDevicePathLib: all of these return
// new paths and leave the given ones alone. Unless it says otherwise, each throws
// EFI_INVALID_PARAMETER for a malformed path.

/** An End Entire node: the path of nothing. */
export function endDevicePath(): DevicePath {
  return createDeviceNode(
    END_DEVICE_PATH_TYPE,
    END_ENTIRE_DEVICE_PATH_SUBTYPE,
    DEVICE_PATH_HEADER_LENGTH,
  );
}

/** A path of these nodes: `devicePath(pciRootNode(0), pciNode(2, 0))`. */
export function devicePath(...nodes: readonly DevicePathNode[]): DevicePath {
  return concatBytes(...nodes, endDevicePath());
}

/** GetDevicePathSize (§10.5.2): in bytes, End Entire node included; 0 for a malformed path. */
export function getDevicePathSize(path: DevicePath): number {
  const size = sizeOfNodes(path);
  return size === undefined ? 0 : size + DEVICE_PATH_HEADER_LENGTH;
}

/**
 * IsDevicePathValid() of UefiDevicePathLib: whether every node lies within the path and a file path
 * ends with a NUL.
 */
export function isDevicePathValid(path: DevicePath): boolean {
  if (sizeOfNodes(path) === undefined) return false;
  return [...devicePathNodes(path)].every(
    (node) => !isDevicePathNode(node, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP) || endsWithNul(node),
  );
}

/** DuplicateDevicePath (§10.5.3), without whatever stands behind the End Entire node. */
export function duplicateDevicePath(path: DevicePath): DevicePath {
  return concatBytes(devicePathBody(path), endDevicePath());
}

/** AppendDevicePath (§10.5.4): the nodes of the first, then those of the second. */
export function appendDevicePath(
  first: DevicePath | undefined,
  second: DevicePath | undefined,
): DevicePath {
  return devicePath(
    first === undefined ? new Uint8Array(0) : devicePathBody(first),
    second === undefined ? new Uint8Array(0) : devicePathBody(second),
  );
}

/** AppendDeviceNode (§10.5.5): a child's path is its parent's and a node. */
export function appendDevicePathNode(
  path: DevicePath | undefined,
  node: DevicePathNode | undefined,
): DevicePath {
  return appendDevicePath(path, node === undefined ? undefined : devicePath(node));
}

/** AppendDevicePathInstance (§10.5.6): the first path, then the second as one more instance. */
export function appendDevicePathInstance(
  path: DevicePath | undefined,
  instance: DevicePath,
): DevicePath {
  if (path === undefined) return duplicateDevicePath(instance);
  const separator = createDeviceNode(
    END_DEVICE_PATH_TYPE,
    END_INSTANCE_DEVICE_PATH_SUBTYPE,
    DEVICE_PATH_HEADER_LENGTH,
  );
  return devicePath(devicePathBody(path), separator, devicePathBody(instance));
}

/** GetNextDevicePathInstance (§10.5.7) as one list: each instance as a path of its own. */
export function devicePathInstances(path: DevicePath): readonly DevicePath[] {
  const instances: DevicePath[] = [];
  let nodes: DevicePathNode[] = [];
  for (const node of devicePathNodes(path)) {
    if (isDevicePathEndInstance(node)) {
      instances.push(devicePath(...nodes));
      nodes = [];
    } else {
      nodes.push(node);
    }
  }
  instances.push(devicePath(...nodes));
  return instances;
}

/** IsDevicePathMultiInstance (§10.5.9); a malformed path has no instances. */
export function isDevicePathMultiInstance(path: DevicePath): boolean {
  return (
    sizeOfNodes(path) !== undefined && [...devicePathNodes(path)].some(isDevicePathEndInstance)
  );
}

/** Whether two paths have the same nodes, whatever stands behind their ends. */
export function devicePathsEqual(left: DevicePath, right: DevicePath): boolean {
  return bytesEqual(devicePathBody(left), devicePathBody(right));
}

/**
 * What of a path is left behind a prefix of it, as LocateDevicePath and a bus driver need it.
 * @returns the rest, an End Entire node if nothing is left; `undefined` if it is no prefix
 */
export function devicePathAfter(prefix: DevicePath, path: DevicePath): DevicePath | undefined {
  const head = devicePathBody(prefix);
  const whole = devicePathBody(path);
  if (!startsWithBytes(whole, head)) return undefined;
  return devicePath(whole.subarray(head.length));
}

/** In bytes, without the End Entire node; `undefined` for a malformed path. */
function sizeOfNodes(path: DevicePath): number | undefined {
  try {
    return devicePathBody(path).length;
  } catch (caught) {
    if (isEfiFailure(caught)) return undefined;
    throw caught;
  }
}

function endsWithNul(node: DevicePathNode): boolean {
  return node.length >= DEVICE_PATH_HEADER_LENGTH + 2 && node.at(-1) === 0 && node.at(-2) === 0;
}
