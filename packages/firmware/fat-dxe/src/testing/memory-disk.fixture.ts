import type {
  EfiBlockIo,
  EfiBlockIoMedia,
  EfiDiskIo,
  EfiErrorWord,
  HostBuffer,
} from '@dxelab/uefi';
import { EfiError, isGuestBuffer } from '@dxelab/uefi';

/** One request, as the disk saw it. */
export interface Request {
  readonly what: 'read' | 'write' | 'flush';
  readonly offset: number;
  readonly length: number;
}

/** A disk in memory: DiskIo and BlockIo over one array, which counts and can fail. */
export class MemoryDisk {
  readonly bytes: Uint8Array;
  readonly requests: Request[] = [];
  readonly media: EfiBlockIoMedia;
  /** Writes from this one on fail; counted from 0. */
  failWritesFrom = Infinity;
  /** Writes from this one on are acknowledged and lost: power fails. */
  loseWritesFrom = Infinity;
  failReads = false;
  failure: EfiErrorWord = 'EFI_DEVICE_ERROR';
  writes = 0;
  /** How many requests went beyond the disk. */
  outside = 0;
  /** Guest memory, for callers that pass an address: one buffer at address 0. */
  readonly guest: Uint8Array;

  constructor(bytes: Uint8Array, blockSize = 512, guestSize = 0) {
    this.bytes = bytes;
    this.guest = new Uint8Array(guestSize);
    this.media = {
      mediaId: 7,
      removableMedia: false,
      mediaPresent: true,
      logicalPartition: true,
      readOnly: false,
      writeCaching: false,
      blockSize,
      ioAlign: 0,
      lastBlock: Math.floor(bytes.length / blockSize) - 1,
      lowestAlignedLba: 0,
      logicalBlocksPerPhysicalBlock: 0,
      optimalTransferLengthGranularity: 0,
    };
  }

  readonly diskIo: EfiDiskIo = {
    revision: 0x10000,
    readDisk: (mediaId, offset, buffer) => {
      this.#begin('read', mediaId, offset, buffer.length);
      if (this.failReads) throw new EfiError(this.failure, 'the fixture was told to fail');
      this.#host(buffer).set(this.bytes.subarray(offset, offset + buffer.length));
    },
    writeDisk: (mediaId, offset, buffer) => {
      this.#begin('write', mediaId, offset, buffer.length);
      if (this.media.readOnly) throw new EfiError('EFI_WRITE_PROTECTED', 'read-only');
      const index = this.writes++;
      if (index >= this.failWritesFrom) {
        throw new EfiError(this.failure, 'the fixture was told to fail');
      }
      if (index < this.loseWritesFrom) this.bytes.set(this.#host(buffer), offset);
    },
  };

  readonly blockIo: EfiBlockIo = ((disk: MemoryDisk): EfiBlockIo => ({
    revision: 0x10000,
    get media() {
      return disk.media;
    },
    reset: () => undefined,
    readBlocks: () => {
      throw new Error('FatDxe reads through DiskIo');
    },
    writeBlocks: () => {
      throw new Error('FatDxe writes through DiskIo');
    },
    flushBlocks: () => {
      disk.requests.push({ what: 'flush', offset: 0, length: 0 });
    },
  }))(this);

  count(what: Request['what']): number {
    return this.requests.filter((request) => request.what === what).length;
  }

  #begin(what: 'read' | 'write', mediaId: number, offset: number, length: number): void {
    if (!this.media.mediaPresent) throw new EfiError('EFI_NO_MEDIA', 'no medium');
    if (mediaId !== this.media.mediaId) throw new EfiError('EFI_MEDIA_CHANGED', 'another medium');
    if (!(offset >= 0 && offset + length <= this.bytes.length)) {
      this.outside++;
      throw new EfiError('EFI_INVALID_PARAMETER', `${length} bytes at ${offset}`);
    }
    this.requests.push({ what, offset, length });
  }

  #host(buffer: HostBuffer): Uint8Array {
    return isGuestBuffer(buffer)
      ? this.guest.subarray(buffer.address, buffer.address + buffer.length)
      : buffer;
  }
}
