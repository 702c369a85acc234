import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { EfiBlockIo, EfiDiskIo, HostBuffer } from '@dxelab/uefi';
import { EfiError, isGuestBuffer } from '@dxelab/uefi';
import type { QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import type { Profile } from '@dxelab/uefi-lib';
import { FAT_EPOCH, FatFileSystem, FatVolume, NO_LOCK, fatPolicy } from '@dxelab/fat-dxe';
import type { EfiFile } from '@dxelab/uefi';

/** DiskIo and BlockIo over an image file, which may be sparse and larger than memory. */
export class FileDisk implements Disposable {
  readonly #file: number;
  readonly diskIo: EfiDiskIo;
  readonly blockIo: EfiBlockIo;

  constructor(path: string, blockSize: number) {
    const file = openSync(path, 'r+');
    const { size } = fstatSync(file);
    this.#file = file;
    this.diskIo = {
      revision: 0x10000,
      readDisk: (_mediaId, offset, buffer) => {
        const target = host(buffer, offset, size);
        readSync(file, target, 0, target.length, offset);
      },
      writeDisk: (_mediaId, offset, buffer) => {
        const source = host(buffer, offset, size);
        writeSync(file, source, 0, source.length, offset);
      },
    };
    this.blockIo = {
      revision: 0x10000,
      media: {
        mediaId: 0,
        removableMedia: false,
        mediaPresent: true,
        logicalPartition: false,
        readOnly: false,
        writeCaching: false,
        blockSize,
        ioAlign: 0,
        lastBlock: size / blockSize - 1,
        lowestAlignedLba: 0,
        logicalBlocksPerPhysicalBlock: 0,
        optimalTransferLengthGranularity: 0,
      },
      reset: () => undefined,
      readBlocks: unused,
      writeBlocks: unused,
      flushBlocks: () => undefined,
    };
  }

  /** The root directory of the FAT volume that fills the image. */
  mount(profile: Profile, quirks: Partial<Record<QuirkName, boolean>> = {}): EfiFile {
    const volume = new FatVolume(this.diskIo, this.blockIo, {
      policy: fatPolicy(new Quirks(profile, quirks)),
      lock: NO_LOCK,
      now: () => ({
        ...FAT_EPOCH,
        year: 2024,
        month: 2,
        day: 29,
        hour: 12,
        minute: 34,
        second: 56,
      }),
      warn: (message) => {
        throw new Error(message);
      },
    });
    return new FatFileSystem(volume).openVolume();
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

function host(buffer: HostBuffer, offset: number, size: number): Uint8Array {
  if (isGuestBuffer(buffer)) throw new Error('there is no guest here');
  if (offset < 0 || offset + buffer.length > size) {
    throw new EfiError('EFI_INVALID_PARAMETER', `${buffer.length} bytes at ${offset} of ${size}`);
  }
  return buffer;
}

function unused(): never {
  throw new Error('FatDxe goes through DiskIo');
}
