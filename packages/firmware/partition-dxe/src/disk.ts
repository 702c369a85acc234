import type {
  EfiBlockIo,
  EfiBlockIoMedia,
  EfiDiskIo,
  EfiPartitionInfo,
  HardDrive,
} from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';

/** What a disk that is itself a partition knows of its place on the disk above. */
export interface PartitionAbove {
  /** The last node of its device path. */
  readonly hardDrive: HardDrive;
  /** Its record in the table above, if the handle has one. */
  readonly info: EfiPartitionInfo | undefined;
}

/** The disk on which partitions are looked for: its blocks, through DiskIo. */
export class Disk {
  readonly blockSize: number;
  /** The last block that can be addressed: by the medium, and by a byte offset below 2^53. */
  readonly lastBlock: number;
  readonly above: PartitionAbove | undefined;
  readonly debug: DebugLib;
  readonly #diskIo: EfiDiskIo;
  readonly #media: Readonly<EfiBlockIoMedia>;

  constructor(
    blockIo: Pick<EfiBlockIo, 'media'>,
    diskIo: EfiDiskIo,
    debug: DebugLib,
    above?: PartitionAbove,
  ) {
    this.#media = blockIo.media;
    this.#diskIo = diskIo;
    this.blockSize = blockIo.media.blockSize;
    this.lastBlock = Math.min(
      blockIo.media.lastBlock,
      Math.floor(Number.MAX_SAFE_INTEGER / this.blockSize) - 1,
    );
    this.debug = debug;
    this.above = above;
  }

  /** In bytes. */
  get size(): number {
    return (this.lastBlock + 1) * this.blockSize;
  }

  /** @throws what DiskIo fails with */
  readBlock(lba: number): Uint8Array {
    return this.read(lba * this.blockSize, this.blockSize);
  }

  /** Bytes from an offset. @throws what DiskIo fails with */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#diskIo.readDisk(this.#media.mediaId, offset, bytes);
    return bytes;
  }

  /** @throws what DiskIo fails with */
  write(offset: number, bytes: Uint8Array): void {
    this.#diskIo.writeDisk(this.#media.mediaId, offset, bytes);
  }
}

/** A failure that says something of the medium and not of a block: no other table can be looked for. */
export function isMediaFailure(caught: unknown): boolean {
  return (
    isEfiFailure(caught) &&
    (caught.status === 'EFI_MEDIA_CHANGED' || caught.status === 'EFI_NO_MEDIA')
  );
}
