import type { HostBuffer } from '../buffer.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** Revisions of EFI_BLOCK_IO_PROTOCOL (UEFI §13.9.1): 2 adds the alignment fields, 3 the granularity. */
export const EFI_BLOCK_IO_PROTOCOL_REVISION = 0x00010000;
export const EFI_BLOCK_IO_PROTOCOL_REVISION2 = 0x00020001;
export const EFI_BLOCK_IO_PROTOCOL_REVISION3 = 0x0002001f;

/** EFI_BLOCK_IO_MEDIA (UEFI §13.9.1). It changes when the medium does. */
export interface EfiBlockIoMedia {
  mediaId: number;
  removableMedia: boolean;
  mediaPresent: boolean;
  /** Whether this is a partition, not a whole disk. */
  logicalPartition: boolean;
  readOnly: boolean;
  /** Whether writes may stay in a cache until FlushBlocks. */
  writeCaching: boolean;
  /** In bytes. */
  blockSize: number;
  /** What a buffer's address must be a multiple of; 0 or 1: anything. */
  ioAlign: number;
  /** The last logical block address, inclusive. */
  lastBlock: number;
  lowestAlignedLba: number;
  logicalBlocksPerPhysicalBlock: number;
  /** In blocks. */
  optimalTransferLengthGranularity: number;
}

/** EFI_BLOCK_IO_PROTOCOL (UEFI §13.9). */
export interface EfiBlockIo {
  readonly revision: number;
  readonly media: Readonly<EfiBlockIoMedia>;
  /** @throws EFI_DEVICE_ERROR */
  reset(extendedVerification: boolean): void;
  /**
   * Reads `buffer.length` bytes, a multiple of the block size, beginning with block `lba`.
   * @throws EFI_NO_MEDIA, EFI_MEDIA_CHANGED, EFI_BAD_BUFFER_SIZE, EFI_INVALID_PARAMETER, EFI_DEVICE_ERROR
   */
  readBlocks(mediaId: number, lba: number, buffer: HostBuffer): void;
  /** @throws as `readBlocks`, and EFI_WRITE_PROTECTED */
  writeBlocks(mediaId: number, lba: number, buffer: HostBuffer): void;
  /** Returns when what was written is on the medium. @throws EFI_NO_MEDIA, EFI_DEVICE_ERROR */
  flushBlocks(): void;
}

/** By which EFI_BLOCK_IO_PROTOCOL (UEFI §13.9) is found. */
export const BlockIoProtocol: Protocol<EfiBlockIo> = defineProtocol(
  'BlockIo',
  '964e5b21-6459-11d2-8e39-00a0c969723b',
);
