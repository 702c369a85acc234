import type { GptHeader } from '@dxelab/uefi';
import { PRIMARY_PART_HEADER_LBA, efiStatusOf, writeGptHeader } from '@dxelab/uefi';
import { DEBUG_WARN } from '@dxelab/uefi-lib';
import type { Disk } from '../disk.ts';
import { isMediaFailure } from '../disk.ts';
import type { GptTable } from './gpt-table.ts';

/**
 * Writes one GPT anew from the other: header first, then entries, where the good header says that the
 * other one is (QUIRK; MdeModulePkg/Library/GptLib, PartitionRestoreGptTable).
 * @returns whether all of it could be written
 */
export function restoreGptTable(disk: Disk, { header, array }: GptTable): boolean {
  const isPrimary = header.myLba === BigInt(PRIMARY_PART_HEADER_LBA);
  const partitionEntryLba = isPrimary ? header.lastUsableLba + 1n : 2n;
  const other: GptHeader = {
    ...header,
    myLba: header.alternateLba,
    alternateLba: header.myLba,
    partitionEntryLba,
  };
  const isOnDisk = [other.myLba, partitionEntryLba].every((lba) => lba <= BigInt(disk.lastBlock));
  if (!isOnDisk) return false;
  try {
    const { blockSize } = disk;
    disk.write(Number(other.myLba) * blockSize, writeGptHeader(other, blockSize));
    disk.write(Number(partitionEntryLba) * blockSize, array);
    return true;
  } catch (caught) {
    const status = efiStatusOf(caught);
    if (isMediaFailure(caught)) throw caught;
    disk.debug.debug(DEBUG_WARN, `GPT: block ${other.myLba} is not restored: ${status}`);
    return false;
  }
}
