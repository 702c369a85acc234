import type { DevicePath, DevicePathNode, EfiPartitionInfo, HardDrive } from '@dxelab/uefi';
import {
  MEDIA_CDROM_DP,
  MEDIA_DEVICE_PATH,
  MEDIA_HARDDRIVE_DP,
  devicePathNodes,
  isDevicePathNode,
  readHardDriveNode,
} from '@dxelab/uefi';
import type { PartitionAbove } from './disk.ts';

/** Partitions within partitions are rare; without an end a disk could nest them by the thousand. */
export const MOST_NESTED_PARTITIONS = 8;

/** How many partitions a device path leads through. */
export function nesting(devicePath: DevicePath): number {
  return [...devicePathNodes(devicePath)].filter(
    (node) =>
      isDevicePathNode(node, MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP) ||
      isDevicePathNode(node, MEDIA_DEVICE_PATH, MEDIA_CDROM_DP),
  ).length;
}

/** The place of a disk that is itself a partition: its device path ends with a hard drive node. */
export function placeAbove(
  devicePath: DevicePath,
  info: EfiPartitionInfo | undefined,
): PartitionAbove | undefined {
  const last = [...devicePathNodes(devicePath)].at(-1);
  const hardDrive = last && readHardDriveNode(last);
  return hardDrive === undefined ? undefined : { hardDrive, info };
}

/** Whether a remaining device path begins with a hard drive node of the right length. */
export function namesPartition(remaining: DevicePath): boolean {
  return firstHardDrive(remaining) !== undefined;
}

/** Whether a remaining device path asks for the partition of this node: the number decides. */
export function isNamed(node: DevicePathNode, remaining: DevicePath): boolean {
  const wanted = firstHardDrive(remaining)?.partitionNumber;
  return wanted !== undefined && readHardDriveNode(node)?.partitionNumber === wanted;
}

function firstHardDrive(path: DevicePath): HardDrive | undefined {
  const [first] = devicePathNodes(path);
  return first && readHardDriveNode(first);
}
