import type { Guid } from '@dxelab/uefi';
import {
  EFI_PART_TYPE_EFI_SYSTEM_PART_GUID,
  crc32,
  guid,
  writeGptEntry,
  writeGptHeader,
} from '@dxelab/uefi';

export const LINUX_PARTITION: Guid = guid('0fc63daf-8483-4772-8e79-3d69d8477de4');
const UNIQUE: Guid = guid('01234567-89ab-cdef-0123-456789abcdef');

/** Writes records and the signature of an MBR into its block. */
export function writeMbr(
  block: Uint8Array,
  ...records: readonly (readonly [type: number, first: number, size: number])[]
): void {
  const view = new DataView(block.buffer, block.byteOffset);
  for (const [index, [type, first, size]] of records.entries()) {
    view.setUint8(446 + index * 16 + 4, type);
    view.setUint32(446 + index * 16 + 8, first, true);
    view.setUint32(446 + index * 16 + 12, size, true);
  }
  view.setUint16(510, 0xaa55, true);
}

/** A disk of blocks of 512 bytes with a GPT of up to 16 partitions; blocks inclusive, the first is the ESP. */
export function gptDisk(
  blocks: number,
  ...ranges: readonly (readonly [first: number, last: number])[]
): Uint8Array {
  const image = new Uint8Array(blocks * 512);
  writeMbr(image, [0xee, 1, blocks - 1]);
  const array = new Uint8Array(16 * 128);
  for (const [index, [first, last]] of ranges.entries()) {
    const entry = {
      partitionTypeGuid: index === 0 ? EFI_PART_TYPE_EFI_SYSTEM_PART_GUID : LINUX_PARTITION,
      uniquePartitionGuid: UNIQUE,
      startingLba: BigInt(first),
      endingLba: BigInt(last),
      attributes: 0n,
      partitionName: '',
    };
    array.set(writeGptEntry(entry), index * 128);
  }
  for (const [mine, other, entries] of [
    [1, blocks - 1, 2],
    [blocks - 1, 1, blocks - 5],
  ] as const) {
    const header = {
      headerSize: 92,
      myLba: BigInt(mine),
      alternateLba: BigInt(other),
      firstUsableLba: 6n,
      lastUsableLba: BigInt(blocks - 6),
      diskGuid: UNIQUE,
      partitionEntryLba: BigInt(entries),
      numberOfPartitionEntries: 16,
      sizeOfPartitionEntry: 128,
      partitionEntryArrayCrc32: crc32(array),
    };
    image.set(writeGptHeader(header, 512), mine * 512);
    image.set(array, entries * 512);
  }
  return image;
}
