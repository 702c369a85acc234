import { getBigEndian, setBigEndian } from './big-endian.ts';

/** Mode page codes (SPC-6, SBC-4, MMC-6). */
export const SCSI_MODE_PAGE_READ_WRITE_ERROR_RECOVERY = 0x01;
export const SCSI_MODE_PAGE_CACHING = 0x08;
export const SCSI_MODE_PAGE_CONTROL = 0x0a;
export const SCSI_MODE_PAGE_INFORMATIONAL_EXCEPTIONS = 0x1c;
export const SCSI_MODE_PAGE_CD_CAPABILITIES = 0x2a;
/** Of MODE SENSE: every page, and every subpage. */
export const SCSI_MODE_PAGE_ALL = 0x3f;
export const SCSI_MODE_SUBPAGE_ALL = 0xff;

/** PAGE CONTROL of MODE SENSE (SPC-6): which values of the pages. */
export const SCSI_MODE_CURRENT = 0;
export const SCSI_MODE_CHANGEABLE = 1;
export const SCSI_MODE_DEFAULT = 2;
export const SCSI_MODE_SAVED = 3;

/** What a disk says of itself in the header (SBC-4): it is write protected; it knows DPO and FUA. */
export const SCSI_MODE_WRITE_PROTECT = 0x80;
export const SCSI_MODE_DPOFUA = 0x10;

/** One mode page (SPC-6). */
export interface ScsiModePage {
  /** SCSI_MODE_PAGE_*. */
  readonly pageCode: number;
  /** 0 of a page without subpages. */
  readonly subpageCode: number;
  /** MODE SELECT could keep it for the next power-on. */
  readonly savable: boolean;
  /** What follows its header. */
  readonly data: Uint8Array;
}

/** A block descriptor (SBC-4). */
export interface ScsiBlockDescriptor {
  /** In short form 0xFFFFFFFF if there are more. */
  readonly blocks: number;
  /** In bytes. */
  readonly blockSize: number;
}

/** What MODE SENSE delivers (SPC-6). */
export interface ScsiModeParameters {
  readonly mediumType: number;
  /** Of a disk: SCSI_MODE_WRITE_PROTECT, SCSI_MODE_DPOFUA. */
  readonly deviceSpecific: number;
  readonly blockDescriptor: ScsiBlockDescriptor | undefined;
  readonly pages: readonly ScsiModePage[];
}

/** Bytes of the header of the 6-byte and the 10-byte command (SPC-6). */
export const SCSI_MODE_HEADER_6_SIZE = 4;
export const SCSI_MODE_HEADER_10_SIZE = 8;

/**
 * Writes mode parameters.
 * @param headerSize SCSI_MODE_HEADER_6_SIZE or SCSI_MODE_HEADER_10_SIZE
 * @param blockDescriptor of 0, 8 or 16 bytes; only the 10-byte form has room for 16
 * @param pages with their headers, one after the other
 */
export function modeParameterData(
  headerSize: number,
  deviceSpecific: number,
  blockDescriptor: Uint8Array,
  pages: Uint8Array,
): Uint8Array {
  const data = new Uint8Array(headerSize + blockDescriptor.length + pages.length);
  if (headerSize === SCSI_MODE_HEADER_6_SIZE) {
    data[0] = data.length - 1;
    data[2] = deviceSpecific;
    data[3] = blockDescriptor.length;
  } else {
    setBigEndian(data, 0, 2, data.length - 2);
    data[3] = deviceSpecific;
    data[4] = blockDescriptor.length === 16 ? 1 : 0;
    setBigEndian(data, 6, 2, blockDescriptor.length);
  }
  data.set(blockDescriptor, headerSize);
  data.set(pages, headerSize + blockDescriptor.length);
  return data;
}

/** Writes a block descriptor in short form (SBC-4). */
export function shortBlockDescriptor({ blocks, blockSize }: ScsiBlockDescriptor): Uint8Array {
  const data = new Uint8Array(8);
  setBigEndian(data, 0, 4, Math.min(blocks, 0xffff_ffff));
  setBigEndian(data, 5, 3, blockSize);
  return data;
}

/** Writes a block descriptor in long form (SBC-4). */
export function longBlockDescriptor({ blocks, blockSize }: ScsiBlockDescriptor): Uint8Array {
  const data = new Uint8Array(16);
  setBigEndian(data, 0, 8, blocks);
  setBigEndian(data, 12, 4, blockSize);
  return data;
}

/** Reads a block descriptor of 8 or 16 bytes. */
export function readBlockDescriptor(data: Uint8Array): ScsiBlockDescriptor | undefined {
  if (data.length === 8) {
    return { blocks: getBigEndian(data, 0, 4), blockSize: getBigEndian(data, 5, 3) };
  }
  if (data.length === 16) {
    return { blocks: getBigEndian(data, 0, 8), blockSize: getBigEndian(data, 12, 4) };
  }
  return undefined;
}

/**
 * Reads what MODE SENSE delivered, as much as there is of it; a page that is cut is left out.
 * @param headerSize SCSI_MODE_HEADER_6_SIZE or SCSI_MODE_HEADER_10_SIZE
 * @returns undefined if not even the header is there
 */
export function readModeParameters(
  data: Uint8Array,
  headerSize: number,
): ScsiModeParameters | undefined {
  if (data.length < headerSize) return undefined;
  const isShort = headerSize === SCSI_MODE_HEADER_6_SIZE;
  const length = isShort ? 1 + (data[0] ?? 0) : 2 + getBigEndian(data, 0, 2);
  const descriptorSize = isShort ? (data[3] ?? 0) : getBigEndian(data, 6, 2);
  const begin = headerSize + descriptorSize;
  return {
    mediumType: data[isShort ? 1 : 2] ?? 0,
    deviceSpecific: data[isShort ? 2 : 3] ?? 0,
    blockDescriptor: readBlockDescriptor(data.subarray(headerSize, begin)),
    pages: readModePages(data.subarray(begin, Math.max(begin, length))),
  };
}

/** Reads mode pages that stand one after the other; one that is cut is left out. */
export function readModePages(data: Uint8Array): ScsiModePage[] {
  const pages: ScsiModePage[] = [];
  for (let at = 0; at + 2 <= data.length;) {
    const [first = 0, second = 0] = data.subarray(at, at + 2);
    const hasSubpage = (first & 0x40) !== 0;
    const begin = at + (hasSubpage ? 4 : 2);
    const end = begin + (hasSubpage ? getBigEndian(data, at + 2, 2) : second);
    if (end > data.length) break;
    pages.push({
      pageCode: first & 0x3f,
      subpageCode: hasSubpage ? second : 0,
      savable: (first & 0x80) !== 0,
      data: data.slice(begin, end),
    });
    at = end;
  }
  return pages;
}
