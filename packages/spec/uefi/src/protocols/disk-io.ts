import type { HostBuffer } from '../buffer.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

export const EFI_DISK_IO_PROTOCOL_REVISION = 0x00010000;

/** EFI_DISK_IO_PROTOCOL: a block device by bytes (UEFI §13.7). */
export interface EfiDiskIo {
  readonly revision: number;
  /**
   * Reads `buffer.length` bytes.
   * @param offset in bytes from the beginning of the disk
   * @throws EFI_NO_MEDIA, EFI_MEDIA_CHANGED, EFI_INVALID_PARAMETER, EFI_DEVICE_ERROR
   */
  readDisk(mediaId: number, offset: number, buffer: HostBuffer): void;
  /** @throws as `readDisk`, and EFI_WRITE_PROTECTED */
  writeDisk(mediaId: number, offset: number, buffer: HostBuffer): void;
}

/** By which EFI_DISK_IO_PROTOCOL is found. */
export const DiskIoProtocol: Protocol<EfiDiskIo> = defineProtocol(
  'DiskIo',
  'ce345171-ba0b-11d2-8e4f-00a0c969723b',
);
