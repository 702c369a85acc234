import type { GptHeader, Guid } from '@dxelab/uefi';
import {
  EFI_PART_TYPE_EFI_SYSTEM_PART_GUID,
  crc32,
  guid,
  writeGptEntry,
  writeGptHeader,
} from '@dxelab/uefi';

export const LINUX_PARTITION: Guid = guid('0fc63daf-8483-4772-8e79-3d69d8477de4');
export const UNIQUE: Guid = guid('01234567-89ab-cdef-0123-456789abcdef');

/** One entry of a GPT: blocks inclusive. */
export interface GptPartitionOptions {
  readonly first: number | bigint;
  readonly last: number | bigint;
  readonly type?: Guid;
  readonly attributes?: bigint;
}

/** Writes the records of an MBR, or of the boot record of a logical drive, and its signature. */
export function writeMbrRecords(
  block: Uint8Array,
  ...records: readonly (readonly [type: number, first: number, size: number])[]
): void {
  const view = new DataView(block.buffer, block.byteOffset);
  for (const [index, [type, first, size]] of records.entries()) {
    const offset = 446 + index * 16;
    view.setUint8(offset + 4, type);
    view.setUint32(offset + 8, first, true);
    view.setUint32(offset + 12, size, true);
  }
  view.setUint16(510, 0xaa55, true);
}

/** An image with a protective MBR and both GPTs, of 4 blocks of 512 bytes for 16 entries. */
export function gptImage(
  blocks: number,
  partitions: readonly GptPartitionOptions[],
  blockSize = 512,
  change: Partial<GptHeader> = {},
): Uint8Array {
  const image = new Uint8Array(blocks * blockSize);
  writeMbrRecords(image, [0xee, 1, blocks - 1]);
  const array = new Uint8Array(16 * 128);
  for (const [index, { first, last, type, attributes }] of partitions.entries()) {
    const entry = {
      partitionTypeGuid: type ?? EFI_PART_TYPE_EFI_SYSTEM_PART_GUID,
      uniquePartitionGuid: UNIQUE,
      startingLba: BigInt(first),
      endingLba: BigInt(last),
      attributes: attributes ?? 0n,
      partitionName: `partition ${index + 1}`,
    };
    array.set(writeGptEntry(entry), index * 128);
  }
  const arrayBlocks = Math.ceil(array.length / blockSize);
  const header: GptHeader = {
    headerSize: 92,
    myLba: 1n,
    alternateLba: BigInt(blocks - 1),
    firstUsableLba: BigInt(2 + arrayBlocks),
    lastUsableLba: BigInt(blocks - 2 - arrayBlocks),
    diskGuid: UNIQUE,
    partitionEntryLba: 2n,
    numberOfPartitionEntries: 16,
    sizeOfPartitionEntry: 128,
    partitionEntryArrayCrc32: crc32(array),
    ...change,
  };
  const backup = {
    ...header,
    myLba: BigInt(blocks - 1),
    alternateLba: 1n,
    partitionEntryLba: BigInt(blocks - 1 - arrayBlocks),
  };
  image.set(writeGptHeader(header, blockSize), blockSize);
  image.set(array, 2 * blockSize);
  image.set(writeGptHeader(backup, blockSize), (blocks - 1) * blockSize);
  image.set(array, (blocks - 1 - arrayBlocks) * blockSize);
  return image;
}

/** An entry of a boot catalog: medium, virtual sectors, first sector of the CD. */
export type BootEntry = readonly [mediaType: number, sectorCount: number, loadRba: number];

/** The image of a CD of so many sectors of 2048 bytes, with its boot catalog in sector 19. */
export function cdImage(sectors: number, entries: readonly BootEntry[]): Uint8Array {
  const image = new Uint8Array(sectors * 2048);
  const view = new DataView(image.buffer);
  const text = (offset: number, value: string): void => {
    image.set(new TextEncoder().encode(value), offset);
  };
  for (const [index, type] of [1, 0, 255].entries()) {
    const offset = (16 + index) * 2048;
    image[offset] = type;
    text(offset + 1, 'CD001');
  }
  view.setUint32(16 * 2048 + 80, sectors, true);
  text(17 * 2048 + 7, 'EL TORITO SPECIFICATION');
  view.setUint32(17 * 2048 + 71, 19, true);
  const catalog = 19 * 2048;
  view.setUint16(catalog, 0xef01, true);
  view.setUint16(catalog + 28, 0x10000 - ((0xef01 + 0xaa55) & 0xffff), true);
  view.setUint16(catalog + 30, 0xaa55, true);
  for (const [index, [mediaType, sectorCount, loadRba]] of entries.entries()) {
    const offset = catalog + 32 + index * 32;
    view.setUint8(offset, 0x88);
    view.setUint8(offset + 1, mediaType);
    view.setUint16(offset + 6, sectorCount, true);
    view.setUint32(offset + 8, loadRba, true);
  }
  return image;
}
