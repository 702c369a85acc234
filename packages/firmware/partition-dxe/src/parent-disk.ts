import type {
  DevicePath,
  EfiBlockIo,
  EfiBootServices,
  EfiDiskIo,
  EfiHandle,
  Protocol,
} from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  DiskIoProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EfiError,
  PartitionInfoProtocol,
  isEfiError,
} from '@dxelab/uefi';
import type { Unwind } from '@dxelab/uefi-lib';
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
  const byDriver = <I>(protocol: Protocol<I>): I => {
    const attributes = EFI_OPEN_PROTOCOL_BY_DRIVER;
    const opened = bs.tryOpenProtocol(controller, protocol, agent, controller, attributes);
    if (opened.status === 'EFI_SUCCESS') {
      unwind.push(() => bs.closeProtocol(controller, protocol, agent, controller));
    }
    if (opened.interface !== undefined) return opened.interface;
    const status = isEfiError(opened.status) ? opened.status : 'EFI_UNSUPPORTED';
    throw new EfiError(status, `the disk has no ${protocol.name} to open`);
  };
  const get = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
  const blockIo = bs.openProtocol(controller, BlockIoProtocol, agent, controller, get);
  const devicePath = byDriver(DevicePathProtocol);
  const diskIo = byDriver(DiskIoProtocol);
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
