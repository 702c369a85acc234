import type { EfiBlockIo, EfiDiskIo, EfiErrorStatus, HostBuffer } from '@dxelab/uefi';
import { EfiError, isEfiFailure } from '@dxelab/uefi';

/**
 * The one way to the medium: by bytes, within the volume, and only while the medium is the one that was
 * mounted. Once it is not, every access fails with the same status for good.
 */
export class VolumeDisk {
  readonly #diskIo: EfiDiskIo;
  readonly #blockIo: EfiBlockIo;
  readonly #mediaId: number;
  readonly #mounted: boolean;
  readonly readOnly: boolean;
  #limit: number;
  #gone: EfiErrorStatus | undefined;
  #unflushed = false;

  constructor(diskIo: EfiDiskIo, blockIo: EfiBlockIo) {
    this.#diskIo = diskIo;
    this.#blockIo = blockIo;
    this.#mediaId = blockIo.media.mediaId;
    this.#mounted = blockIo.media.mediaPresent;
    this.readOnly = blockIo.media.readOnly;
    this.#limit = this.mediumSize;
  }

  /** In bytes. */
  get mediumSize(): number {
    const { lastBlock, blockSize } = this.#blockIo.media;
    return (lastBlock + 1) * blockSize;
  }

  /** Confines every access to the volume, once its size is known. */
  confine(volumeSize: number): void {
    this.#limit = volumeSize;
  }

  /** @throws EFI_NO_MEDIA, EFI_MEDIA_CHANGED */
  check(): void {
    const { media } = this.#blockIo;
    if (this.#gone === undefined) {
      if (!media.mediaPresent) this.#gone = 'EFI_NO_MEDIA';
      else if (media.mediaId !== this.#mediaId) this.#gone = 'EFI_MEDIA_CHANGED';
      else return;
    }
    const before = `medium ${this.#mediaId}, which was mounted, is gone`;
    const now = media.mediaPresent ? `medium ${media.mediaId} is there` : 'there is no medium';
    throw new EfiError(this.#gone, this.#mounted ? `${before}: ${now}` : now);
  }

  /** The volume was unmounted: handles that are still open learn it on their next use. */
  abandon(): void {
    this.#gone ??= this.#blockIo.media.mediaPresent ? 'EFI_MEDIA_CHANGED' : 'EFI_NO_MEDIA';
  }

  get isAbandoned(): boolean {
    return this.#gone !== undefined;
  }

  /** @param offset in bytes. @throws EFI_VOLUME_CORRUPTED outside the volume; what DiskIo throws */
  read(offset: number, buffer: HostBuffer): void {
    this.#begin(offset, buffer.length);
    try {
      this.#diskIo.readDisk(this.#mediaId, offset, buffer);
    } catch (caught) {
      this.#notice(caught);
    }
  }

  /** @param offset in bytes. @throws EFI_VOLUME_CORRUPTED outside the volume; what DiskIo throws */
  write(offset: number, buffer: HostBuffer): void {
    this.#begin(offset, buffer.length);
    this.#unflushed = true;
    try {
      this.#diskIo.writeDisk(this.#mediaId, offset, buffer);
    } catch (caught) {
      this.#notice(caught);
    }
  }

  /** Asks the device to keep what was written; without anything written only when `always`. */
  flush(always: boolean): void {
    if (!this.#unflushed && !always) return;
    this.check();
    this.#blockIo.flushBlocks();
    this.#unflushed = false;
  }

  #begin(offset: number, length: number): void {
    this.check();
    if (!(offset >= 0 && offset + length <= this.#limit)) {
      throw new EfiError(
        'EFI_VOLUME_CORRUPTED',
        `${length} bytes at ${offset} are outside the volume of ${this.#limit} bytes`,
      );
    }
  }

  /** Remembers the end of a medium that only the device has noticed. */
  #notice(caught: unknown): never {
    if (
      isEfiFailure(caught) &&
      (caught.status === 'EFI_MEDIA_CHANGED' || caught.status === 'EFI_NO_MEDIA')
    ) {
      this.#gone ??= caught.status;
    }
    throw caught;
  }
}
