import type { HardDrive, MbrPartitionRecord } from '@dxelab/uefi';
import {
  EFI_PARTITION,
  EFI_PARTITION_INFO_PROTOCOL_REVISION,
  MBR_SIZE,
  MBR_TYPE_PCAT,
  SIGNATURE_TYPE_MBR,
  hardDriveNode,
} from '@dxelab/uefi';
import type { Disk } from '../disk.ts';
import type { PartitionQuirks } from '../partition-quirks.ts';
import { EfiSystemPartitionProtocol } from '../partition-type.ts';
import type { Partition } from '../partition.ts';

/**
 * A partition of an MBR, primary or logical.
 * @param place what its device path says; logical drives count from the beginning of the whole disk
 * @param firstBlock of the disk that the table stands on
 */
export function mbrPartition(
  disk: Disk,
  record: MbrPartitionRecord,
  place: Pick<HardDrive, 'partitionNumber' | 'partitionStart' | 'signature'>,
  firstBlock: number,
  quirks: PartitionQuirks,
): Partition {
  const system = record.osIndicator === EFI_PARTITION;
  return {
    node: hardDriveNode({
      ...place,
      partitionSize: record.sizeInLba,
      mbrType: MBR_TYPE_PCAT,
      signatureType: SIGNATURE_TYPE_MBR,
    }),
    info: {
      revision: EFI_PARTITION_INFO_PROTOCOL_REVISION,
      type: 'PARTITION_TYPE_MBR',
      system,
      entry: record.bytes.slice(),
    },
    start: firstBlock * disk.blockSize,
    size: record.sizeInLba * disk.blockSize,
    blockSize: quirks.mbrBlocksOf512Bytes ? MBR_SIZE : disk.blockSize,
    type: system ? EfiSystemPartitionProtocol : undefined,
  };
}
