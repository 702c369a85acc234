import { viewOf } from '../bytes.ts';
import type { Guid } from '../guid.ts';
import type { DevicePathNode } from './node.ts';
import {
  bytesField,
  char16Field,
  char8Field,
  guidField,
  isDevicePathNode,
  packNode,
  uint16,
  uint32,
  uint64,
  uint8,
} from './node.ts';
import {
  BBS_BBS_DP,
  BBS_DEVICE_PATH,
  MEDIA_CDROM_DP,
  MEDIA_DEVICE_PATH,
  MEDIA_FILEPATH_DP,
  MEDIA_HARDDRIVE_DP,
  MEDIA_PIWG_FW_FILE_DP,
  MEDIA_PIWG_FW_VOL_DP,
  MEDIA_PROTOCOL_DP,
  MEDIA_RAM_DISK_DP,
  MEDIA_RELATIVE_OFFSET_RANGE_DP,
  MEDIA_VENDOR_DP,
} from './node-types.ts';

// Media nodes (UEFI §10.3.5) and the BBS node (§10.3.6). Every constructor throws
// EFI_INVALID_PARAMETER for a value too wide.

/** MBRType of a hard drive node: the format of the partition table. */
export const MBR_TYPE_PCAT = 0x01;
export const MBR_TYPE_EFI_PARTITION_TABLE_HEADER = 0x02;

/** SignatureType of a hard drive node. */
export const NO_DISK_SIGNATURE = 0x00;
export const SIGNATURE_TYPE_MBR = 0x01;
export const SIGNATURE_TYPE_GUID = 0x02;

/** The fields of a hard drive node (UEFI §10.3.5.1). */
export interface HardDrive {
  /** Counted from 1; 0 is the whole disk. */
  readonly partitionNumber: number;
  /** The first block. */
  readonly partitionStart: number | bigint;
  /** In blocks. */
  readonly partitionSize: number | bigint;
  /** 16 bytes: the partition's GUID, or the disk's 32-bit MBR signature and zeros. */
  readonly signature: Uint8Array;
  readonly mbrType: number;
  readonly signatureType: number;
}

/** The length of a hard drive node in bytes. */
export const HARD_DRIVE_NODE_LENGTH = 42;

export function hardDriveNode(drive: HardDrive): DevicePathNode {
  return packNode(
    MEDIA_DEVICE_PATH,
    MEDIA_HARDDRIVE_DP,
    uint32(drive.partitionNumber),
    uint64(drive.partitionStart),
    uint64(drive.partitionSize),
    bytesField(drive.signature, 16),
    uint8(drive.mbrType),
    uint8(drive.signatureType),
  );
}

/** The fields of a hard drive node; `undefined` if the node is none, or has not the length of one. */
export function readHardDriveNode(node: DevicePathNode): HardDrive | undefined {
  if (!isDevicePathNode(node, MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP)) return undefined;
  if (node.length !== HARD_DRIVE_NODE_LENGTH) return undefined;
  const view = viewOf(node);
  return {
    partitionNumber: view.getUint32(4, true),
    partitionStart: view.getBigUint64(8, true),
    partitionSize: view.getBigUint64(16, true),
    signature: node.slice(24, 40),
    mbrType: view.getUint8(40),
    signatureType: view.getUint8(41),
  };
}

/**
 * @param bootEntry the entry of the boot catalog; 0 is the default one
 * @param partitionStart the first block, of 2048 bytes
 * @param partitionSize in blocks
 */
export function cdromNode(
  bootEntry: number,
  partitionStart: number | bigint,
  partitionSize: number | bigint,
): DevicePathNode {
  return packNode(
    MEDIA_DEVICE_PATH,
    MEDIA_CDROM_DP,
    uint32(bootEntry),
    uint64(partitionStart),
    uint64(partitionSize),
  );
}

export function vendorMediaNode(
  vendor: Guid,
  data: Uint8Array = new Uint8Array(0),
): DevicePathNode {
  return packNode(MEDIA_DEVICE_PATH, MEDIA_VENDOR_DP, guidField(vendor), data);
}

/** @param pathName `\EFI\BOOT\BOOTX64.EFI` */
export function filePathNode(pathName: string): DevicePathNode {
  return packNode(MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, char16Field(pathName), uint16(0));
}

/** The name in a file path node, up to its NUL; `undefined` if the node is none. */
export function readFilePathNode(node: DevicePathNode): string | undefined {
  if (!isDevicePathNode(node, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP)) return undefined;
  const view = viewOf(node);
  let pathName = '';
  for (let offset = 4; offset + 2 <= node.length; offset += 2) {
    const unit = view.getUint16(offset, true);
    if (unit === 0) break;
    pathName += String.fromCharCode(unit);
  }
  return pathName;
}

export function mediaProtocolNode(protocol: Guid): DevicePathNode {
  return packNode(MEDIA_DEVICE_PATH, MEDIA_PROTOCOL_DP, guidField(protocol));
}

/** A file of a firmware volume (PI Vol. 3 §8.3). */
export function firmwareFileNode(fileName: Guid): DevicePathNode {
  return packNode(MEDIA_DEVICE_PATH, MEDIA_PIWG_FW_FILE_DP, guidField(fileName));
}

/** A firmware volume (PI Vol. 3 §8.2). */
export function firmwareVolumeNode(name: Guid): DevicePathNode {
  return packNode(MEDIA_DEVICE_PATH, MEDIA_PIWG_FW_VOL_DP, guidField(name));
}

/** Offsets in bytes, the last inclusive. */
export function relativeOffsetRangeNode(
  startingOffset: number | bigint,
  endingOffset: number | bigint,
): DevicePathNode {
  return packNode(
    MEDIA_DEVICE_PATH,
    MEDIA_RELATIVE_OFFSET_RANGE_DP,
    uint32(0),
    uint64(startingOffset),
    uint64(endingOffset),
  );
}

export function ramDiskNode(
  startingAddress: number | bigint,
  endingAddress: number | bigint,
  type: Guid,
  instance: number,
): DevicePathNode {
  return packNode(
    MEDIA_DEVICE_PATH,
    MEDIA_RAM_DISK_DP,
    uint64(startingAddress),
    uint64(endingAddress),
    guidField(type),
    uint16(instance),
  );
}

/** @param deviceType 1 floppy, 2 hard disk, 3 CD-ROM, 4 PCMCIA, 5 USB, 6 network, 0x80 BEV */
export function bbsNode(
  deviceType: number,
  statusFlag: number,
  description: string,
): DevicePathNode {
  return packNode(
    BBS_DEVICE_PATH,
    BBS_BBS_DP,
    uint16(deviceType),
    uint16(statusFlag),
    char8Field(description),
    uint8(0),
  );
}
