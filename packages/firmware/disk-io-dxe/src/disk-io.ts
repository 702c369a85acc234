import type { GuestRam } from '@dxelab/platform';
import type { EfiBlockIo, EfiBootServices, EfiDiskIo, GuestBuffer, HostBuffer } from '@dxelab/uefi';
import { EFI_DISK_IO_PROTOCOL_REVISION, EfiError, isGuestBuffer } from '@dxelab/uefi';
import { copyFromGuest, copyToGuest, partOf } from './host-buffer.ts';

/** TPL_CALLBACK, here so that the hot path need not reach into another module. */
const CALLBACK = 8;

/** In blocks: what a misaligned buffer goes through at a time (EDK II's PcdDiskIoDataBufferBlockNum). */
const DATA_BUFFER_BLOCKS = 64;

/** Nothing to transfer: asks a block device about its medium alone. */
const NOTHING = new Uint8Array(0);

export interface DiskIoQuirks {
  /** A range that leaves the disk is transferred up to where BlockIo refuses. */
  readonly rangeUnchecked: boolean;
}

/** What DiskIo uses of the boot services. */
export type DiskIoServices = Pick<
  EfiBootServices,
  'allocatePool' | 'freePool' | 'raiseTpl' | 'restoreTpl'
>;

/**
 * EFI_DISK_IO_PROTOCOL on EFI_BLOCK_IO_PROTOCOL (UEFI §13.7;
 * MdeModulePkg/Universal/Disk/DiskIoDxe/DiskIo.c): whole blocks go straight to the block device in one
 * request, a part of a block through a working buffer. What BlockIo fails with passes through as it is.
 */
export class DiskIo implements EfiDiskIo {
  readonly revision: number = EFI_DISK_IO_PROTOCOL_REVISION;
  readonly #blockIo: EfiBlockIo;
  readonly #bs: DiskIoServices;
  readonly #ram: GuestRam;
  readonly #rangeUnchecked: boolean;

  constructor(blockIo: EfiBlockIo, bs: DiskIoServices, ram: GuestRam, quirks: DiskIoQuirks) {
    this.#blockIo = blockIo;
    this.#bs = bs;
    this.#ram = ram;
    this.#rangeUnchecked = quirks.rangeUnchecked;
  }

  readDisk(mediaId: number, offset: number, buffer: HostBuffer): void {
    const oldTpl = this.#bs.raiseTpl(CALLBACK);
    try {
      if (this.#isWholeBlocks(mediaId, offset, buffer)) {
        this.#blockIo.readBlocks(mediaId, offset / this.#blockIo.media.blockSize, buffer);
      } else {
        this.#transferParts('read', mediaId, offset, buffer);
      }
    } finally {
      this.#bs.restoreTpl(oldTpl);
    }
  }

  writeDisk(mediaId: number, offset: number, buffer: HostBuffer): void {
    const oldTpl = this.#bs.raiseTpl(CALLBACK);
    try {
      if (this.#isWholeBlocks(mediaId, offset, buffer)) {
        this.#blockIo.writeBlocks(mediaId, offset / this.#blockIo.media.blockSize, buffer);
      } else {
        this.#transferParts('write', mediaId, offset, buffer);
      }
    } finally {
      this.#bs.restoreTpl(oldTpl);
    }
  }

