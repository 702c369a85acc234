import type { DevicePath, DevicePathNode, EfiBootServices, EfiHandle } from '@dxelab/uefi';
import {
  appendDevicePath,
  BlockIoProtocol,
  devicePath,
  devicePathAfter,
  devicePathNodes,
  devicePathsEqual,
  DevicePathProtocol,
  filePathNode,
  isDevicePathEnd,
  isDevicePathNode,
  MEDIA_DEVICE_PATH,
  MEDIA_FILEPATH_DP,
  MEDIA_PIWG_FW_FILE_DP,
  SimpleFileSystemProtocol,
} from '@dxelab/uefi';
import { connect, connectAll, connectDevicePath, handlesWith } from './connect.ts';
import { opened, pathOf } from './opened.ts';
import { expandLoadFile, expandUri } from './short-form/expand-load-file.ts';
import { expandUsb } from './short-form/expand-usb.ts';
import { matchHardDrive } from './short-form/match-hard-drive.ts';
import type { ShortForm } from './short-form/short-form.ts';
import { readShortForm } from './short-form/short-form.ts';

/**
 * The files that a boot option's path can mean, best first: a short form is expanded, a device
 * without a file system stands for the volumes below it, and where no file is named the
 * removable-media file is meant (UEFI §3.1.2, §3.5.1). Connects what is needed to tell.
 * MdeModulePkg/Library/UefiBootManagerLib/BmBoot.c.
 * @param removableMediaFile such as `\EFI\BOOT\BOOTX64.EFI`
 */
export function bootFiles(
  bs: EfiBootServices,
  path: DevicePath,
  removableMediaFile: string,
): readonly DevicePath[] {
  return expandShortForm(bs, path).flatMap((full) => {
    connectDevicePath(bs, full);
    const nodes = [...devicePathNodes(full)];
    if (nodes.some(isFirmwareFile)) return [full];
    const file = nodes.findIndex(isFilePath);
    if (file === -1) {
      const below = filesBelow(bs, full, devicePath(filePathNode(removableMediaFile)));
      return below.length > 0 ? below : (expandLoadFile(bs, full) ?? []);
    }
    const device = devicePath(...nodes.slice(0, file));
    if (volumes(bs).some((volume) => devicePathsEqual(volume, device))) return [full];
    const found = filesBelow(bs, device, devicePath(...nodes.slice(file)));
    // if there is no volume at all, LoadImage says so best
    return found.length > 0 ? found : [full];
  });
}

/** The paths of all volumes: those on removable media first, then other disks, then what is no disk. */
export function volumes(bs: EfiBootServices): readonly DevicePath[] {
  const handles = handlesWith(bs, SimpleFileSystemProtocol);
  const rank = (handle: EfiHandle): number => {
    const media = opened(bs, handle, BlockIoProtocol)?.media;
    if (media === undefined) return 2;
    return media.removableMedia ? 0 : 1;
  };
  return handles
    .toSorted((left, right) => rank(left) - rank(right))
    .flatMap((handle) => pathOf(bs, handle) ?? []);
}

function expandShortForm(bs: EfiBootServices, path: DevicePath): readonly DevicePath[] {
  if (isDevicePathEnd(path)) return [];
  const short = readShortForm(path);
  switch (short?.kind) {
    case 'HardDrive':
      return expandHardDrive(bs, short);
    case 'FilePath':
      connectAll(bs);
      return volumes(bs).map((volume) => appendDevicePath(volume, path));
    case 'UsbClass':
    case 'UsbWwid':
      return expandUsb(bs, path, short);
    case 'Uri':
      return expandUri(bs, path);
    case undefined:
    default:
      return [path];
  }
}

/** The partitions that a hard drive node means: among what is connected, or else among everything. */
function expandHardDrive(bs: EfiBootServices, short: ShortForm): readonly DevicePath[] {
  const search = (): readonly DevicePath[] =>
    handlesWith(bs, BlockIoProtocol)
      .flatMap((handle) => pathOf(bs, handle) ?? [])
      .filter((disk) => matchHardDrive(disk, short.node))
      .map((disk) => appendDevicePath(disk, short.rest));
  const found = search();
  if (found.length > 0) return found;
  connectAll(bs);
  return search();
}

/** A file on every volume of a device and of what lies below it. */
function filesBelow(
  bs: EfiBootServices,
  device: DevicePath,
  file: DevicePath,
): readonly DevicePath[] {
  for (const handle of handlesWith(bs, DevicePathProtocol)) {
    const path = pathOf(bs, handle);
    if (path !== undefined && devicePathAfter(device, path) !== undefined)
      connect(bs, handle, true);
  }
  return volumes(bs)
    .filter((volume) => devicePathAfter(device, volume) !== undefined)
    .map((volume) => appendDevicePath(volume, file));
}

function isFilePath(node: DevicePathNode): boolean {
  return isDevicePathNode(node, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP);
}

function isFirmwareFile(node: DevicePathNode): boolean {
  return isDevicePathNode(node, MEDIA_DEVICE_PATH, MEDIA_PIWG_FW_FILE_DP);
}
