import type { ElToritoEntry } from '@dxelab/uefi';
import {
  CD_SECTOR_SIZE,
  ELTORITO_12_DISKETTE,
  ELTORITO_14_DISKETTE,
  ELTORITO_28_DISKETTE,
  ELTORITO_HARD_DISK,
  ELTORITO_NO_EMULATION,
} from '@dxelab/uefi';
import type { Disk } from '../disk.ts';
import type { PartitionQuirks } from '../partition-quirks.ts';

/** In bytes: what a catalog counts in, and the block of an emulated disk. */
export const virtualBlockSize = 512;

/** Cylinders, heads and sectors of the diskettes that can be emulated. */
const DISKETTES: ReadonlyMap<number, number> = new Map([
  [ELTORITO_12_DISKETTE, 80 * 2 * 15],
  [ELTORITO_14_DISKETTE, 80 * 2 * 18],
  [ELTORITO_28_DISKETTE, 80 * 2 * 36],
]);

/**
 * How large an image is, in bytes, rounded up to the blocks of the disk. A count of 0 or 1 leaves it
 * open: then the image goes on to the end of the volume (UEFI §13.3.2.1), or of the disk if that ends
 * before.
 */
export function imageSize(
  disk: Disk,
  entry: ElToritoEntry,
  volumeSectors: number,
  quirks: PartitionQuirks,
): number {
  const sectors = sectorCount(entry);
  if (sectors < 2) {
    const volume = volumeSectors * CD_SECTOR_SIZE;
    return Math.max(0, Math.min(volume, disk.size) - entry.loadRba * CD_SECTOR_SIZE);
  }
  return Math.ceil((sectors * sectorSize(disk, entry, quirks)) / disk.blockSize) * disk.blockSize;
}

function sectorCount({ mediaType, sectorCount: count }: ElToritoEntry): number {
  if (mediaType === ELTORITO_NO_EMULATION || mediaType === ELTORITO_HARD_DISK) return count;
  return DISKETTES.get(mediaType) ?? 0;
}

/** EDK II counts sectors of the CD, and multiplies again where the disk has smaller blocks. */
function sectorSize(disk: Disk, { mediaType }: ElToritoEntry, quirks: PartitionQuirks): number {
  if (!quirks.elToritoCountsCdSectors) return virtualBlockSize;
  const unit = mediaType === ELTORITO_NO_EMULATION ? disk.blockSize : virtualBlockSize;
  return (CD_SECTOR_SIZE / disk.blockSize) * unit;
}
