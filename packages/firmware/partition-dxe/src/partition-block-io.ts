import type {
  EfiBlockIo,
  EfiBlockIoMedia,
  EfiDiskIo,
  EfiErrorStatus,
  HostBuffer,
} from '@dxelab/uefi';
import { EfiError, isEfiFailure } from '@dxelab/uefi';
import { isMediaFailure } from './disk.ts';
import type { Partition } from './partition.ts';

/**
 * EFI_BLOCK_IO_PROTOCOL of a partition: the parent's DiskIo at an offset, for its blocks may be of
 * another size than the disk's (UEFI §13.9; MdeModulePkg/Universal/Disk/PartitionDxe/Partition.c).
 */
export class PartitionBlockIo implements EfiBlockIo {
  readonly revision: number;
  readonly media: Readonly<EfiBlockIoMedia>;
  readonly #parent: EfiBlockIo;
  readonly #diskIo: EfiDiskIo;
  readonly #blockSize: number;
  /** In bytes from the beginning of the disk. */
  readonly #start: number;
  readonly #end: number;

  constructor(parent: EfiBlockIo, diskIo: EfiDiskIo, partition: Partition) {
    const { blockSize, size, start } = partition;
    this.revision = parent.revision;
    this.media = {
      ...parent.media,
      logicalPartition: true,
      blockSize,
      lastBlock: Math.floor(size / blockSize) - 1,
      // What follows is the physical disk's business: a partition has to say 0 (UEFI §13.9.1).
      ioAlign: 0,
      lowestAlignedLba: 0,
      logicalBlocksPerPhysicalBlock: 0,
      optimalTransferLengthGranularity: 0,
    };
    this.#parent = parent;
    this.#diskIo = diskIo;
    this.#blockSize = blockSize;
    this.#start = start;
    this.#end = start + size;
  }

  reset(extendedVerification: boolean): void {
    this.#parent.reset(extendedVerification);
  }

  readBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    this.#diskIo.readDisk(mediaId, this.#offset(mediaId, lba, buffer.length), buffer);
  }

  writeBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    this.#diskIo.writeDisk(mediaId, this.#offset(mediaId, lba, buffer.length), buffer);
  }

  flushBlocks(): void {
    this.#parent.flushBlocks();
  }

  /** Where blocks begin on the disk, in bytes. @throws EFI_BAD_BUFFER_SIZE, EFI_INVALID_PARAMETER */
  #offset(mediaId: number, lba: number, length: number): number {
    if (length % this.#blockSize !== 0) {
      throw this.#refusal(
        mediaId,
        'EFI_BAD_BUFFER_SIZE',
        `${length} bytes are no blocks of ${this.#blockSize}`,
      );
    }
    const offset = this.#start + lba * this.#blockSize;
    if (lba >= 0 && Number.isInteger(lba) && offset + length <= this.#end) return offset;
    throw this.#refusal(
      mediaId,
      'EFI_INVALID_PARAMETER',
      `${length} bytes at block ${lba} of a partition whose last block is ${this.media.lastBlock}`,
    );
  }

  /** The failure to throw: what is the matter with the medium, if anything is, comes first. */
  #refusal(mediaId: number, status: EfiErrorStatus, message: string): EfiError {
    try {
      this.#diskIo.readDisk(mediaId, 0, new Uint8Array(1));
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      if (isMediaFailure(caught)) return caught;
    }
    return new EfiError(status, message);
  }
}
