import { getBigEndian, getBigUint64, setBigEndian } from './big-endian.ts';

/** Bytes of READ CAPACITY (10) and (16) data (SBC-4). */
export const SCSI_READ_CAPACITY_10_SIZE = 8;
export const SCSI_READ_CAPACITY_16_SIZE = 32;

/** What READ CAPACITY (10) says of a disk that is too large for it (SBC-4). */
export const SCSI_CAPACITY_TOO_LARGE = 0xffff_ffff;

/** READ CAPACITY (10) data (SBC-4). */
export interface ScsiReadCapacity10 {
  /** The last block's address, or SCSI_CAPACITY_TOO_LARGE: then ask for the 16-byte form. */
  readonly lastLba: number;
  /** In bytes. */
  readonly blockSize: number;
}

/** READ CAPACITY (16) data (SBC-4). */
export interface ScsiReadCapacity16 {
  /** The last block's address. */
  readonly lastLba: bigint;
  /** In bytes. */
  readonly blockSize: number;
  /** Blocks carry protection information. */
  readonly protection: boolean;
  /** Blocks in a physical block, as a power of two: 3 is 4096 bytes over 512. */
  readonly physicalBlockExponent: number;
  /** Blocks may be unmapped (LBPME). */
  readonly provisioningManaged: boolean;
  /** Unmapped blocks read as zeros (LBPRZ). */
  readonly unmappedReadZeros: boolean;
  /** The first block at which a physical block begins. */
  readonly lowestAlignedLba: number;
}

/** Writes READ CAPACITY (10) data. */
export function readCapacity10Data({ lastLba, blockSize }: ScsiReadCapacity10): Uint8Array {
  const data = new Uint8Array(SCSI_READ_CAPACITY_10_SIZE);
  setBigEndian(data, 0, 4, lastLba);
  setBigEndian(data, 4, 4, blockSize);
  return data;
}

/** Reads READ CAPACITY (10) data. @returns undefined if they are too short */
export function readReadCapacity10(data: Uint8Array): ScsiReadCapacity10 | undefined {
  if (data.length < SCSI_READ_CAPACITY_10_SIZE) return undefined;
  return { lastLba: getBigEndian(data, 0, 4), blockSize: getBigEndian(data, 4, 4) };
}

/** Writes READ CAPACITY (16) data. */
export function readCapacity16Data(capacity: ScsiReadCapacity16): Uint8Array {
  const data = new Uint8Array(SCSI_READ_CAPACITY_16_SIZE);
  new DataView(data.buffer).setBigUint64(0, capacity.lastLba);
  setBigEndian(data, 8, 4, capacity.blockSize);
  data[12] = capacity.protection ? 0x01 : 0;
  data[13] = capacity.physicalBlockExponent;
  setBigEndian(data, 14, 2, capacity.lowestAlignedLba);
  if (capacity.provisioningManaged) data[14] = (data[14] ?? 0) | 0x80;
  if (capacity.unmappedReadZeros) data[14] = (data[14] ?? 0) | 0x40;
  return data;
}

/** Reads READ CAPACITY (16) data; a device may send fewer bytes, but 12. @returns undefined if not */
export function readReadCapacity16(data: Uint8Array): ScsiReadCapacity16 | undefined {
  if (data.length < 12) return undefined;
  const alignment = getBigEndian(data, 14, 2);
  return {
    lastLba: getBigUint64(data, 0),
    blockSize: getBigEndian(data, 8, 4),
    protection: ((data[12] ?? 0) & 0x01) !== 0,
    physicalBlockExponent: (data[13] ?? 0) & 0xf,
    provisioningManaged: (alignment & 0x8000) !== 0,
    unmappedReadZeros: (alignment & 0x4000) !== 0,
    lowestAlignedLba: alignment & 0x3fff,
  };
}
