import type { Guid, Protocol } from '@dxelab/uefi';
import { EFI_PART_TYPE_EFI_SYSTEM_PART_GUID, defineProtocol } from '@dxelab/uefi';

/** The EFI system partition has this on its handle, so that it can be located. */
export const EfiSystemPartitionProtocol: Protocol<null> = defineProtocol(
  'EfiSystemPartition',
  EFI_PART_TYPE_EFI_SYSTEM_PART_GUID,
);

/** The type of a GPT partition as a protocol (UEFI §5.3.3: PartitionTypeGUID). */
export function partitionType(type: Guid): Protocol<null> {
  return type === EFI_PART_TYPE_EFI_SYSTEM_PART_GUID
    ? EfiSystemPartitionProtocol
    : defineProtocol('PartitionType', type);
}
