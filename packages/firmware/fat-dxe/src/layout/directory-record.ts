/** In bytes: every slot of a directory has this size. */
export const RECORD_SIZE = 32;
/** UEFI and FAT agree on these (`EFI_FILE_…`); the following ones are FAT's own. */
export const ATTRIBUTE_VOLUME_ID = 0x08;
export const ATTRIBUTE_DIRECTORY = 0x10;
export const ATTRIBUTE_ARCHIVE = 0x20;
/** All of read-only, hidden, system and volume id at once: a part of a long name. */
export const ATTRIBUTE_LONG_NAME = 0x0f;
const ATTRIBUTE_MASK = 0x3f;

/** The first byte of a slot that is free again. */
export const SLOT_DELETED = 0xe5;
/** The first byte of the first slot that was never used: the directory ends here. */
export const SLOT_END = 0x00;

/** A directory entry with its 8.3 name (FAT specification, "FAT Directory Structure"). */
export interface DirectoryRecord {
  /** The 11 bytes of the name, one per character, padded with spaces. */
  shortName: string;
  attributes: number;
  /** Bits 3 and 4: the base and the extension of the name are in lower case. */
  caseFlags: number;
  /** In units of 10 ms, 0 to 199: refines the two seconds of the creation time. */
  createTenths: number;
  createTime: number;
  createDate: number;
  accessDate: number;
  modifyTime: number;
  modifyDate: number;
  /** 0: no cluster. */
  firstCluster: number;
  /** In bytes; 0 for a directory. */
  size: number;
}

/** @param wide whether cluster numbers have their upper half here (FAT32); elsewhere that field has no meaning */
export function readRecord(bytes: Uint8Array, at: number, wide: boolean): DirectoryRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_SIZE);
  const high = wide ? view.getUint16(20, true) : 0;
  return {
    shortName: readShortName(bytes, at),
    attributes: view.getUint8(11),
    caseFlags: view.getUint8(12),
    createTenths: view.getUint8(13),
    createTime: view.getUint16(14, true),
    createDate: view.getUint16(16, true),
    accessDate: view.getUint16(18, true),
    modifyTime: view.getUint16(22, true),
    modifyDate: view.getUint16(24, true),
    firstCluster: high * 0x1_0000 + view.getUint16(26, true),
    size: view.getUint32(28, true),
  };
}

export function writeRecord(bytes: Uint8Array, at: number, record: DirectoryRecord): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_SIZE);
  for (let index = 0; index < 11; index++) {
    view.setUint8(index, record.shortName.charCodeAt(index));
  }
  // A name that begins with the byte 0xE5 would look deleted.
  if (view.getUint8(0) === SLOT_DELETED) view.setUint8(0, 0x05);
  view.setUint8(11, record.attributes);
  view.setUint8(12, record.caseFlags);
  view.setUint8(13, record.createTenths);
  view.setUint16(14, record.createTime, true);
  view.setUint16(16, record.createDate, true);
  view.setUint16(18, record.accessDate, true);
  view.setUint16(20, record.firstCluster >>> 16, true);
  view.setUint16(22, record.modifyTime, true);
  view.setUint16(24, record.modifyDate, true);
  view.setUint16(26, record.firstCluster & 0xffff, true);
  view.setUint32(28, record.size, true);
}

/** The 11 bytes of a slot's name, without the escape for 0xE5. */
export function readShortName(bytes: Uint8Array, at: number): string {
  const name = bytes.subarray(at, at + 11);
  const text = String.fromCharCode(...name);
  return name[0] === 0x05 ? `\u00e5${text.slice(1)}` : text;
}

/** What kind of slot this is, by its first byte and its attributes. */
export function slotKind(
  bytes: Uint8Array,
  at: number,
): 'end' | 'deleted' | 'long-name' | 'volume-id' | 'entry' {
  const first = bytes[at] ?? SLOT_END;
  if (first === SLOT_END) return 'end';
  if (first === SLOT_DELETED) return 'deleted';
  const attributes = (bytes[at + 11] ?? 0) & ATTRIBUTE_MASK;
  if (attributes === ATTRIBUTE_LONG_NAME) return 'long-name';
  return (attributes & ATTRIBUTE_VOLUME_ID) === 0 ? 'entry' : 'volume-id';
}
