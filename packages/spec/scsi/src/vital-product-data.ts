import { getAscii, getBigEndian, setAscii, setBigEndian } from './big-endian.ts';

/** VPD page codes (SPC-6, SBC-4). */
export const SCSI_VPD_SUPPORTED_PAGES = 0x00;
export const SCSI_VPD_UNIT_SERIAL_NUMBER = 0x80;
export const SCSI_VPD_DEVICE_IDENTIFICATION = 0x83;
export const SCSI_VPD_BLOCK_LIMITS = 0xb0;
export const SCSI_VPD_BLOCK_DEVICE_CHARACTERISTICS = 0xb1;
export const SCSI_VPD_LOGICAL_BLOCK_PROVISIONING = 0xb2;

/** A VPD page of whatever code (SPC-6). */
export interface ScsiVpdPage {
  /** SCSI_TYPE_*. */
  readonly deviceType: number;
  /** SCSI_VPD_*. */
  readonly pageCode: number;
  /** What follows its header of 4 bytes. */
  readonly data: Uint8Array;
}

/** Writes a VPD page. */
export function vpdPage({ deviceType, pageCode, data }: ScsiVpdPage): Uint8Array {
  const page = new Uint8Array(4 + data.length);
  page[0] = deviceType;
  page[1] = pageCode;
  setBigEndian(page, 2, 2, data.length);
  page.set(data, 4);
  return page;
}

/** Reads a VPD page, as much as there is of it. @returns undefined if not even the header is there */
export function readVpdPage(page: Uint8Array): ScsiVpdPage | undefined {
  const [peripheral, pageCode] = page;
  if (peripheral === undefined || pageCode === undefined || page.length < 4) return undefined;
  const data = page.subarray(4, 4 + getBigEndian(page, 2, 2));
  return { deviceType: peripheral & 0x1f, pageCode, data };
}

/** How a designator is written (SPC-6). */
export const SCSI_CODE_SET_BINARY = 1;
export const SCSI_CODE_SET_ASCII = 2;
/** What a designator is (SPC-6). */
export const SCSI_DESIGNATOR_VENDOR_SPECIFIC = 0;
export const SCSI_DESIGNATOR_T10_VENDOR_ID = 1;
export const SCSI_DESIGNATOR_NAA = 3;

/** One name of a device, in the device identification page (SPC-6). */
export interface ScsiDesignator {
  /** SCSI_CODE_SET_*. */
  readonly codeSet: number;
  /** Of the logical unit, 0, its port, 1, or its target, 2. */
  readonly association: number;
  /** SCSI_DESIGNATOR_*. */
  readonly type: number;
  readonly designator: Uint8Array;
}

/** Writes what the device identification page has behind its header (SPC-6). */
export function deviceIdentificationData(designators: readonly ScsiDesignator[]): Uint8Array {
  const bytes: number[] = [];
  for (const { codeSet, association, type, designator } of designators) {
    bytes.push(codeSet, (association << 4) | type, 0, designator.length, ...designator);
  }
  return Uint8Array.from(bytes);
}

/** Reads what the device identification page has behind its header; a designator that is cut is left out. */
export function readDeviceIdentification(data: Uint8Array): ScsiDesignator[] {
  const designators: ScsiDesignator[] = [];
  for (let at = 0; at + 4 <= data.length;) {
    const [codeSet = 0, kind = 0, , length = 0] = data.subarray(at, at + 4);
    const end = at + 4 + length;
    if (end > data.length) break;
    designators.push({
      codeSet: codeSet & 0xf,
      association: (kind >> 4) & 3,
      type: kind & 0xf,
      designator: data.slice(at + 4, end),
    });
    at = end;
  }
  return designators;
}

/** What the unit serial number page has behind its header (SPC-6). */
export function readUnitSerialNumber(data: Uint8Array): string {
  return getAscii(data, 0, data.length).trimStart();
}

/** Writes what the unit serial number page has behind its header; spaces if there is no number. */
export function unitSerialNumberData(serial: string): Uint8Array {
  const data = new Uint8Array(serial.length === 0 ? 4 : serial.length);
  setAscii(data, 0, data.length, serial);
  return data;
}
