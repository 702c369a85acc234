import type { DevicePathNode } from '@dxelab/uefi';

/**
 * The node that bytes begin with. Its header tells where it ends: behind it, a caller may have the rest
 * of a path, as a pointer into one has.
 * @returns `undefined` if the header is not there, or counts less than itself or more than there is
 */
export function nodeAt(bytes: Uint8Array): DevicePathNode | undefined {
  const length = (bytes[2] ?? 0) | ((bytes[3] ?? 0) << 8);
  return length >= 4 && length <= bytes.length ? bytes.subarray(0, length) : undefined;
}
