import { getBigEndian, setBigEndian } from './big-endian.ts';

/** Sense keys (SPC-6). */
export const SCSI_SENSE_NO_SENSE = 0x0;
export const SCSI_SENSE_RECOVERED_ERROR = 0x1;
export const SCSI_SENSE_NOT_READY = 0x2;
export const SCSI_SENSE_MEDIUM_ERROR = 0x3;
export const SCSI_SENSE_HARDWARE_ERROR = 0x4;
export const SCSI_SENSE_ILLEGAL_REQUEST = 0x5;
export const SCSI_SENSE_UNIT_ATTENTION = 0x6;
export const SCSI_SENSE_DATA_PROTECT = 0x7;
export const SCSI_SENSE_BLANK_CHECK = 0x8;
export const SCSI_SENSE_ABORTED_COMMAND = 0xb;
export const SCSI_SENSE_MISCOMPARE = 0xe;

/** Additional sense code and qualifier, as ASC << 8 | ASCQ (SPC-6 annex F). */
export const SCSI_ASC_NONE = 0x0000;
export const SCSI_ASC_BECOMING_READY = 0x0401;
export const SCSI_ASC_INITIALIZING_COMMAND_REQUIRED = 0x0402;
export const SCSI_ASC_WRITE_ERROR = 0x0c00;
/** The data that were sent are not as many as the CDB says. */
export const SCSI_ASC_INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT = 0x0e03;
export const SCSI_ASC_UNRECOVERED_READ_ERROR = 0x1100;
export const SCSI_ASC_PARAMETER_LIST_LENGTH_ERROR = 0x1a00;
export const SCSI_ASC_MISCOMPARE_DURING_VERIFY = 0x1d00;
export const SCSI_ASC_INVALID_COMMAND_OPERATION_CODE = 0x2000;
export const SCSI_ASC_LBA_OUT_OF_RANGE = 0x2100;
export const SCSI_ASC_INVALID_FIELD_IN_CDB = 0x2400;
export const SCSI_ASC_LOGICAL_UNIT_NOT_SUPPORTED = 0x2500;
export const SCSI_ASC_INVALID_FIELD_IN_PARAMETER_LIST = 0x2600;
export const SCSI_ASC_WRITE_PROTECTED = 0x2700;
export const SCSI_ASC_SOFTWARE_WRITE_PROTECTED = 0x2702;
export const SCSI_ASC_MEDIUM_MAY_HAVE_CHANGED = 0x2800;
export const SCSI_ASC_POWER_ON_OR_RESET = 0x2900;
export const SCSI_ASC_MODE_PARAMETERS_CHANGED = 0x2a01;
export const SCSI_ASC_CAPACITY_DATA_HAS_CHANGED = 0x2a09;
export const SCSI_ASC_SAVING_PARAMETERS_NOT_SUPPORTED = 0x3900;
export const SCSI_ASC_MEDIUM_NOT_PRESENT = 0x3a00;
export const SCSI_ASC_REPORTED_LUNS_DATA_HAS_CHANGED = 0x3f0e;
export const SCSI_ASC_INTERNAL_TARGET_FAILURE = 0x4400;
export const SCSI_ASC_MEDIUM_REMOVAL_PREVENTED = 0x5302;
export const SCSI_ASC_ILLEGAL_MODE_FOR_THIS_TRACK = 0x6400;

/** What sense data say, in either format (SPC-6). */
export interface ScsiSense {
  /** SCSI_SENSE_*. */
  readonly key: number;
  /** ASC << 8 | ASCQ: SCSI_ASC_*. */
  readonly code: number;
  /** About an earlier command, not this one. */
  readonly deferred: boolean;
  /** Such as the first block that could not be read; `undefined` if none is said. */
  readonly information: number | undefined;
}

const FIXED = 0x70;
const DESCRIPTOR = 0x72;
const VALID = 0x80;
const INFORMATION_DESCRIPTOR = 0x00;

/** Bytes of sense data in the fixed format, without more behind (SPC-6). */
export const SCSI_FIXED_SENSE_SIZE = 18;

/**
 * Reads sense data of fixed or descriptor format (SPC-6); bytes that are missing count as 0.
 * @returns undefined if they are of neither
 */
export function readScsiSense(data: Uint8Array): ScsiSense | undefined {
  const responseCode = (data[0] ?? 0) & 0x7f;
  const deferred = (responseCode & 1) !== 0;
  switch (responseCode & ~1) {
    case FIXED: {
      const isValid = ((data[0] ?? 0) & VALID) !== 0;
      const code = ((data[12] ?? 0) << 8) | (data[13] ?? 0);
      const information = isValid ? getBigEndian(data, 3, 4) : undefined;
      return { key: (data[2] ?? 0) & 0xf, code, deferred, information };
    }
    case DESCRIPTOR: {
      const code = ((data[2] ?? 0) << 8) | (data[3] ?? 0);
      return {
        key: (data[1] ?? 0) & 0xf,
        code,
        deferred,
        information: descriptorInformation(data),
      };
    }
    default:
      return undefined;
  }
}

/** Writes sense data in the fixed format, SCSI_FIXED_SENSE_SIZE bytes. */
export function fixedScsiSense(key: number, code: number, information?: number): Uint8Array {
  const data = new Uint8Array(SCSI_FIXED_SENSE_SIZE);
  data[0] = FIXED;
  data[2] = key;
  data[7] = SCSI_FIXED_SENSE_SIZE - 8;
  data[12] = code >> 8;
  data[13] = code & 0xff;
  // A block beyond 32 bits cannot be said in this format (SPC-6).
  if (information !== undefined && information <= 0xffffffff) {
    data[0] |= VALID;
    setBigEndian(data, 3, 4, information);
  }
  return data;
}

/** Writes sense data in the descriptor format, which has room for blocks beyond 32 bits (SPC-6). */
export function descriptorScsiSense(key: number, code: number, information?: number): Uint8Array {
  const data = new Uint8Array(information === undefined ? 8 : 20);
  data[0] = DESCRIPTOR;
  data[1] = key;
  data[2] = code >> 8;
  data[3] = code & 0xff;
  data[7] = data.length - 8;
  if (information !== undefined) {
    data[8] = INFORMATION_DESCRIPTOR;
    data[9] = 10;
    data[10] = VALID;
    setBigEndian(data, 12, 8, information);
  }
  return data;
}

function descriptorInformation(data: Uint8Array): number | undefined {
  const end = Math.min(data.length, 8 + (data[7] ?? 0));
  for (let at = 8; at + 1 < end; at += 2 + (data[at + 1] ?? 0)) {
    const isValid = ((data[at + 2] ?? 0) & VALID) !== 0;
    if (data[at] === INFORMATION_DESCRIPTOR && isValid) return getBigEndian(data, at + 4, 8);
  }
  return undefined;
}
