import type { Guid } from '../guid.ts';
import { guid } from '../guid.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_DISK_INFO_SCSI_INTERFACE_GUID (PI Vol. 5 §15.2). */
export const EFI_DISK_INFO_SCSI_INTERFACE_GUID: Guid = guid('08f74baa-ea36-41d9-9521-21a70f8780bc');

/** EFI_DISK_INFO_PROTOCOL (PI Vol. 5 §15.2): what a physical disk says of itself. */
export interface EfiDiskInfo {
  /** How the data of the functions are to be read: EFI_DISK_INFO_*_INTERFACE_GUID. */
  readonly interface: Guid;
  /** INQUIRY data. @throws EFI_NOT_FOUND, EFI_DEVICE_ERROR */
  inquiry(): Uint8Array;
  /** IDENTIFY data. @throws EFI_NOT_FOUND, EFI_DEVICE_ERROR */
  identify(): Uint8Array;
  /** Sense data of the disk's kind. @throws EFI_NOT_FOUND, EFI_DEVICE_ERROR */
  senseData(): Uint8Array;
  /** @throws EFI_UNSUPPORTED unless it is an IDE disk */
  whichIde(): { readonly ideChannel: number; readonly ideDevice: number };
}

/** By which EFI_DISK_INFO_PROTOCOL (PI Vol. 5 §15.2) is found. */
export const DiskInfoProtocol: Protocol<EfiDiskInfo> = defineProtocol(
  'DiskInfo',
  'd432a67f-14dc-484b-b3bb-3f0291849327',
);
