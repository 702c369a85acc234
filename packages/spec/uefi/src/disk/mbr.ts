import { viewOf } from '../bytes.ts';

/** The length of an MBR in bytes, whatever the block that it stands in (UEFI §5.2.1). */
export const MBR_SIZE = 512;
export const MBR_SIGNATURE = 0xaa55;
export const MAX_MBR_PARTITIONS = 4;

/** OSIndicator: the types that firmware knows (UEFI §5.2.2 and MdePkg/Include/IndustryStandard/Mbr.h). */
export const EXTENDED_DOS_PARTITION = 0x05;
export const EXTENDED_WINDOWS_PARTITION = 0x0f;
/** The partition that protects a GPT. */
export const PMBR_GPT_PARTITION = 0xee;
/** The EFI system partition. */
export const EFI_PARTITION = 0xef;

const UNIQUE_MBR_SIGNATURE = 440;
const PARTITION_RECORDS = 446;
const PARTITION_RECORD_LENGTH = 16;
const SIGNATURE = 510;

/** MBR_PARTITION_RECORD (UEFI §5.2.1, Table 5.2), without its cylinders, heads and sectors. */
export interface MbrPartitionRecord {
  /** 0x80 for the partition that a BIOS boots from. */
  readonly bootIndicator: number;
  /** The type; 0 is an unused record. */
  readonly osIndicator: number;
  /** The first block. */
  readonly startingLba: number;
  /** In blocks. */
  readonly sizeInLba: number;
  /** The record as it stands on the disk. */
  readonly bytes: Uint8Array;
}

/** MASTER_BOOT_RECORD (UEFI §5.2.1, Table 5.1). */
export interface MasterBootRecord {
  /** 4 bytes that tell disks apart; the operating system writes them. */
  readonly uniqueMbrSignature: Uint8Array;
  readonly partitions: readonly MbrPartitionRecord[];
  readonly signature: number;
}

/**
 * Reads an MBR, or the boot record of a logical drive, without judging it.
 * @param block at least its first 512 bytes; what is missing reads as zero
 */
export function readMbr(block: Uint8Array): MasterBootRecord {
  const bytes = new Uint8Array(MBR_SIZE);
  bytes.set(block.subarray(0, MBR_SIZE));
  const records = Array.from({ length: MAX_MBR_PARTITIONS }, (_, index) => {
    const offset = PARTITION_RECORDS + index * PARTITION_RECORD_LENGTH;
    return readMbrRecord(bytes.subarray(offset, offset + PARTITION_RECORD_LENGTH));
  });
  return {
    uniqueMbrSignature: bytes.subarray(UNIQUE_MBR_SIGNATURE, UNIQUE_MBR_SIGNATURE + 4),
    partitions: records,
    signature: viewOf(bytes).getUint16(SIGNATURE, true),
  };
}

/** Reads one record of 16 bytes, as EFI_PARTITION_INFO_PROTOCOL carries it. */
export function readMbrRecord(bytes: Uint8Array): MbrPartitionRecord {
  const view = viewOf(bytes);
  return {
    bootIndicator: view.getUint8(0),
    osIndicator: view.getUint8(4),
    startingLba: view.getUint32(8, true),
    sizeInLba: view.getUint32(12, true),
    bytes,
  };
}

/** Whether a record describes blocks at all. */
export function isUsedMbrRecord(record: MbrPartitionRecord): boolean {
  return record.osIndicator !== 0 && record.sizeInLba !== 0;
}

/** Whether a record describes an extended partition, which holds logical drives. */
export function isExtendedMbrRecord(record: MbrPartitionRecord): boolean {
  return (
    record.osIndicator === EXTENDED_DOS_PARTITION ||
    record.osIndicator === EXTENDED_WINDOWS_PARTITION
  );
}

/** Whether this is a protective MBR: one record of type 0xEE that begins at block 1 (UEFI §5.2.3). */
export function isProtectiveMbr(mbr: MasterBootRecord): boolean {
  return mbr.partitions.some(
    (record) => record.osIndicator === PMBR_GPT_PARTITION && record.startingLba === 1,
  );
}

/**
 * What keeps a block from being an MBR; `undefined` if it is one. A FAT boot sector carries the same
 * signature, so that the records have to make sense, too.
 * @param lastBlock the last block of the disk, inclusive
 */
export function mbrProblem(mbr: MasterBootRecord, lastBlock: number): string | undefined {
  if (mbr.signature !== MBR_SIGNATURE) {
    return `expected the signature 0xaa55, found 0x${mbr.signature.toString(16)}`;
  }
  const used = mbr.partitions.filter(isUsedMbrRecord);
  if (used.length === 0) return 'no partition record is used';
  for (const [index, record] of used.entries()) {
    const last = lastLba(record);
    if (last > lastBlock) {
      return `a partition ends with block ${last}, the disk with block ${lastBlock}`;
    }
    const other = used.slice(index + 1).find((later) => overlap(record, later));
    if (other !== undefined) {
      return `the partitions that begin at block ${record.startingLba} and ${other.startingLba} overlap`;
    }
  }
  return undefined;
}

function lastLba(record: MbrPartitionRecord): number {
  return record.startingLba + record.sizeInLba - 1;
}

function overlap(one: MbrPartitionRecord, other: MbrPartitionRecord): boolean {
  return one.startingLba <= lastLba(other) && other.startingLba <= lastLba(one);
}
