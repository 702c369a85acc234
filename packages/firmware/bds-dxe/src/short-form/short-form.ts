import type { DevicePath, DevicePathNode } from '@dxelab/uefi';
import {
  devicePath,
  devicePathNodes,
  isDevicePathNode,
  MEDIA_DEVICE_PATH,
  MEDIA_FILEPATH_DP,
  MEDIA_HARDDRIVE_DP,
  MESSAGING_DEVICE_PATH,
  MSG_URI_DP,
  MSG_USB_CLASS_DP,
  MSG_USB_WWID_DP,
} from '@dxelab/uefi';

/** A path that leaves open where a device is, cut at the node that says which is meant (UEFI §3.1.2). */
export interface ShortForm {
  readonly kind: 'HardDrive' | 'FilePath' | 'Uri' | 'UsbClass' | 'UsbWwid';
  /** What every device that is meant lies below: nothing but for USB. */
  readonly parent: DevicePath;
  readonly node: DevicePathNode;
  readonly rest: DevicePath;
}

/** Kinds of nodes that a short form can begin with, and whether a path may lead to it. */
const KINDS = [
  ['HardDrive', MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP, false],
  ['FilePath', MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, false],
  ['Uri', MESSAGING_DEVICE_PATH, MSG_URI_DP, false],
  ['UsbClass', MESSAGING_DEVICE_PATH, MSG_USB_CLASS_DP, true],
  ['UsbWwid', MESSAGING_DEVICE_PATH, MSG_USB_WWID_DP, true],
] as const;

/**
 * The short form that a path is; `undefined` for a full path. A USB class or WWID may have a path in front
 * of it, all others begin the path. MdeModulePkg/Library/UefiBootManagerLib/BmBoot.c.
 * @throws EFI_INVALID_PARAMETER for a malformed path
 */
export function readShortForm(path: DevicePath): ShortForm | undefined {
  const nodes = [...devicePathNodes(path)];
  for (const [at, node] of nodes.entries()) {
    for (const [kind, type, subType, anywhere] of KINDS) {
      if (!isDevicePathNode(node, type, subType) || (at > 0 && !anywhere)) continue;
      return {
        kind,
        parent: devicePath(...nodes.slice(0, at)),
        node,
        rest: devicePath(...nodes.slice(at + 1)),
      };
    }
  }
  return undefined;
}
