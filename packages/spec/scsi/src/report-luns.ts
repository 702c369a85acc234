import { getBigEndian, setBigEndian } from './big-endian.ts';

/** The last LUN that the flat addressing method can say (SAM-6). */
export const SCSI_MAX_LUN = 0x3fff;

/** The first two bytes of the REPORT LUNS well-known logical unit (SPC-6). */
export const SCSI_REPORT_LUNS_WELL_KNOWN_LUN = 0xc101;

/** SELECT REPORT (SPC-6): all but the well-known units, only those, or all. */
export const SCSI_REPORT_LUNS_ADDRESSABLE = 0;
export const SCSI_REPORT_LUNS_WELL_KNOWN = 1;
export const SCSI_REPORT_LUNS_ALL = 2;

const ENTRY = 8;
/** Addressing methods, in the upper two bits (SAM-6). */
const METHOD = 0xc000;
const PERIPHERAL = 0x0000;
const FLAT = 0x4000;

/** REPORT LUNS data (SPC-6). */
export interface ScsiReportLuns {
  /** In bytes, of all entries: more than came if there was too little room. */
  readonly listLength: number;
  /** LUNs of one level, on bus 0: what other addressing methods say is left out. */
  readonly luns: readonly number[];
}

/** The first two bytes of a LUN of one level: peripheral up to 255, flat from there on (SAM-6). */
export function scsiLunAddress(lun: number): number {
  return lun < 256 ? lun : FLAT | lun;
}

/** The LUN that 8 bytes from `at` on say; `undefined` if it has more levels, or another method. */
export function readScsiLun(data: Uint8Array, at = 0): number | undefined {
  const address = getBigEndian(data, at, 2);
  if (getBigEndian(data, at + 2, 6) !== 0) return undefined;
  const method = address & METHOD;
  if (method === FLAT) return address & SCSI_MAX_LUN;
  return method === PERIPHERAL && address < 256 ? address : undefined;
}

/** Writes REPORT LUNS data. @param luns from 0 to SCSI_MAX_LUN, in ascending order */
export function reportLunsData(luns: readonly number[]): Uint8Array {
  const data = new Uint8Array(ENTRY + luns.length * ENTRY);
  setBigEndian(data, 0, 4, luns.length * ENTRY);
  for (const [index, lun] of luns.entries()) {
    setBigEndian(data, ENTRY + index * ENTRY, 2, scsiLunAddress(lun));
  }
  return data;
}

/** Reads REPORT LUNS data, as much as there is; an entry that is cut is left out. */
export function readReportLuns(data: Uint8Array): ScsiReportLuns {
  const listLength = getBigEndian(data, 0, 4);
  const end = Math.min(data.length, ENTRY + listLength);
  const luns: number[] = [];
  for (let at = ENTRY; at + ENTRY <= end; at += ENTRY) {
    const lun = readScsiLun(data, at);
    if (lun !== undefined) luns.push(lun);
  }
  return { listLength, luns };
}
