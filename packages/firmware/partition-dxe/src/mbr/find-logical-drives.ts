import type { HardDrive, MbrPartitionRecord } from '@dxelab/uefi';
import { MBR_SIGNATURE, isExtendedMbrRecord, isUsedMbrRecord, readMbr } from '@dxelab/uefi';
import { DEBUG_WARN } from '@dxelab/uefi-lib';
import type { Disk } from '../disk.ts';
import type { PartitionQuirks } from '../partition-quirks.ts';
import type { Partition } from '../partition.ts';
import { mbrPartition } from './mbr-partition.ts';

/** Far more than any system makes; a longer chain is cut here. */
const MOST_BOOT_RECORDS = 256;

/** The signature of the disk stands in the MBR; the boot record of a drive has none. */
const NO_SIGNATURE = new Uint8Array(16);

/**
 * The logical drives of an extended partition: a chain of boot records, each with one drive, counted
 * from its own block, and a link, counted from the beginning of the extended partition. It ends where
 * it makes no sense any more.
 * @param extended the extended partition's own place on the whole disk
 * @throws what DiskIo fails with
 */
export function findLogicalDrives(
  disk: Disk,
  extended: HardDrive,
  quirks: PartitionQuirks,
): readonly Partition[] {
  const drives: Partition[] = [];
  const visited = new Set<number>();
  let bootRecord: number | undefined = 0;
  while (bootRecord !== undefined) {
    const problem = linkProblem(disk, bootRecord, visited);
    if (problem !== undefined) return cut(disk, drives, problem);
    visited.add(bootRecord);
    const { partitions, signature } = readMbr(disk.readBlock(bootRecord));
    const [drive, link] = partitions;
    if (signature !== MBR_SIGNATURE) {
      return cut(disk, drives, `block ${bootRecord} has no boot record`);
    }
    // Some tools write the link alone, in the first place.
    if (drive !== undefined && isExtendedMbrRecord(drive)) {
      bootRecord = target(drive);
      continue;
    }
    if (drive !== undefined && isUsedMbrRecord(drive)) {
      const first = bootRecord + drive.startingLba;
      const wrong = driveProblem(disk, first, drive, drives);
      if (wrong !== undefined) return cut(disk, drives, wrong);
      const place = {
        partitionNumber: drives.length + 1,
        partitionStart: BigInt(extended.partitionStart) + BigInt(first),
        signature: NO_SIGNATURE,
      };
      drives.push(mbrPartition(disk, drive, place, first, quirks));
    }
    bootRecord = link !== undefined && isExtendedMbrRecord(link) ? target(link) : undefined;
  }
  return drives;
}

/** A link to block 0 would be one to the beginning of the chain: it is none. */
function target(link: MbrPartitionRecord): number | undefined {
  return link.startingLba === 0 ? undefined : link.startingLba;
}

function linkProblem(disk: Disk, lba: number, visited: ReadonlySet<number>): string | undefined {
  if (lba > disk.lastBlock) return `a link to block ${lba}, but the last one is ${disk.lastBlock}`;
  if (visited.has(lba)) return `a link back to block ${lba}`;
  return visited.size < MOST_BOOT_RECORDS
    ? undefined
    : `more than ${MOST_BOOT_RECORDS} boot records`;
}

function driveProblem(
  disk: Disk,
  first: number,
  { startingLba, sizeInLba }: MbrPartitionRecord,
  drives: readonly Partition[],
): string | undefined {
  if (startingLba === 0) return `the drive of block ${first} begins with its own boot record`;
  if (first + sizeInLba - 1 > disk.lastBlock) {
    return `a drive ends with block ${first + sizeInLba - 1}, the partition with ${disk.lastBlock}`;
  }
  const start = first * disk.blockSize;
  const end = start + sizeInLba * disk.blockSize;
  const other = drives.find((drive) => start < drive.start + drive.size && drive.start < end);
  return other === undefined ? undefined : `the drive at block ${first} overlaps with another`;
}

function cut(disk: Disk, drives: readonly Partition[], problem: string): readonly Partition[] {
  disk.debug.debug(DEBUG_WARN, `MBR: ${drives.length} logical drives, then ${problem}`);
  return drives;
}
