import type { Guid } from '../guid.ts';
import { guid } from '../guid.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_PARTITION_INFO_PROTOCOL (UEFI §13.18): the partition table's entry, as it stands on the disk. */
export interface EfiPartitionInfo {
  readonly revision: number;
  readonly type: 'PARTITION_TYPE_OTHER' | 'PARTITION_TYPE_MBR' | 'PARTITION_TYPE_GPT';
  /** Whether this is the EFI system partition. */
  readonly system: boolean;
  /** The entry: 16 bytes of an MBR, 128 or more of a GPT, none of others. */
  readonly entry: Uint8Array;
}

export const EFI_PARTITION_INFO_PROTOCOL_REVISION = 0x00010000;

/** By which EFI_PARTITION_INFO_PROTOCOL (UEFI §13.18) is found. */
export const PartitionInfoProtocol: Protocol<EfiPartitionInfo> = defineProtocol(
  'PartitionInfo',
  '8cf2f62c-bc9b-4821-808d-ec9ec421a1a0',
);

/** The partition type of the EFI system partition (UEFI §5.3.3). */
export const EFI_PART_TYPE_EFI_SYSTEM_PART_GUID: Guid = guid(
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
);
