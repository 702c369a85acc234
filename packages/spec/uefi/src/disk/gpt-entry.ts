import { viewOf } from '../bytes.ts';
import type { Guid } from '../guid.ts';
import { guidFromBytes, guidToBytes } from '../guid.ts';

const GUID_LENGTH = 16;
const NAME = 56;
/** In UTF-16 code units, a terminating NUL included if there is room for one. */
const NAME_LENGTH = 36;

/** Attributes of a partition (UEFI §5.3.3, Table 5.8). */
export const GPT_ATTRIBUTE_REQUIRED: bigint = 1n << 0n;
/** Firmware must not produce EFI_BLOCK_IO_PROTOCOL for the partition. */
export const GPT_ATTRIBUTE_NO_BLOCK_IO: bigint = 1n << 1n;
export const GPT_ATTRIBUTE_LEGACY_BOOTABLE: bigint = 1n << 2n;

/** EFI_PARTITION_ENTRY (UEFI §5.3.3, Table 5.6). */
export interface GptEntry {
  /** All zeros: the entry is unused. */
  readonly partitionTypeGuid: Guid;
  readonly uniquePartitionGuid: Guid;
  readonly startingLba: bigint;
  /** Inclusive. */
  readonly endingLba: bigint;
  readonly attributes: bigint;
  readonly partitionName: string;
  /** The entry as it stands on the disk. */
  readonly bytes: Uint8Array;
}

/**
 * Reads one entry, without judging it.
 * @param bytes at least 128: what an entry has beyond is reserved
 */
export function readGptEntry(bytes: Uint8Array): GptEntry {
  const view = viewOf(bytes);
  const units = Array.from({ length: NAME_LENGTH }, (_, index) =>
    view.getUint16(NAME + index * 2, true),
  );
  const end = units.indexOf(0);
  return {
    partitionTypeGuid: guidFromBytes(bytes, 0),
    uniquePartitionGuid: guidFromBytes(bytes, 16),
    startingLba: view.getBigUint64(32, true),
    endingLba: view.getBigUint64(40, true),
    attributes: view.getBigUint64(48, true),
    partitionName: String.fromCharCode(...units.slice(0, end < 0 ? NAME_LENGTH : end)),
    bytes,
  };
}

/** The bytes of an entry; a name that is too long is cut. */
export function writeGptEntry(entry: Omit<GptEntry, 'bytes'>, size = 128): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  bytes.set(guidToBytes(entry.partitionTypeGuid), 0);
  bytes.set(guidToBytes(entry.uniquePartitionGuid), 16);
  view.setBigUint64(32, entry.startingLba, true);
  view.setBigUint64(40, entry.endingLba, true);
  view.setBigUint64(48, entry.attributes, true);
  for (let index = 0; index < Math.min(entry.partitionName.length, NAME_LENGTH); index += 1) {
    view.setUint16(NAME + index * 2, entry.partitionName.charCodeAt(index), true);
  }
  return bytes;
}

/** Whether the bytes of an entry describe a partition: its type is not all zeros. */
export function isUsedGptEntry(bytes: Uint8Array): boolean {
  return bytes.subarray(0, GUID_LENGTH).some((byte) => byte !== 0);
}
