import type { NumberedGptEntry } from '@dxelab/uefi';
import {
  EFI_PARTITION_INFO_PROTOCOL_REVISION,
  EFI_PART_TYPE_EFI_SYSTEM_PART_GUID,
  GPT_ATTRIBUTE_NO_BLOCK_IO,
  MBR_SIZE,
  MBR_TYPE_EFI_PARTITION_TABLE_HEADER,
  PRIMARY_PART_HEADER_LBA,
  SIGNATURE_TYPE_GUID,
  guidToBytes,
  hardDriveNode,
  isProtectiveMbr,
  readGptEntries,
  readMbr,
} from '@dxelab/uefi';
import { DEBUG_ERROR, DEBUG_INFO, DEBUG_WARN } from '@dxelab/uefi-lib';
import type { Disk } from '../disk.ts';
import type { PartitionQuirks } from '../partition-quirks.ts';
import { partitionType } from '../partition-type.ts';
import type { Partition } from '../partition.ts';
import type { GptTable } from './gpt-table.ts';
import { readGptTable } from './gpt-table.ts';
import { restoreGptTable } from './restore-gpt.ts';

const PRIMARY = BigInt(PRIMARY_PART_HEADER_LBA);
const MAX_LBA = 2n ** 64n - 1n;

/**
 * The partitions of a GPT (UEFI §5.3; MdeModulePkg/Universal/Disk/PartitionDxe/Gpt.c).
 * @returns `undefined` if the disk has no GPT, or none that can be believed
 * @throws what DiskIo fails with on block 0, and EFI_MEDIA_CHANGED, EFI_NO_MEDIA
 */
export function findGptPartitions(
  disk: Disk,
  quirks: PartitionQuirks,
): readonly Partition[] | undefined {
  if (disk.blockSize < MBR_SIZE) return undefined;
  if (!isProtectiveMbr(readMbr(disk.readBlock(0)))) return undefined;
  const table = readGpt(disk, quirks.repairsGpt);
  if (table === undefined) return undefined;
  // EDK II trusts the header to know the size of the disk.
  const lastBlock = quirks.usableBlocksBelieved ? MAX_LBA : BigInt(disk.lastBlock);
  const { accepted, rejected } = readGptEntries(table.array, table.header, lastBlock);
  for (const { number, problem } of rejected) {
    disk.debug.debug(DEBUG_WARN, `GPT: partition ${number} is left out: ${problem}`);
  }
  return accepted.filter(isForFirmware).map((numbered) => gptPartition(disk, numbered));
}

/** The table that can be believed: the primary, or else the backup in the last block. */
function readGpt(disk: Disk, repairs: boolean): GptTable | undefined {
  const primary = readGptTable(disk, PRIMARY);
  if (primary.problem === undefined) {
    checkBackup(disk, primary.value, repairs);
    return primary.value;
  }
  const backup = readGptTable(disk, BigInt(disk.lastBlock));
  if (backup.problem !== undefined) {
    disk.debug.debug(
      DEBUG_ERROR,
      `GPT: no partitions, for the primary is broken: ${primary.problem}`,
    );
    disk.debug.debug(DEBUG_ERROR, `GPT: and so is the backup: ${backup.problem}`);
    return undefined;
  }
  disk.debug.debug(
    DEBUG_WARN,
    `GPT: the backup is used, the primary is broken: ${primary.problem}`,
  );
  return repairs ? restoredPrimary(disk, backup.value) : backup.value;
}

function checkBackup(disk: Disk, primary: GptTable, repairs: boolean): void {
  const { alternateLba } = primary.header;
  if (alternateLba !== BigInt(disk.lastBlock)) {
    disk.debug.debug(
      DEBUG_INFO,
      `GPT: the backup is in block ${alternateLba}, the last one is ${disk.lastBlock}`,
    );
  }
  const backup = readGptTable(disk, alternateLba);
  if (backup.problem === undefined) return;
  disk.debug.debug(DEBUG_WARN, `GPT: the backup is broken: ${backup.problem}`);
  if (repairs) restoreGptTable(disk, primary);
}

/** EDK II goes on with the primary that it has written, and with nothing if it cannot. */
function restoredPrimary(disk: Disk, backup: GptTable): GptTable | undefined {
  if (!restoreGptTable(disk, backup)) return undefined;
  return readGptTable(disk, backup.header.alternateLba).value;
}

function isForFirmware({ entry }: NumberedGptEntry): boolean {
  return (entry.attributes & GPT_ATTRIBUTE_NO_BLOCK_IO) === 0n;
}

function gptPartition(disk: Disk, { number, entry }: NumberedGptEntry): Partition {
  const { blockSize } = disk;
  const blocks = entry.endingLba - entry.startingLba + 1n;
  return {
    node: hardDriveNode({
      partitionNumber: number,
      partitionStart: entry.startingLba,
      partitionSize: blocks,
      signature: guidToBytes(entry.uniquePartitionGuid),
      mbrType: MBR_TYPE_EFI_PARTITION_TABLE_HEADER,
      signatureType: SIGNATURE_TYPE_GUID,
    }),
    info: {
      revision: EFI_PARTITION_INFO_PROTOCOL_REVISION,
      type: 'PARTITION_TYPE_GPT',
      system: entry.partitionTypeGuid === EFI_PART_TYPE_EFI_SYSTEM_PART_GUID,
      entry: entry.bytes.slice(),
    },
    start: Number(entry.startingLba) * blockSize,
    size: Number(blocks) * blockSize,
    blockSize,
    type: partitionType(entry.partitionTypeGuid),
  };
}
