import type { DevicePath, EfiBlockIo, EfiBootServices, EfiDiskIo, EfiHandle } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  DiskIoProtocol,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  PartitionInfoProtocol,
} from '@dxelab/uefi';
import type { Unwind } from '@dxelab/uefi-lib';
import { openParent } from '@dxelab/uefi-lib';
import type { PartitionAbove } from './disk.ts';
import { placeAbove } from './place.ts';

/** What the driver uses of the disk that it manages. */
export interface ParentDisk {
  readonly blockIo: EfiBlockIo;
  readonly diskIo: EfiDiskIo;
  readonly devicePath: DevicePath;
  /** Present if the disk is itself a partition. */
  readonly above: PartitionAbove | undefined;
}

/**
 * Opens a disk BY_DRIVER; an earlier Start may have done so already.
 * @param unwind is told how to close what this call has opened
 * @throws EFI_UNSUPPORTED, EFI_ACCESS_DENIED
 */
export function openParentDisk(
  bs: EfiBootServices,
  agent: EfiHandle,
  controller: EfiHandle,
  unwind: Unwind,
): ParentDisk {
  const parent = { agent, controller };
  const get = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
  const blockIo = bs.openProtocol(controller, BlockIoProtocol, agent, controller, get);
  const devicePath = openParent(bs, parent, DevicePathProtocol, unwind);
  const diskIo = openParent(bs, parent, DiskIoProtocol, unwind);
  const info = bs.tryOpenProtocol(controller, PartitionInfoProtocol, agent, controller, get);
  return { blockIo, diskIo, devicePath, above: placeAbove(devicePath, info.interface) };
}

/** Closes what `openParentDisk` has opened, now or in an earlier Start. */
export function closeParentDisk(
  bs: EfiBootServices,
  agent: EfiHandle,
  controller: EfiHandle,
): void {
  bs.closeProtocol(controller, DiskIoProtocol, agent, controller);
  bs.closeProtocol(controller, DevicePathProtocol, agent, controller);
}
