import { viewOf } from '../bytes.ts';
import { crc32 } from '../crc32.ts';
import type { Guid } from '../guid.ts';
import { guidFromBytes, guidToBytes } from '../guid.ts';
import type { Reading } from './reading.ts';
import { broken, sound } from './reading.ts';

/** "EFI PART", as the eight bytes that they are on the disk. */
const EFI_PTAB_HEADER_ID = 'EFI PART';
const GPT_HEADER_REVISION_V1 = 0x00010000;
/** All the fields that revision 1 has; the rest of the block is reserved. */
const MINIMUM_HEADER_SIZE = 92;
const HEADER_CRC32 = 16;

/** The block of the primary header; the backup stands in the last block of the disk. */
export const PRIMARY_PART_HEADER_LBA = 1;
/** In bytes, of the smallest partition entry. */
export const MINIMUM_PARTITION_ENTRY_SIZE = 128;

/** EFI_PARTITION_TABLE_HEADER (UEFI §5.3.2, Table 5.5). Its blocks may lie anywhere in 64 bits. */
export interface GptHeader {
  /** In bytes: what the header's CRC-32 covers. */
  readonly headerSize: number;
  /** The block that holds this header. */
  readonly myLba: bigint;
  /** The block that holds the other header. */
  readonly alternateLba: bigint;
  readonly firstUsableLba: bigint;
  /** Inclusive. */
  readonly lastUsableLba: bigint;
  readonly diskGuid: Guid;
  /** The first block of the array of partition entries. */
  readonly partitionEntryLba: bigint;
  readonly numberOfPartitionEntries: number;
  /** In bytes. */
  readonly sizeOfPartitionEntry: number;
  readonly partitionEntryArrayCrc32: number;
}

/**
 * Reads a GPT header and checks all that it says about itself (UEFI §5.3.2): signature, revision, size,
 * CRC-32, its own block, and the shape of the entries. Where its blocks lie, and whether the entries
 * match their CRC-32, only the disk can tell.
 * @param block the block that holds the header
 * @param lba the address of that block
 */
export function readGptHeader(block: Uint8Array, lba: number): Reading<GptHeader> {
  if (block.length < MINIMUM_HEADER_SIZE) {
    return broken(`expected a block of at least 92 bytes, found ${block.length}`);
  }
  const view = viewOf(block);
  const signature = String.fromCodePoint(...block.subarray(0, 8));
  if (signature !== EFI_PTAB_HEADER_ID) {
    return broken(
      `expected the signature "${EFI_PTAB_HEADER_ID}", found ${JSON.stringify(signature)}`,
    );
  }
  const revision = view.getUint32(8, true);
  if (revision !== GPT_HEADER_REVISION_V1) {
    return broken(`expected revision 0x10000, found 0x${revision.toString(16)}`);
  }
  const headerSize = view.getUint32(12, true);
  if (headerSize < MINIMUM_HEADER_SIZE || headerSize > block.length) {
    return broken(`expected a header size of 92 to ${block.length} bytes, found ${headerSize}`);
  }
  const header = readFields(view, block);
  const problem =
    crcProblem(view.getUint32(HEADER_CRC32, true), headerCrc32(block, headerSize), 'header') ??
    shapeProblem(header, lba);
  return problem === undefined ? sound(header) : broken(problem);
}

function readFields(view: DataView, block: Uint8Array): GptHeader {
  return {
    headerSize: view.getUint32(12, true),
    myLba: view.getBigUint64(24, true),
    alternateLba: view.getBigUint64(32, true),
    firstUsableLba: view.getBigUint64(40, true),
    lastUsableLba: view.getBigUint64(48, true),
    diskGuid: guidFromBytes(block, 56),
    partitionEntryLba: view.getBigUint64(72, true),
    numberOfPartitionEntries: view.getUint32(80, true),
    sizeOfPartitionEntry: view.getUint32(84, true),
    partitionEntryArrayCrc32: view.getUint32(88, true),
  };
}

function shapeProblem(header: GptHeader, lba: number): string | undefined {
  if (header.myLba !== BigInt(lba)) {
    return `the header in block ${lba} says that it is in block ${header.myLba}`;
  }
  if (header.numberOfPartitionEntries === 0) return 'the header has no partition entries';
  const size = header.sizeOfPartitionEntry;
  if (size < MINIMUM_PARTITION_ENTRY_SIZE || (size & (size - 1)) !== 0) {
    return `expected entries of 128 bytes times a power of two, found ${size}`;
  }
  return undefined;
}

/** What is wrong with a CRC-32; `undefined` if nothing is. */
export function crcProblem(expected: number, found: number, of: string): string | undefined {
  if (expected === found) return undefined;
  const [recorded, computed] = [expected, found].map((crc) => `0x${crc.toString(16)}`);
  return `the CRC-32 of the ${of} is ${computed}, recorded is ${recorded}`;
}

/**
 * A block that holds a header, with the CRC-32 of the header computed.
 * @param blockSize in bytes
 */
export function writeGptHeader(header: GptHeader, blockSize: number): Uint8Array {
  const block = new Uint8Array(blockSize);
  const view = viewOf(block);
  block.set(Uint8Array.from(EFI_PTAB_HEADER_ID, (letter) => letter.codePointAt(0) ?? 0));
  view.setUint32(8, GPT_HEADER_REVISION_V1, true);
  view.setUint32(12, header.headerSize, true);
  view.setBigUint64(24, header.myLba, true);
  view.setBigUint64(32, header.alternateLba, true);
  view.setBigUint64(40, header.firstUsableLba, true);
  view.setBigUint64(48, header.lastUsableLba, true);
  block.set(guidToBytes(header.diskGuid), 56);
  view.setBigUint64(72, header.partitionEntryLba, true);
  view.setUint32(80, header.numberOfPartitionEntries, true);
  view.setUint32(84, header.sizeOfPartitionEntry, true);
  view.setUint32(88, header.partitionEntryArrayCrc32, true);
  view.setUint32(HEADER_CRC32, headerCrc32(block, header.headerSize), true);
  return block;
}

/** The CRC-32 of a header, whose own field counts as zero. */
function headerCrc32(block: Uint8Array, headerSize: number): number {
  const copy = block.slice(0, headerSize);
  viewOf(copy).setUint32(HEADER_CRC32, 0, true);
  return crc32(copy);
}
