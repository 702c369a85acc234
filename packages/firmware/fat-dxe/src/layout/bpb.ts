/** What only the boot sector of a FAT32 volume says. */
export interface Fat32Block {
  readonly flags: number;
  readonly version: number;
  readonly rootCluster: number;
  readonly fsInfoSector: number;
  readonly backupBootSector: number;
}

/** The BIOS parameter block of a boot sector, unjudged (FAT specification 1.03, "Boot Sector and BPB"). */
export interface BiosParameterBlock {
  readonly bytesPerSector: number;
  readonly sectorsPerCluster: number;
  readonly reservedSectors: number;
  readonly fatCount: number;
  /** Of the fixed root directory; 0 on FAT32. */
  readonly rootEntries: number;
  readonly totalSectors: number;
  readonly mediaType: number;
  readonly sectorsPerFat: number;
  /** Present when the 16-bit FAT size is 0, which is what makes a volume FAT32. */
  readonly fat32: Fat32Block | undefined;
  /** 0xAA55 when the sector says that it is a boot sector. */
  readonly signature: number;
}

/** How many bytes of the boot sector matter, whatever the size of a sector. */
export const BOOT_SECTOR_SIZE = 512;

/** Reads the fields of a boot sector's 512 bytes. */
export function readBiosParameterBlock(sector: Uint8Array): BiosParameterBlock {
  const view = new DataView(sector.buffer, sector.byteOffset, BOOT_SECTOR_SIZE);
  const sectorsPerFat16 = view.getUint16(22, true);
  return {
    bytesPerSector: view.getUint16(11, true),
    sectorsPerCluster: view.getUint8(13),
    reservedSectors: view.getUint16(14, true),
    fatCount: view.getUint8(16),
    rootEntries: view.getUint16(17, true),
    totalSectors: view.getUint16(19, true) || view.getUint32(32, true),
    mediaType: view.getUint8(21),
    sectorsPerFat: sectorsPerFat16 || view.getUint32(36, true),
    fat32: sectorsPerFat16 === 0 ? readFat32Block(view) : undefined,
    signature: view.getUint16(510, true),
  };
}

function readFat32Block(view: DataView): Fat32Block {
  return {
    flags: view.getUint16(40, true),
    version: view.getUint16(42, true),
    rootCluster: view.getUint32(44, true),
    fsInfoSector: view.getUint16(48, true),
    backupBootSector: view.getUint16(50, true),
  };
}
