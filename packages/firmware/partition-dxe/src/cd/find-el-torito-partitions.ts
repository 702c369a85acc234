import type { ElToritoEntry } from '@dxelab/uefi';
import {
  CD_SECTOR_SIZE,
  EFI_PARTITION_INFO_PROTOCOL_REVISION,
  ELTORITO_NO_EMULATION,
  FIRST_VOLUME_DESCRIPTOR,
  cdromNode,
  readCdVolumeDescriptor,
  readElToritoCatalog,
} from '@dxelab/uefi';
import { DEBUG_WARN } from '@dxelab/uefi-lib';
import type { Disk } from '../disk.ts';
import type { PartitionQuirks } from '../partition-quirks.ts';
import type { Partition } from '../partition.ts';
import { imageSize, virtualBlockSize } from './image-size.ts';

/** A set that does not end here is none: each descriptor is there for a purpose, and these are few. */
const MOST_VOLUME_DESCRIPTORS = 64;

/**
 * The bootable images of a CD, or of a disk that a CD's image was copied to (UEFI §13.3.2.1; El Torito
 * 1.0; MdeModulePkg/Universal/Disk/PartitionDxe/ElTorito.c).
 * @returns `undefined` if there are none
 * @throws what DiskIo fails with
 */
export function findElToritoPartitions(
  disk: Disk,
  quirks: PartitionQuirks,
): readonly Partition[] | undefined {
  if (disk.blockSize === 0 || CD_SECTOR_SIZE % disk.blockSize !== 0) return undefined;
  const partitions: Partition[] = [];
  let volumeSectors = 0;
  for (let index = 0; index < MOST_VOLUME_DESCRIPTORS; index += 1) {
    const sector = readSector(disk, FIRST_VOLUME_DESCRIPTOR + index);
    const descriptor = sector && readCdVolumeDescriptor(sector);
    if (descriptor === undefined) break;
    if (descriptor.type === 'primary') volumeSectors = descriptor.volumeSpaceSize;
    if (descriptor.type === 'boot-record') {
      const entries = readCatalog(disk, descriptor.catalog);
      partitions.push(...entries.flatMap((entry) => image(disk, entry, volumeSectors, quirks)));
    }
  }
  return partitions.length === 0 ? undefined : partitions;
}

function readCatalog(disk: Disk, at: number): readonly ElToritoEntry[] {
  const sector = readSector(disk, at);
  if (sector === undefined) {
    disk.debug.debug(DEBUG_WARN, `El Torito: the boot catalog, sector ${at}, is not on the disk`);
    return [];
  }
  const catalog = readElToritoCatalog(sector);
  if (catalog.problem === undefined) return catalog.value;
  disk.debug.debug(DEBUG_WARN, `El Torito: the boot catalog is broken: ${catalog.problem}`);
  return [];
}

/** A sector of the CD; `undefined` if it is not there as a whole. */
function readSector(disk: Disk, sector: number): Uint8Array | undefined {
  const offset = sector * CD_SECTOR_SIZE;
  return offset + CD_SECTOR_SIZE <= disk.size ? disk.read(offset, CD_SECTOR_SIZE) : undefined;
}

/** The image of one entry, or none if it does not lie on the disk. */
function image(
  disk: Disk,
  entry: ElToritoEntry,
  volumeSectors: number,
  quirks: PartitionQuirks,
): readonly Partition[] {
  const start = entry.loadRba * CD_SECTOR_SIZE;
  const size = imageSize(disk, entry, volumeSectors, quirks);
  const isOnDisk = size > 0 && start + size <= disk.size;
  // EDK II has no such check where the catalog gives a size.
  const isBelieved = quirks.elToritoCountsCdSectors && size > 0;
  if (!isOnDisk && !isBelieved) {
    disk.debug.debug(
      DEBUG_WARN,
      `El Torito: entry ${entry.bootEntry} is left out: ${size} bytes at ${start} are not on the disk`,
    );
    return [];
  }
  const blockSize = entry.mediaType === ELTORITO_NO_EMULATION ? disk.blockSize : virtualBlockSize;
  return [
    {
      node: cdromNode(entry.bootEntry, start / disk.blockSize, size / disk.blockSize),
      info: {
        revision: EFI_PARTITION_INFO_PROTOCOL_REVISION,
        type: 'PARTITION_TYPE_OTHER',
        system: false,
        entry: new Uint8Array(0),
      },
      start,
      size,
      blockSize,
      type: undefined,
    },
  ];
}
