import type { DevicePath, DevicePathNode, HardDrive } from '@dxelab/uefi';
import { devicePathNodes, guidFromBytes, readHardDriveNode } from '@dxelab/uefi';

/**
 * Whether a partition is the one that a short form means: by its number, its signature and their types.
 * Where the partition begins and how long it is may have changed since the option was written.
 * BmMatchPartitionDevicePathNode() of UefiBootManagerLib.
 * @param partition the full path of a partition: its last node is what counts
 */
export function matchHardDrive(partition: DevicePath, wanted: DevicePathNode): boolean {
  const last = [...devicePathNodes(partition)].at(-1);
  const [found, meant] = [last && readHardDriveNode(last), readHardDriveNode(wanted)];
  return found !== undefined && meant !== undefined && isSameDrive(found, meant);
}

function isSameDrive(left: HardDrive, right: HardDrive): boolean {
  return (
    left.partitionNumber === right.partitionNumber &&
    left.mbrType === right.mbrType &&
    left.signatureType === right.signatureType &&
    guidFromBytes(left.signature) === guidFromBytes(right.signature)
  );
}
