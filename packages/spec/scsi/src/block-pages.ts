import { getBigEndian, setBigEndian } from './big-endian.ts';

/** The block limits page (SBC-4), in blocks; 0 says nothing of a limit. */
export interface ScsiBlockLimits {
  /** WRITE SAME of 0 blocks is refused, and does not mean all that follow (WSNZ). */
  readonly writeSameNonZero: boolean;
  readonly optimalTransferLengthGranularity: number;
  readonly maximumTransferLength: number;
  readonly optimalTransferLength: number;
  readonly maximumUnmapLbaCount: number;
  readonly maximumUnmapBlockDescriptorCount: number;
  readonly optimalUnmapGranularity: number;
  readonly maximumWriteSameLength: number;
}

/** Writes what the page has behind its header. */
export function blockLimitsData(limits: ScsiBlockLimits): Uint8Array {
  const data = new Uint8Array(0x3c);
  data[0] = limits.writeSameNonZero ? 1 : 0;
  setBigEndian(data, 2, 2, limits.optimalTransferLengthGranularity);
  setBigEndian(data, 4, 4, limits.maximumTransferLength);
  setBigEndian(data, 8, 4, limits.optimalTransferLength);
  setBigEndian(data, 16, 4, limits.maximumUnmapLbaCount);
  setBigEndian(data, 20, 4, limits.maximumUnmapBlockDescriptorCount);
  setBigEndian(data, 24, 4, limits.optimalUnmapGranularity);
  setBigEndian(data, 32, 8, limits.maximumWriteSameLength);
  return data;
}

/** Reads what the page has behind its header; what is missing counts as 0. */
export function readBlockLimits(data: Uint8Array): ScsiBlockLimits {
  return {
    writeSameNonZero: ((data[0] ?? 0) & 1) !== 0,
    optimalTransferLengthGranularity: getBigEndian(data, 2, 2),
    maximumTransferLength: getBigEndian(data, 4, 4),
    optimalTransferLength: getBigEndian(data, 8, 4),
    maximumUnmapLbaCount: getBigEndian(data, 16, 4),
    maximumUnmapBlockDescriptorCount: getBigEndian(data, 20, 4),
    optimalUnmapGranularity: getBigEndian(data, 24, 4),
    maximumWriteSameLength: getBigEndian(data, 32, 8),
  };
}

/** The medium does not rotate (SBC-4). */
export const SCSI_ROTATION_NONE = 1;

/** The block device characteristics page (SBC-4). */
export interface ScsiBlockDeviceCharacteristics {
  /** In rotations a minute from 0x401 on; SCSI_ROTATION_NONE; or 0: not said. */
  readonly rotationRate: number;
}

/** Writes what the page has behind its header. */
export function blockDeviceCharacteristicsData(
  characteristics: ScsiBlockDeviceCharacteristics,
): Uint8Array {
  const data = new Uint8Array(0x3c);
  setBigEndian(data, 0, 2, characteristics.rotationRate);
  return data;
}

/** Reads what the page has behind its header. */
export function readBlockDeviceCharacteristics(data: Uint8Array): ScsiBlockDeviceCharacteristics {
  return { rotationRate: getBigEndian(data, 0, 2) };
}

/** PROVISIONING TYPE (SBC-4): every block has its place, or only those that hold something. */
export const SCSI_PROVISIONING_FULL = 0;
export const SCSI_PROVISIONING_THIN = 2;

/** The logical block provisioning page (SBC-4). */
export interface ScsiLogicalBlockProvisioning {
  /** UNMAP, and WRITE SAME (16) and (10) that unmap, are there. */
  readonly unmap: boolean;
  readonly writeSame16: boolean;
  readonly writeSame10: boolean;
  /** Unmapped blocks read as zeros. */
  readonly readZeros: boolean;
  /** SCSI_PROVISIONING_*. */
  readonly provisioningType: number;
}

/** Writes what the page has behind its header. */
export function logicalBlockProvisioningData(
  provisioning: ScsiLogicalBlockProvisioning,
): Uint8Array {
  const { unmap, writeSame16, writeSame10, readZeros, provisioningType } = provisioning;
  let flags = unmap ? 0x80 : 0;
  if (writeSame16) flags |= 0x40;
  if (writeSame10) flags |= 0x20;
  if (readZeros) flags |= 0x04;
  return Uint8Array.of(0, flags, provisioningType, 0);
}

/** Reads what the page has behind its header. */
export function readLogicalBlockProvisioning(data: Uint8Array): ScsiLogicalBlockProvisioning {
  const [, flags = 0, type = 0] = data;
  return {
    unmap: (flags & 0x80) !== 0,
    writeSame16: (flags & 0x40) !== 0,
    writeSame10: (flags & 0x20) !== 0,
    readZeros: (flags & 0x1c) === 0x04,
    provisioningType: type & 7,
  };
}
