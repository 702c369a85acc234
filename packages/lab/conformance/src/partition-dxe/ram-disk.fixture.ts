import type { GuestRam } from '@dxelab/platform';
import type { EfiBlockIo, EfiBlockIoMedia, HostBuffer } from '@dxelab/uefi';
import { EFI_BLOCK_IO_PROTOCOL_REVISION3, EfiError, isGuestBuffer } from '@dxelab/uefi';

/** A block device over an array, as UEFI §13.9 wants it, whose medium a test can change. */
export class RamDisk implements EfiBlockIo {
  readonly revision: number = EFI_BLOCK_IO_PROTOCOL_REVISION3;
  readonly media: EfiBlockIoMedia;
  readonly bytes: Uint8Array;
  reads = 0;
  writes = 0;
  flushes = 0;
  /** Called before each request: to reinstall BlockIo when the medium was changed. */
  onRequest: () => void = () => {};
  readonly #ram: GuestRam;

  constructor(ram: GuestRam, bytes: Uint8Array, media: Partial<EfiBlockIoMedia> = {}) {
    this.#ram = ram;
    this.bytes = bytes;
    const { blockSize = 512 } = media;
    this.media = {
      mediaId: 0,
      removableMedia: false,
      mediaPresent: true,
      logicalPartition: false,
      readOnly: false,
      writeCaching: true,
      blockSize,
      ioAlign: 0,
      lastBlock: Math.floor(bytes.length / blockSize) - 1,
      lowestAlignedLba: 0,
      logicalBlocksPerPhysicalBlock: 1,
      optimalTransferLengthGranularity: 0,
      ...media,
    };
  }

  reset(): void {}

  readBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    const data = this.#range(mediaId, lba, buffer.length);
    this.reads += 1;
    if (isGuestBuffer(buffer)) this.#ram.writeBytes(buffer.address, data);
    else buffer.set(data);
  }

  writeBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    const data = this.#range(mediaId, lba, buffer.length);
    if (this.media.readOnly) throw new EfiError('EFI_WRITE_PROTECTED', 'the disk is read-only');
    this.writes += 1;
    if (isGuestBuffer(buffer)) this.#ram.readBytes(buffer.address, data);
    else data.set(buffer);
  }

  flushBlocks(): void {
    this.flushes += 1;
  }

  #range(mediaId: number, lba: number, length: number): Uint8Array {
    this.onRequest();
    const { blockSize, lastBlock, mediaPresent } = this.media;
    if (!mediaPresent) throw new EfiError('EFI_NO_MEDIA', 'the drive is empty');
    if (mediaId !== this.media.mediaId) throw new EfiError('EFI_MEDIA_CHANGED', 'another medium');
    if (length % blockSize !== 0) throw new EfiError('EFI_BAD_BUFFER_SIZE', `${length} bytes`);
    if (length > 0 && lba + length / blockSize - 1 > lastBlock) {
      throw new EfiError('EFI_INVALID_PARAMETER', `block ${lba} is not on the disk`);
    }
    return this.bytes.subarray(lba * blockSize, lba * blockSize + length);
  }
}
