import type { Quirks } from '@dxelab/uefi-lib';

/** Where this module is to behave as what ships; see the table in uefi-lib. */
export interface PartitionQuirks {
  readonly elToritoCountsCdSectors: boolean;
  readonly ignoresRemainingDevicePath: boolean;
  readonly logicalDrivesInAnyPartition: boolean;
  readonly mbrBlocksOf512Bytes: boolean;
  readonly repairsGpt: boolean;
  readonly usableBlocksBelieved: boolean;
}

export function partitionQuirks(quirks: Quirks): PartitionQuirks {
  return {
    elToritoCountsCdSectors: quirks.has('PartitionDxe.ElToritoCountsCdSectors'),
    ignoresRemainingDevicePath: quirks.has('PartitionDxe.IgnoresRemainingDevicePath'),
    logicalDrivesInAnyPartition: quirks.has('PartitionDxe.LogicalDrivesInAnyPartition'),
    mbrBlocksOf512Bytes: quirks.has('PartitionDxe.MbrBlocksOf512Bytes'),
    repairsGpt: quirks.has('PartitionDxe.RepairsGpt'),
    usableBlocksBelieved: quirks.has('PartitionDxe.UsableBlocksBelieved'),
  };
}
