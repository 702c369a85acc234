import type { GuestRam } from '@dxelab/platform';
import type { EfiBlockIo, EfiBlockIoMedia, EfiErrorStatus, HostBuffer } from '@dxelab/uefi';
import { EFI_BLOCK_IO_PROTOCOL_REVISION3, EfiError, isGuestBuffer } from '@dxelab/uefi';

/** One request that a block device was given. */
export interface Request {
  readonly kind: 'read' | 'write';
  readonly lba: number;
  /** In bytes. */
  readonly length: number;
  readonly buffer: HostBuffer;
}

/** A block device over an array, as strict as UEFI §13.9 lets it be. It counts what it is asked. */
export class RamDisk implements EfiBlockIo {
  readonly revision: number = EFI_BLOCK_IO_PROTOCOL_REVISION3;
  readonly media: EfiBlockIoMedia;
  readonly bytes: Uint8Array;
  /** Requests of no length are left out: they only ask about the medium. */
  readonly requests: Request[] = [];
  flushes = 0;
  resets: boolean[] = [];
  /** What the next requests for a block fail with. */
  readonly failing = new Map<number, EfiErrorStatus>();
  readonly #ram: GuestRam;

  constructor(ram: GuestRam, bytes: Uint8Array, media: Partial<EfiBlockIoMedia> = {}) {
    this.#ram = ram;
    this.bytes = bytes;
    const blockSize = media.blockSize ?? 512;
    this.media = {
      mediaId: 7,
      removableMedia: false,
      mediaPresent: true,
      logicalPartition: false,
      readOnly: false,
      writeCaching: false,
      blockSize,
      ioAlign: 0,
      lastBlock: Math.floor(bytes.length / blockSize) - 1,
      lowestAlignedLba: 3,
      logicalBlocksPerPhysicalBlock: 8,
      optimalTransferLengthGranularity: 16,
      ...media,
    };
  }

  reset(extendedVerification: boolean): void {
    this.resets.push(extendedVerification);
  }

  readBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    if (!this.#accepts('read', mediaId, lba, buffer)) return;
    const offset = lba * this.media.blockSize;
    const data = this.bytes.subarray(offset, offset + buffer.length);
    if (isGuestBuffer(buffer)) this.#ram.writeBytes(buffer.address, data);
    else buffer.set(data);
  }

  writeBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    if (!this.#accepts('write', mediaId, lba, buffer)) return;
    const offset = lba * this.media.blockSize;
    const target = this.bytes.subarray(offset, offset + buffer.length);
    if (isGuestBuffer(buffer)) this.#ram.readBytes(buffer.address, target);
    else target.set(buffer);
  }

  flushBlocks(): void {
    this.flushes += 1;
  }

  #accepts(kind: 'read' | 'write', mediaId: number, lba: number, buffer: HostBuffer): boolean {
    const { blockSize, ioAlign, lastBlock, mediaPresent, readOnly } = this.media;
    if (!mediaPresent) throw new EfiError('EFI_NO_MEDIA', 'the drive is empty');
    if (mediaId !== this.media.mediaId) throw new EfiError('EFI_MEDIA_CHANGED', 'another medium');
    if (kind === 'write' && readOnly) throw new EfiError('EFI_WRITE_PROTECTED', 'read-only');
    if (buffer.length === 0) return false;
    if (buffer.length % blockSize !== 0) throw new EfiError('EFI_BAD_BUFFER_SIZE', 'no blocks');
    if (!Number.isSafeInteger(lba) || lba + buffer.length / blockSize - 1 > lastBlock) {
      throw new EfiError('EFI_INVALID_PARAMETER', `block ${lba} is not on the disk`);
    }
    if (ioAlign > 1 && isGuestBuffer(buffer) && buffer.address % ioAlign !== 0) {
      throw new EfiError('EFI_INVALID_PARAMETER', 'the buffer is misaligned');
    }
    const failure = this.failing.get(lba);
    if (failure !== undefined) throw new EfiError(failure, `block ${lba} fails`);
    this.requests.push({ kind, lba, length: buffer.length, buffer });
    return true;
  }
}
