import type { DevicePath, DevicePathNode } from '@dxelab/uefi';
import {
  devicePathNodes,
  EFI_VT_UTF8_GUID,
  isDevicePathEnd,
  vendorMessagingNode,
} from '@dxelab/uefi';

/** The node of the terminal that this driver makes: `VenVtUtf8()` (UEFI §10.3.4.17). */
export const TERMINAL_NODE: DevicePathNode = vendorMessagingNode(EFI_VT_UTF8_GUID);

/** Whether a remaining device path begins with a terminal that this driver can make, or asks for none. */
export function isTerminal(remaining: DevicePath | undefined): boolean {
  if (remaining === undefined || isDevicePathEnd(remaining)) return true;
  const [first] = devicePathNodes(remaining);
  return (
    first !== undefined &&
    first.length === TERMINAL_NODE.length &&
    first.every((byte, index) => byte === TERMINAL_NODE[index])
  );
}