  /** Whether BlockIo can serve a request as it is. @throws EFI_INVALID_PARAMETER, EFI_NO_MEDIA */
  #isWholeBlocks(mediaId: number, offset: number, buffer: HostBuffer): boolean {
    this.#checkRange(mediaId, offset, buffer.length);
    const { blockSize } = this.#blockIo.media;
    return offset % blockSize === 0 && buffer.length % blockSize === 0 && this.#isIoAligned(buffer);
  }

  /**
   * Refuses what does not lie on the disk as a whole, so that nothing is written of it. Whether there
   * is a medium, and the one that is meant, is for the block device to say first.
   */
  #checkRange(mediaId: number, offset: number, length: number): void {
    const { blockSize, lastBlock } = this.#blockIo.media;
    const isCountable = offset >= 0 && Number.isSafeInteger(offset + length) && blockSize > 0;
    if (isCountable && (this.#rangeUnchecked || offset + length <= (lastBlock + 1) * blockSize)) {
      return;
    }
    this.#blockIo.readBlocks(mediaId, 0, NOTHING);
    if (!(blockSize > 0)) throw new EfiError('EFI_NO_MEDIA', 'the medium has no block size');
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `${length} bytes at ${offset} are not on a disk of ${lastBlock + 1} blocks of ${blockSize} bytes`,
    );
  }

  /** The block that the range begins in, the one that it ends in, and those between: EDK II's order. */
  #transferParts(
    direction: 'read' | 'write',
    mediaId: number,
    offset: number,
    buffer: HostBuffer,
  ): void {
    const { blockSize } = this.#blockIo.media;
    const within = offset % blockSize;
    const head = within === 0 ? 0 : Math.min(blockSize - within, buffer.length);
    const tail = (buffer.length - head) % blockSize;
    const run = buffer.length - head - tail;
    const firstLba = (offset - within) / blockSize;
    const runLba = head === 0 ? firstLba : firstLba + 1;
    if (head > 0) {
      this.#transferPart(direction, mediaId, firstLba, within, partOf(buffer, 0, head));
    }
    if (tail > 0) {
      const lba = runLba + run / blockSize;
      this.#transferPart(direction, mediaId, lba, 0, partOf(buffer, head + run, tail));
    }
    if (run > 0 || buffer.length === 0) {
      this.#transferRun(direction, mediaId, runLba, partOf(buffer, head, run));
    }
  }

  /** A part of one block; what is written goes into what the block holds already. */
  #transferPart(
    direction: 'read' | 'write',
    mediaId: number,
    lba: number,
    within: number,
    part: HostBuffer,
  ): void {
    this.#withWorkingBuffer(this.#blockIo.media.blockSize, (block) => {
      this.#blockIo.readBlocks(mediaId, lba, block);
      if (direction === 'read') {
        copyFromGuest(this.#ram, block, within, part);
      } else {
        copyToGuest(this.#ram, block, within, part);
        this.#blockIo.writeBlocks(mediaId, lba, block);
      }
    });
  }

  /** Whole blocks: at once or, if the device cannot reach the buffer where it lies, piece by piece. */
  #transferRun(direction: 'read' | 'write', mediaId: number, lba: number, run: HostBuffer): void {
    if (this.#isIoAligned(run)) {
      if (direction === 'read') this.#blockIo.readBlocks(mediaId, lba, run);
      else this.#blockIo.writeBlocks(mediaId, lba, run);
      return;
    }
    const { blockSize } = this.#blockIo.media;
    const most = Math.min(run.length, DATA_BUFFER_BLOCKS * blockSize);
    this.#withWorkingBuffer(most, (working) => {
      for (let done = 0; done < run.length; done += most) {
        const length = Math.min(most, run.length - done);
        const piece = { address: working.address, length };
        const part = partOf(run, done, length);
        if (direction === 'write') copyToGuest(this.#ram, piece, 0, part);
        const at = lba + done / blockSize;
        if (direction === 'read') this.#blockIo.readBlocks(mediaId, at, piece);
        else this.#blockIo.writeBlocks(mediaId, at, piece);
        if (direction === 'read') copyFromGuest(this.#ram, piece, 0, part);
      }
    });
  }

  /** Lends guest memory that the device can reach. A request has its own, so that one may interrupt another. */
  #withWorkingBuffer(length: number, use: (working: GuestBuffer) => void): void {
    const align = Math.max(1, this.#blockIo.media.ioAlign);
    const pool = this.#bs.allocatePool('EfiBootServicesData', length + align - 1);
    try {
      use({ address: Math.ceil(pool.address / align) * align, length });
    } finally {
      this.#bs.freePool(pool);
    }
  }

  /** A caller's array is always bounced below, so that it has no address to be misaligned. */
  #isIoAligned(buffer: HostBuffer): boolean {
    const { ioAlign } = this.#blockIo.media;
    return ioAlign <= 1 || !isGuestBuffer(buffer) || buffer.address % ioAlign === 0;
  }
}
