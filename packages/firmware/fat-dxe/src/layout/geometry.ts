import { EfiError } from '@dxelab/uefi';
import type { BiosParameterBlock } from './bpb.ts';

export type FatType = 'FAT12' | 'FAT16' | 'FAT32';

/** The first cluster count that is no FAT12, and no FAT16, any more (FAT specification, "FAT Type Determination"). */
const FAT16_MIN_CLUSTERS = 4085;
const FAT32_MIN_CLUSTERS = 65525;
/** Entries from 0x0FFFFFF7 on have another meaning than "the next cluster". */
const FAT32_MAX_CLUSTERS = 0x0ffffff5;
const RECORD_SIZE = 32;

/** Where everything lies on a volume, in bytes from its beginning. */
export class FatGeometry {
  readonly type: FatType;
  readonly sectorSize: number;
  readonly clusterSize: number;
  readonly fatOffset: number;
  /** Of one FAT. */
  readonly fatSize: number;
  readonly fatCount: number;
  /** The fixed root directory of FAT12 and FAT16. */
  readonly rootOffset: number;
  /** In bytes; 0 on FAT32. */
  readonly rootSize: number;
  /** Of the root directory of FAT32; else 0. */
  readonly rootCluster: number;
  readonly dataOffset: number;
  readonly clusterCount: number;
  readonly volumeSize: number;
  /** The sector that keeps the count of free clusters; `undefined` when there is none. */
  readonly fsInfoOffset: number | undefined;
  readonly backupBootOffset: number | undefined;

  constructor(bpb: BiosParameterBlock) {
    const sector = bpb.bytesPerSector;
    const afterFats = bpb.reservedSectors + bpb.fatCount * bpb.sectorsPerFat;
    const rootSectors = Math.ceil((bpb.rootEntries * RECORD_SIZE) / sector);
    this.sectorSize = sector;
    this.clusterSize = sector * bpb.sectorsPerCluster;
    this.fatOffset = bpb.reservedSectors * sector;
    this.fatSize = bpb.sectorsPerFat * sector;
    this.fatCount = bpb.fatCount;
    this.rootOffset = afterFats * sector;
    this.rootSize = bpb.fat32 === undefined ? bpb.rootEntries * RECORD_SIZE : 0;
    this.rootCluster = bpb.fat32?.rootCluster ?? 0;
    this.dataOffset = (afterFats + rootSectors) * sector;
    this.volumeSize = bpb.totalSectors * sector;
    this.clusterCount = Math.floor((this.volumeSize - this.dataOffset) / this.clusterSize);
    this.type =
      bpb.fat32 !== undefined
        ? 'FAT32'
        : this.clusterCount < FAT16_MIN_CLUSTERS
          ? 'FAT12'
          : 'FAT16';
    this.fsInfoOffset = sectorOffset(bpb, bpb.fat32?.fsInfoSector);
    this.backupBootOffset = sectorOffset(bpb, bpb.fat32?.backupBootSector);
  }

  /** The highest cluster number; clusters are counted from 2. */
  get lastCluster(): number {
    return this.clusterCount + 1;
  }

  isCluster(cluster: number): boolean {
    return cluster >= 2 && cluster <= this.clusterCount + 1;
  }

  /** Where a cluster begins. */
  offsetOf(cluster: number): number {
    return this.dataOffset + (cluster - 2) * this.clusterSize;
  }
}

/** A sector of the reserved area; 0 and 0xFFFF mean that there is none. */
function sectorOffset(bpb: BiosParameterBlock, sector: number | undefined): number | undefined {
  if (sector === undefined || sector === 0 || sector >= bpb.reservedSectors) return undefined;
  return sector * bpb.bytesPerSector;
}

/** What is asked of a volume beyond its own consistency. */
export interface MountChecks {
  /** In bytes: what the medium holds. */
  readonly mediumSize: number;
  /** Do not ask for the signature, nor whether the volume fits on the medium. */
  readonly trusting: boolean;
}

