import { getAscii, setAscii } from './big-endian.ts';

/** Bytes of standard INQUIRY data that every device has (SPC-6). */
export const SCSI_INQUIRY_SIZE = 36;

/** Peripheral qualifiers (SPC-6): a unit is there, could be there, or can never be. */
export const SCSI_QUALIFIER_CONNECTED = 0;
export const SCSI_QUALIFIER_NOT_CONNECTED = 1;
export const SCSI_QUALIFIER_NOT_SUPPORTED = 3;

/** VERSION: the standard that a device claims to follow (SPC-6). */
export const SCSI_VERSION_SPC_3 = 5;
export const SCSI_VERSION_SPC_4 = 6;

/** Standard INQUIRY data (SPC-6). */
export interface ScsiInquiry {
  /** SCSI_QUALIFIER_*. */
  readonly peripheralQualifier: number;
  /** SCSI_TYPE_*. */
  readonly deviceType: number;
  readonly removable: boolean;
  /** SCSI_VERSION_*. */
  readonly version: number;
  /** 2 of everything since SCSI-2. */
  readonly responseDataFormat: number;
  /** LUNs are reported in more than one level, or numbered as it likes. */
  readonly hierarchicalLuns: boolean;
  /** Commands may be sent before the last one has ended. */
  readonly commandQueuing: boolean;
  /** Up to 8, 16 and 4 characters of ASCII, without the spaces behind. */
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
}

/** Writes standard INQUIRY data of SCSI_INQUIRY_SIZE bytes. */
export function inquiryData(inquiry: ScsiInquiry): Uint8Array {
  const data = new Uint8Array(SCSI_INQUIRY_SIZE);
  data[0] = (inquiry.peripheralQualifier << 5) | inquiry.deviceType;
  data[1] = inquiry.removable ? 0x80 : 0;
  data[2] = inquiry.version;
  data[3] = inquiry.responseDataFormat | (inquiry.hierarchicalLuns ? 0x10 : 0);
  data[4] = SCSI_INQUIRY_SIZE - 5;
  data[7] = inquiry.commandQueuing ? 0x02 : 0;
  setAscii(data, 8, 8, inquiry.vendor);
  setAscii(data, 16, 16, inquiry.product);
  setAscii(data, 32, 4, inquiry.revision);
  return data;
}

/**
 * Reads standard INQUIRY data.
 * @returns undefined if they are shorter than SCSI_INQUIRY_SIZE
 */
export function readInquiry(data: Uint8Array): ScsiInquiry | undefined {
  if (data.length < SCSI_INQUIRY_SIZE) return undefined;
  const [peripheral = 0, flags = 0, version = 0, format = 0] = data;
  return {
    peripheralQualifier: peripheral >> 5,
    deviceType: peripheral & 0x1f,
    removable: (flags & 0x80) !== 0,
    version,
    responseDataFormat: format & 0xf,
    hierarchicalLuns: (format & 0x10) !== 0,
    commandQueuing: ((data[7] ?? 0) & 0x02) !== 0,
    vendor: getAscii(data, 8, 8),
    product: getAscii(data, 16, 16),
    revision: getAscii(data, 32, 4),
  };
}
