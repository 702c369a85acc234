import type { EfiBlockIo, EfiBlockIoMedia, EfiBootServices, HostBuffer } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import {
  VIRTIO_BLK_SECTOR_SIZE,
  VIRTIO_BLK_T_FLUSH,
  VIRTIO_BLK_T_IN,
  VIRTIO_BLK_T_OUT,
} from '@dxelab/virtio';
import type { VirtioProduct } from '@dxelab/virtio-lib';
import type { BlkChoices } from './blk-requests.ts';
import { BlkRequests } from './blk-requests.ts';
import { blockIoMedia, blockIoRevision } from './media.ts';
import { LARGEST_SEGMENT } from './transfer-limits.ts';

/** EFI_BLOCK_IO_PROTOCOL on a virtio block device. OvmfPkg/VirtioBlkDxe; virtio §5.2, UEFI §13.9. */
export class VirtioBlk implements EfiBlockIo, VirtioProduct {
  readonly revision: number;
  readonly media: EfiBlockIoMedia;
  private readonly requests: BlkRequests;
  private readonly sectorsPerBlock: number;
  private readonly mediaIdUnchecked: boolean;
  private readonly oneDescriptor: boolean;
  private readonly resetDoesNothing: boolean;

  /**
   * Brings the device up.
   * @param choices how it deviates from what it does by itself
   * @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR
   */
  constructor(
    virtIo: VirtioDevice,
    bs: EfiBootServices,
    libraries: ModuleLibraries,
    choices: BlkChoices = {},
  ) {
    const { quirks } = libraries;
    this.mediaIdUnchecked = quirks.has('VirtioBlkDxe.MediaIdUnchecked');
    this.oneDescriptor = quirks.has('VirtioBlkDxe.OneDescriptor');
    this.resetDoesNothing = quirks.has('VirtioBlkDxe.ResetDoesNothing');
    this.requests = new BlkRequests(virtIo, bs, libraries, choices);
    const { config, features } = this.requests;
    this.revision = blockIoRevision(config, quirks.has('VirtioBlkDxe.RevisionZero'));
    this.media = blockIoMedia(config, features);
    this.sectorsPerBlock = config.blockSize / VIRTIO_BLK_SECTOR_SIZE;
  }

  /** Resets the device and sets it up again, which also mends a ring that it broke. */
  reset(_extendedVerification: boolean): void {
    if (!this.resetDoesNothing) this.requests.reset();
  }

  readBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    this.checkMedia(mediaId);
    if (buffer.length === 0) return;
    this.checkRange(lba, buffer.length);
    this.requests.transfer(VIRTIO_BLK_T_IN, lba * this.sectorsPerBlock, buffer);
  }

  writeBlocks(mediaId: number, lba: number, buffer: HostBuffer): void {
    this.checkMedia(mediaId);
    if (buffer.length === 0) return;
    this.checkRange(lba, buffer.length);
    if (this.media.readOnly) {
      throw new EfiError('EFI_WRITE_PROTECTED', 'the device offers no writing (VIRTIO_BLK_F_RO)');
    }
    this.requests.transfer(VIRTIO_BLK_T_OUT, lba * this.sectorsPerBlock, buffer);
  }

  flushBlocks(): void {
    if (this.media.writeCaching) this.requests.transfer(VIRTIO_BLK_T_FLUSH, 0, undefined);
  }

  /** At ExitBootServices: the device stops; memory can no longer be given back, and need not be. */
  exitBoot(): void {
    this.requests.quiesce();
  }

  /** Undoes the constructor. */
  uninit(): void {
    this.requests.uninit();
  }

  private checkMedia(mediaId: number): void {
    if (mediaId === this.media.mediaId || this.mediaIdUnchecked) return;
    throw new EfiError(
      'EFI_MEDIA_CHANGED',
      `the medium in the device is ${this.media.mediaId}, not ${mediaId}`,
    );
  }

  private checkRange(lba: number, length: number): void {
    const { blockSize, lastBlock } = this.media;
    const blocks = length / blockSize;
    if (!Number.isInteger(blocks) || (this.oneDescriptor && length > LARGEST_SEGMENT)) {
      throw new EfiError(
        'EFI_BAD_BUFFER_SIZE',
        `${length} bytes: expected a multiple of ${blockSize}${this.oneDescriptor ? ' up to 1 GiB' : ''}`,
      );
    }
    if (Number.isInteger(lba) && lba >= 0 && lba <= lastBlock && blocks - 1 <= lastBlock - lba)
      return;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `${blocks} blocks from ${lba}: the last block is ${lastBlock}`,
    );
  }
}
