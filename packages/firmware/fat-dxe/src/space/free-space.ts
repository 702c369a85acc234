import { FS_INFO_SIZE, readFsInfo, writeFsInfo } from '../layout/fs-info.ts';
import type { FatGeometry } from '../layout/geometry.ts';
import type { VolumeDisk } from './volume-disk.ts';

/** Where to look for a free cluster next, and on FAT32 the sector that hands this on to the next mount. */
export class FreeSpaceHints {
  readonly #disk: VolumeDisk;
  readonly #geometry: FatGeometry;
  readonly #sector: Uint8Array | undefined;
  /** What FSInfo said at mount; a hint, and often wrong after a crash. */
  readonly claimedFree: number | undefined;
  nextFree: number;
  #written = '';

  constructor(disk: VolumeDisk, geometry: FatGeometry) {
    this.#disk = disk;
    this.#geometry = geometry;
    const sector = new Uint8Array(FS_INFO_SIZE);
    const info =
      geometry.fsInfoOffset === undefined ? undefined : this.#load(geometry.fsInfoOffset, sector);
    this.#sector = info && sector;
    this.claimedFree =
      info !== undefined && info.freeCount <= geometry.clusterCount ? info.freeCount : undefined;
    this.nextFree = info !== undefined && geometry.isCluster(info.nextFree) ? info.nextFree : 2;
    this.#written = `${info?.freeCount} ${info?.nextFree}`;
  }

  /** Writes FSInfo, if there is one and it would change. */
  store(freeCount: number): void {
    const { fsInfoOffset } = this.#geometry;
    const text = `${freeCount} ${this.nextFree}`;
    if (this.#sector === undefined || fsInfoOffset === undefined || text === this.#written) return;
    writeFsInfo(this.#sector, { freeCount, nextFree: this.nextFree });
    this.#disk.write(fsInfoOffset, this.#sector);
    this.#written = text;
  }

  #load(offset: number, sector: Uint8Array): ReturnType<typeof readFsInfo> {
    this.#disk.read(offset, sector);
    return readFsInfo(sector);
  }
}
