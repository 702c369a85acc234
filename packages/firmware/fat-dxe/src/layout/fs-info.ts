/** The two figures of an FSInfo sector that save a search of the whole FAT (FAT specification, "FSInfo"). */
export interface FsInfo {
  /** How many clusters are free; 0xFFFFFFFF when nobody knows. A hint, which may be wrong. */
  readonly freeCount: number;
  /** Where to begin looking for a free cluster. A hint as well. */
  readonly nextFree: number;
}

const LEAD_SIGNATURE = 0x41615252;
const STRUCT_SIGNATURE = 0x61417272;
const TRAIL_SIGNATURE = 0xaa550000;

/** Of the sector, the part that is defined. */
export const FS_INFO_SIZE = 512;

/** `undefined` when a signature is wrong: the sector then is something else and must not be written. */
export function readFsInfo(sector: Uint8Array): FsInfo | undefined {
  const view = new DataView(sector.buffer, sector.byteOffset, FS_INFO_SIZE);
  if (
    view.getUint32(0, true) !== LEAD_SIGNATURE ||
    view.getUint32(484, true) !== STRUCT_SIGNATURE ||
    view.getUint32(508, true) !== TRAIL_SIGNATURE
  ) {
    return undefined;
  }
  return { freeCount: view.getUint32(488, true), nextFree: view.getUint32(492, true) };
}

/** Changes the two figures and leaves the rest as it is. */
export function writeFsInfo(sector: Uint8Array, info: FsInfo): void {
  const view = new DataView(sector.buffer, sector.byteOffset, FS_INFO_SIZE);
  view.setUint32(488, info.freeCount, true);
  view.setUint32(492, info.nextFree, true);
}
