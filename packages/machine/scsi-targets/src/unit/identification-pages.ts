import type { ScsiDesignator } from '@dxelab/scsi';
import {
  SCSI_CODE_SET_ASCII,
  SCSI_CODE_SET_BINARY,
  SCSI_DESIGNATOR_NAA,
  SCSI_DESIGNATOR_T10_VENDOR_ID,
  SCSI_VPD_DEVICE_IDENTIFICATION,
  SCSI_VPD_SUPPORTED_PAGES,
  SCSI_VPD_UNIT_SERIAL_NUMBER,
  deviceIdentificationData,
  setAscii,
  unitSerialNumberData,
} from '@dxelab/scsi';
import type { UnitIdentity } from './unit-identity.ts';

const PAGES = [
  SCSI_VPD_SUPPORTED_PAGES,
  SCSI_VPD_UNIT_SERIAL_NUMBER,
  SCSI_VPD_DEVICE_IDENTIFICATION,
];

/**
 * The VPD pages that every unit has (SPC-6).
 * @param more codes of the pages that this one has besides
 * @returns what the page has behind its header; `undefined` if it is none of these
 */
export function identificationPage(
  identity: UnitIdentity,
  pageCode: number,
  more: readonly number[],
): Uint8Array | undefined {
  switch (pageCode) {
    case SCSI_VPD_SUPPORTED_PAGES:
      return Uint8Array.from([...PAGES, ...more]);
    case SCSI_VPD_UNIT_SERIAL_NUMBER:
      return unitSerialNumberData(identity.serial);
    case SCSI_VPD_DEVICE_IDENTIFICATION:
      return deviceIdentificationData(designators(identity));
    default:
      return undefined;
  }
}

/** The unit by vendor, product and what tells it from others of the kind; and by its worldwide name. */
function designators(identity: UnitIdentity): ScsiDesignator[] {
  const { vendor, product, serial, name, wwn } = identity;
  const own = serial === '' ? name : serial;
  const text = new Uint8Array(24 + own.length);
  setAscii(text, 0, 8, vendor);
  setAscii(text, 8, 16, product);
  setAscii(text, 24, own.length, own);
  const named: ScsiDesignator = {
    codeSet: SCSI_CODE_SET_ASCII,
    association: 0,
    type: SCSI_DESIGNATOR_T10_VENDOR_ID,
    designator: text.subarray(0, 255),
  };
  if (wwn === undefined) return [named];
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, wwn);
  const numbered: ScsiDesignator = {
    codeSet: SCSI_CODE_SET_BINARY,
    association: 0,
    type: SCSI_DESIGNATOR_NAA,
    designator: bytes,
  };
  return [named, numbered];
}
