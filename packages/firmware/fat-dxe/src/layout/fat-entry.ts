import type { FatType } from './geometry.ts';

/**
 * What a FAT entry can say other than "the next cluster is n". The three widths are read into one range
 * of values, that of FAT32, so that nothing else has to know the width.
 */
export const FAT_FREE = 0;
export const FAT_BAD = 0x0ffffff7;
/** Any value from here on ends a chain. */
export const FAT_END_MIN = 0x0ffffff8;
export const FAT_END = 0x0fffffff;

/** How the entries of one kind of FAT are packed. */
export interface FatEntryCodec {
  /** Where the entry of a cluster begins, in bytes from the beginning of the FAT. */
  offset(cluster: number): number;
  /** How many bytes an entry touches. */
  readonly size: number;
  /** The entry that begins at `at` of `bytes`. */
  read(bytes: Uint8Array, at: number, cluster: number): number;
  write(bytes: Uint8Array, at: number, cluster: number, value: number): void;
  /** Of entry 1: set while the volume is clean; 0 where there is no such bit. */
  readonly cleanBit: number;
}

/** One and a half bytes each, so that an entry may lie across two sectors. */
const FAT12: FatEntryCodec = {
  size: 2,
  cleanBit: 0,
  offset: (cluster) => Math.floor((cluster * 3) / 2),
  read(bytes, at, cluster) {
    const pair = byte(bytes, at) | (byte(bytes, at + 1) << 8);
    return widen((cluster & 1) === 0 ? pair & 0xfff : pair >> 4, 0xff7, 0x0ffff000);
  },
  write(bytes, at, cluster, value) {
    const entry = value & 0xfff;
    if ((cluster & 1) === 0) {
      bytes[at] = entry & 0xff;
      bytes[at + 1] = (byte(bytes, at + 1) & 0xf0) | (entry >> 8);
    } else {
      bytes[at] = (byte(bytes, at) & 0x0f) | ((entry & 0x0f) << 4);
      bytes[at + 1] = entry >> 4;
    }
  },
};

const FAT16: FatEntryCodec = {
  size: 2,
  cleanBit: 0x8000,
  offset: (cluster) => cluster * 2,
  read: (bytes, at) => widen(byte(bytes, at) | (byte(bytes, at + 1) << 8), 0xfff7, 0x0fff0000),
  write(bytes, at, _cluster, value) {
    bytes[at] = value & 0xff;
    bytes[at + 1] = (value >> 8) & 0xff;
  },
};

/** 28 bits; the upper four belong to somebody else and are kept. */
const FAT32: FatEntryCodec = {
  size: 4,
  cleanBit: 0x0800_0000,
  offset: (cluster) => cluster * 4,
  read: (bytes, at) =>
    byte(bytes, at) |
    (byte(bytes, at + 1) << 8) |
    (byte(bytes, at + 2) << 16) |
    ((byte(bytes, at + 3) & 0x0f) << 24),
  write(bytes, at, _cluster, value) {
    bytes[at] = value & 0xff;
    bytes[at + 1] = (value >> 8) & 0xff;
    bytes[at + 2] = (value >> 16) & 0xff;
    bytes[at + 3] = (byte(bytes, at + 3) & 0xf0) | ((value >> 24) & 0x0f);
  },
};

const CODECS: Readonly<Record<FatType, FatEntryCodec>> = { FAT12, FAT16, FAT32 };

export function fatEntryCodec(type: FatType): FatEntryCodec {
  return CODECS[type];
}

/** Lifts the marks of a narrow FAT to those of FAT32. */
function widen(entry: number, firstMark: number, high: number): number {
  return entry >= firstMark ? entry | high : entry;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
