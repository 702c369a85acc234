import type { HostBuffer } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { ByteStream } from './byte-stream.ts';
import type { ClusterRun } from './extent-list.ts';
import type { VolumeDisk } from './volume-disk.ts';

/** The root directory of FAT12 and FAT16, which lies outside the clusters and never grows. */
export class FixedRegion implements ByteStream {
  readonly firstCluster = 0;
  readonly #disk: VolumeDisk;
  readonly #offset: number;
  readonly #size: number;

  /** @param offset in bytes @param size in bytes */
  constructor(disk: VolumeDisk, offset: number, size: number) {
    this.#disk = disk;
    this.#offset = offset;
    this.#size = size;
  }

  capacity(): number {
    return this.#size;
  }

  read(position: number, buffer: HostBuffer): void {
    this.#disk.read(this.#offset + position, buffer);
  }

  write(position: number, buffer: HostBuffer): void {
    this.#disk.write(this.#offset + position, buffer);
  }

  grow(size: number): void {
    if (size <= this.#size) return;
    throw new EfiError(
      'EFI_VOLUME_FULL',
      `the root directory has room for ${this.#size} bytes and cannot grow to ${size}`,
    );
  }

  link(): void {
    // Nothing was added.
  }

  cut(): readonly ClusterRun[] {
    return [];
  }

  dispose(): void {
    // It has no chain.
  }
}