/**
 * Judges a boot sector. What is not FAT at all is unsupported; what is FAT, but cannot be, is corrupted.
 * FatPkg/EnhancedFatDxe/Init.c: FatOpenDevice.
 * @throws EFI_UNSUPPORTED, EFI_VOLUME_CORRUPTED
 */
export function judgeGeometry(bpb: BiosParameterBlock, checks: MountChecks): FatGeometry {
  if (!checks.trusting) {
    demand(bpb.signature === 0xaa55, 'signature 0xAA55 at byte 510', hex(bpb.signature));
  }
  demand(bpb.reservedSectors !== 0, 'one reserved sector or more', '0');
  demand(bpb.fatCount !== 0, 'one FAT or more', '0');
  demand(bpb.totalSectors !== 0, 'one sector or more', '0');
  demand(
    isPowerOfTwo(bpb.bytesPerSector, 512, 4096),
    '512, 1024, 2048 or 4096 bytes per sector',
    bpb.bytesPerSector,
  );
  demand(
    isPowerOfTwo(bpb.sectorsPerCluster, 1, 128),
    '1 to 128 sectors per cluster, a power of two',
    bpb.sectorsPerCluster,
  );
  demand(isMediaType(bpb.mediaType), 'media type 0xF0 or 0xF8 to 0xFF', hex(bpb.mediaType));
  demand(bpb.sectorsPerFat !== 0, 'one sector or more per FAT', '0');
  if (bpb.fat32 === undefined) {
    demand(bpb.rootEntries !== 0, 'a root directory with entries', '0 entries');
  } else {
    demand(bpb.fat32.version === 0, 'FAT32 version 0.0', hex(bpb.fat32.version));
    demand(
      (bpb.fat32.flags & 0x80) === 0,
      'FATs that mirror each other',
      `flags ${hex(bpb.fat32.flags)}`,
    );
  }
  const geometry = new FatGeometry(bpb);
  judgeSizes(geometry, checks);
  return geometry;
}

function judgeSizes(geometry: FatGeometry, checks: MountChecks): void {
  const { type, clusterCount, fatSize, rootCluster } = geometry;
  const wanted =
    type === 'FAT32'
      ? { least: FAT32_MIN_CLUSTERS, most: FAT32_MAX_CLUSTERS }
      : { least: 1, most: FAT32_MIN_CLUSTERS - 1 };
  if (!(clusterCount >= wanted.least && clusterCount <= wanted.most)) {
    throw corrupted(
      `${type} volume: expected ${wanted.least} to ${wanted.most} clusters, found ${clusterCount}`,
    );
  }
  const entryBits = type === 'FAT12' ? 12 : type === 'FAT16' ? 16 : 32;
  const needed = Math.ceil(((clusterCount + 2) * entryBits) / 8);
  if (fatSize < needed) {
    throw corrupted(
      `${clusterCount} clusters need a FAT of ${needed} bytes, found one of ${fatSize}`,
    );
  }
  if (type === 'FAT32' && !geometry.isCluster(rootCluster)) {
    throw corrupted(
      `root directory: expected a cluster from 2 to ${geometry.lastCluster}, found ${rootCluster}`,
    );
  }
  if (!checks.trusting && geometry.volumeSize > checks.mediumSize) {
    throw corrupted(
      `the volume says it has ${geometry.volumeSize} bytes, its medium has ${checks.mediumSize}`,
    );
  }
}

function demand(holds: boolean, expected: string, found: string | number): void {
  if (!holds) {
    throw new EfiError('EFI_UNSUPPORTED', `no FAT volume: expected ${expected}, found ${found}`);
  }
}

function corrupted(message: string): EfiError {
  return new EfiError('EFI_VOLUME_CORRUPTED', message);
}

function isPowerOfTwo(value: number, least: number, most: number): boolean {
  return value >= least && value <= most && (value & (value - 1)) === 0;
}

/** 0 and 1 are accepted as by EDK II, which has met them. */
function isMediaType(value: number): boolean {
  return value >= 0xf8 || value === 0xf0 || value <= 1;
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}
