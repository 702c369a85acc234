import {
  MBR_SIZE,
  PMBR_GPT_PARTITION,
  isExtendedMbrRecord,
  isUsedMbrRecord,
  mbrProblem,
  readMbr,
  readMbrRecord,
} from '@dxelab/uefi';
import { DEBUG_VERBOSE } from '@dxelab/uefi-lib';
import type { Disk, PartitionAbove } from '../disk.ts';
import type { PartitionQuirks } from '../partition-quirks.ts';
import type { Partition } from '../partition.ts';
import { findLogicalDrives } from './find-logical-drives.ts';
import { mbrPartition } from './mbr-partition.ts';

/**
 * The partitions of an MBR, or, on a disk that is itself an extended partition, its logical drives
 * (UEFI §5.2; MdeModulePkg/Universal/Disk/PartitionDxe/Mbr.c).
 * @returns `undefined` if there are none
 * @throws what DiskIo fails with
 */
export function findMbrPartitions(
  disk: Disk,
  quirks: PartitionQuirks,
): readonly Partition[] | undefined {
  if (disk.blockSize < MBR_SIZE) return undefined;
  const { above } = disk;
  if (above !== undefined && !mayHoldLogicalDrives(above, quirks)) return undefined;
  const mbr = readMbr(disk.readBlock(0));
  const problem = mbrProblem(mbr, lastBlock(disk, quirks));
  if (problem !== undefined) {
    disk.debug.debug(DEBUG_VERBOSE, `MBR: block 0 is none: ${problem}`);
    return undefined;
  }
  const partitions =
    above === undefined
      ? primaryPartitions(disk, mbr, quirks)
      : findLogicalDrives(disk, above.hardDrive, quirks);
  return partitions.length === 0 ? undefined : partitions;
}

/** What protects a GPT is no partition: it covers the headers. */
function primaryPartitions(
  disk: Disk,
  { partitions, uniqueMbrSignature }: ReturnType<typeof readMbr>,
  quirks: PartitionQuirks,
): readonly Partition[] {
  const signature = new Uint8Array(16);
  signature.set(uniqueMbrSignature);
  return partitions.flatMap((record, index) => {
    if (!isUsedMbrRecord(record) || record.osIndicator === PMBR_GPT_PARTITION) return [];
    const place = {
      partitionNumber: index + 1,
      partitionStart: record.startingLba,
      signature,
    };
    return [mbrPartition(disk, record, place, record.startingLba, quirks)];
  });
}

/** A boot sector looks much like an MBR: a chain is only where the table above says so. */
function mayHoldLogicalDrives({ info }: PartitionAbove, quirks: PartitionQuirks): boolean {
  if (quirks.logicalDrivesInAnyPartition) return true;
  if (info?.type !== 'PARTITION_TYPE_MBR') return false;
  return isExtendedMbrRecord(readMbrRecord(info.entry));
}

function lastBlock(disk: Disk, quirks: PartitionQuirks): number {
  return quirks.mbrBlocksOf512Bytes ? Math.floor(disk.size / MBR_SIZE) - 1 : disk.lastBlock;
}
