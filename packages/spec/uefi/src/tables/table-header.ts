import { viewOf } from '../bytes.ts';
import { crc32 } from '../crc32.ts';

/** EFI_TABLE_HEADER (UEFI §4.2.1). */
export interface EfiTableHeader {
  readonly signature: bigint;
  /** (major << 16) | minor, the minor version as two decimal digits. */
  readonly revision: number;
  /** Of the whole table, in bytes. */
  readonly headerSize: number;
  readonly crc32: number;
}

/** The size of EFI_TABLE_HEADER, in bytes. */
export const EFI_TABLE_HEADER_SIZE = 24;

const REVISION_AT = 8;
const HEADER_SIZE_AT = 12;
const CRC32_AT = 16;

/**
 * Fills in the header of a table, whose body is there already: signature, revision, size, and the CRC-32
 * over all of it, for which its own field counts as 0.
 */
export function sealTable(table: Uint8Array, signature: bigint, revision: number): Uint8Array {
  const view = viewOf(table);
  view.setBigUint64(0, signature, true);
  view.setUint32(REVISION_AT, revision, true);
  view.setUint32(HEADER_SIZE_AT, table.length, true);
  view.setUint32(CRC32_AT, 0, true);
  view.setUint32(CRC32_AT + 4, 0, true);
  view.setUint32(CRC32_AT, crc32(table), true);
  return table;
}

/**
 * The header of the table that begins here; `undefined` if there is none with this signature, of at least
 * the size of a header, within the bytes, and with the right CRC-32.
 */
export function readTableHeader(bytes: Uint8Array, signature: bigint): EfiTableHeader | undefined {
  if (bytes.length < EFI_TABLE_HEADER_SIZE) return undefined;
  const view = viewOf(bytes);
  const headerSize = view.getUint32(HEADER_SIZE_AT, true);
  if (view.getBigUint64(0, true) !== signature) return undefined;
  if (headerSize < EFI_TABLE_HEADER_SIZE || headerSize > bytes.length) return undefined;
  const table = bytes.slice(0, headerSize);
  table.fill(0, CRC32_AT, CRC32_AT + 4);
  const crc = view.getUint32(CRC32_AT, true);
  if (crc32(table) !== crc) return undefined;
  return { signature, revision: view.getUint32(REVISION_AT, true), headerSize, crc32: crc };
}
