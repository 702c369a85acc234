import { EfiError, isEfiFailure } from '@dxelab/uefi';
import { findElToritoPartitions } from './cd/find-el-torito-partitions.ts';
import type { Disk } from './disk.ts';
import { isMediaFailure } from './disk.ts';
import { findGptPartitions } from './gpt/find-gpt-partitions.ts';
import { findMbrPartitions } from './mbr/find-mbr-partitions.ts';
import type { PartitionQuirks } from './partition-quirks.ts';
import type { Partition } from './partition.ts';

/** EDK II's mPartitionDetectRoutineTable: the first that finds a table ends the search. */
const FINDERS = [findGptPartitions, findElToritoPartitions, findMbrPartitions];

/**
 * The partitions of a disk, by the first kind of table that it has.
 * @throws EFI_NOT_FOUND if it has none; EFI_MEDIA_CHANGED, EFI_NO_MEDIA; what the last search failed with
 */
export function findPartitions(disk: Disk, quirks: PartitionQuirks): readonly Partition[] {
  let failure = new EfiError('EFI_NOT_FOUND', 'no GPT, no El Torito boot catalog and no MBR');
  for (const find of FINDERS) {
    try {
      const partitions = find(disk, quirks);
      if (partitions !== undefined) return partitions;
    } catch (caught) {
      if (!isEfiFailure(caught) || isMediaFailure(caught)) throw caught;
      failure = caught;
    }
  }
  throw failure;
}
