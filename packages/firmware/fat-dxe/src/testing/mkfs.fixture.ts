/** What a volume is made from. */
export interface Format {
  readonly type: 'FAT12' | 'FAT16' | 'FAT32';
  /** How many clusters the volume has; must be in the range of the type. */
  readonly clusters?: number;
  readonly sectorSize?: number;
  readonly sectorsPerCluster?: number;
  readonly fats?: number;
  readonly rootEntries?: number;
  readonly label?: string;
}

const DEFAULT_CLUSTERS = { FAT12: 400, FAT16: 5000, FAT32: 65600 } as const;
const ENTRY_BITS = { FAT12: 12, FAT16: 16, FAT32: 32 } as const;

/** A small mkfs: an empty volume, written after the FAT specification and not with the code under test. */
export function makeVolume(format: Format): Uint8Array {
  const { type, sectorSize = 512, sectorsPerCluster = 1, fats = 2, label } = format;
  const fat32 = type === 'FAT32';
  const clusters = format.clusters ?? DEFAULT_CLUSTERS[type];
  const rootEntries = fat32 ? 0 : (format.rootEntries ?? (sectorSize / 32) * 4);
  const reserved = fat32 ? 32 : 1;
  const fatSectors = Math.ceil((((clusters + 2) * ENTRY_BITS[type]) / 8 + 1) / sectorSize);
  const rootSectors = Math.ceil((rootEntries * 32) / sectorSize);
  const total = reserved + fats * fatSectors + rootSectors + clusters * sectorsPerCluster;
  const bytes = new Uint8Array(total * sectorSize);
  const view = new DataView(bytes.buffer);

  bytes.set([0xeb, 0x3c, 0x90]);
  text(bytes, 3, 'dxelab  ');
  view.setUint16(11, sectorSize, true);
  view.setUint8(13, sectorsPerCluster);
  view.setUint16(14, reserved, true);
  view.setUint8(16, fats);
  view.setUint16(17, rootEntries, true);
  if (total < 0x1_0000 && !fat32) view.setUint16(19, total, true);
  else view.setUint32(32, total, true);
  view.setUint8(21, 0xf8);
  if (fat32) {
    view.setUint32(36, fatSectors, true);
    view.setUint32(44, 2, true);
    view.setUint16(48, 1, true);
    view.setUint16(50, 6, true);
  } else {
    view.setUint16(22, fatSectors, true);
  }
  const extended = fat32 ? 64 : 36;
  view.setUint8(extended + 2, 0x29);
  text(bytes, extended + 7, (label ?? 'NO NAME').padEnd(11));
  text(bytes, extended + 18, type.padEnd(8));
  view.setUint16(510, 0xaa55, true);

  for (let copy = 0; copy < fats; copy++) {
    const at = (reserved + copy * fatSectors) * sectorSize;
    if (type === 'FAT12') bytes.set([0xf8, 0xff, 0xff], at);
    else if (type === 'FAT16') bytes.set([0xf8, 0xff, 0xff, 0xff], at);
    else {
      view.setUint32(at, 0x0ffffff8, true);
      view.setUint32(at + 4, 0x0fffffff, true);
      view.setUint32(at + 8, 0x0fffffff, true);
    }
  }
  if (fat32) {
    const info = sectorSize;
    view.setUint32(info, 0x41615252, true);
    view.setUint32(info + 484, 0x61417272, true);
    view.setUint32(info + 488, clusters - 1, true);
    view.setUint32(info + 492, 3, true);
    view.setUint32(info + 508, 0xaa550000, true);
    bytes.copyWithin(6 * sectorSize, 0, 2 * sectorSize);
  }
  if (label !== undefined) {
    const root = (reserved + fats * fatSectors) * sectorSize;
    text(bytes, root, label.padEnd(11));
    bytes[root + 11] = 0x08;
  }
  return bytes;
}

function text(bytes: Uint8Array, at: number, value: string): void {
  bytes.set(
    Uint8Array.from(value, (char) => char.charCodeAt(0)),
    at,
  );
}
