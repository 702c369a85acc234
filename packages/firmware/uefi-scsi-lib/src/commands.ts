import {
  SCSI_INQUIRY,
  SCSI_MODE_SENSE_10,
  SCSI_MODE_SENSE_6,
  SCSI_READ_CAPACITY_10,
  SCSI_REPORT_LUNS,
  SCSI_REQUEST_SENSE,
  SCSI_SAI_READ_CAPACITY_16,
  SCSI_SERVICE_ACTION_IN_16,
  SCSI_START_STOP_UNIT,
  SCSI_SYNCHRONIZE_CACHE_10,
  SCSI_TEST_UNIT_READY,
} from '@dxelab/scsi';
import { ScsiCommand } from './scsi-command.ts';

// The commands of MdePkg/Library/UefiScsiLib, and those that it lacks: each makes a packet that is
// ready to be sent. Timeouts are in units of 100 ns; `senseLength` is the room for sense data in bytes.

const EVPD = 0x01;
const DISABLE_BLOCK_DESCRIPTORS = 0x08;
const START = 0x01;

/** TEST UNIT READY (SPC-6 §6.56). */
export function scsiTestUnitReadyCommand(timeout: number, senseLength: number): ScsiCommand {
  const cdb = new Uint8Array(6);
  cdb[0] = SCSI_TEST_UNIT_READY;
  return new ScsiCommand(cdb, timeout, senseLength).withoutData();
}

/**
 * INQUIRY (SPC-6 §6.7).
 * @param vpdPage which page of vital product data; without it, the standard data
 */
export function scsiInquiryCommand(
  timeout: number,
  senseLength: number,
  data: Uint8Array,
  vpdPage?: number,
): ScsiCommand {
  const cdb = new Uint8Array(6);
  cdb[0] = SCSI_INQUIRY;
  if (vpdPage !== undefined) {
    cdb[1] = EVPD;
    cdb[2] = vpdPage;
  }
  // targets that are older than SPC-3 know one byte of allocation length
  cdb[4] = Math.min(data.length, 0xff);
  return new ScsiCommand(cdb, timeout, senseLength).reading(data, data.length);
}

/** REQUEST SENSE (SPC-6 §6.45), whose sense data are the data. */
export function scsiRequestSenseCommand(timeout: number, data: Uint8Array): ScsiCommand {
  const cdb = new Uint8Array(6);
  cdb[0] = SCSI_REQUEST_SENSE;
  cdb[4] = Math.min(data.length, 0xff);
  return new ScsiCommand(cdb, timeout, 0).reading(data, data.length);
}

/** REPORT LUNS (SPC-6 §6.38), of those that are addressed as usual. */
export function scsiReportLunsCommand(
  timeout: number,
  senseLength: number,
  data: Uint8Array,
): ScsiCommand {
  const cdb = new Uint8Array(12);
  cdb[0] = SCSI_REPORT_LUNS;
  new DataView(cdb.buffer).setUint32(6, data.length);
  return new ScsiCommand(cdb, timeout, senseLength).reading(data, data.length);
}

/** MODE SENSE (6) (SPC-6 §6.17) of current values, without block descriptors. */
export function scsiModeSense6Command(
  timeout: number,
  senseLength: number,
  data: Uint8Array,
  page: number,
): ScsiCommand {
  const cdb = new Uint8Array(6);
  cdb[0] = SCSI_MODE_SENSE_6;
  cdb[1] = DISABLE_BLOCK_DESCRIPTORS;
  cdb[2] = page;
  cdb[4] = Math.min(data.length, 0xff);
  return new ScsiCommand(cdb, timeout, senseLength).reading(data, data.length);
}

/** MODE SENSE (10) (SPC-6 §6.18) of current values, without block descriptors. */
export function scsiModeSense10Command(
  timeout: number,
  senseLength: number,
  data: Uint8Array,
  page: number,
): ScsiCommand {
  const cdb = new Uint8Array(10);
  cdb[0] = SCSI_MODE_SENSE_10;
  cdb[1] = DISABLE_BLOCK_DESCRIPTORS;
  cdb[2] = page;
  new DataView(cdb.buffer).setUint16(7, data.length);
  return new ScsiCommand(cdb, timeout, senseLength).reading(data, data.length);
}

/** READ CAPACITY (10) (SBC-4 §5.20). */
export function scsiReadCapacity10Command(
  timeout: number,
  senseLength: number,
  data: Uint8Array,
): ScsiCommand {
  const cdb = new Uint8Array(10);
  cdb[0] = SCSI_READ_CAPACITY_10;
  return new ScsiCommand(cdb, timeout, senseLength).reading(data, data.length);
}

/** READ CAPACITY (16) (SBC-4 §5.21). */
export function scsiReadCapacity16Command(
  timeout: number,
  senseLength: number,
  data: Uint8Array,
): ScsiCommand {
  const cdb = new Uint8Array(16);
  cdb[0] = SCSI_SERVICE_ACTION_IN_16;
  cdb[1] = SCSI_SAI_READ_CAPACITY_16;
  new DataView(cdb.buffer).setUint32(10, data.length);
  return new ScsiCommand(cdb, timeout, senseLength).reading(data, data.length);
}

/** SYNCHRONIZE CACHE (10) (SBC-4 §5.34) of the whole medium, answered when it is done. */
export function scsiSynchronizeCache10Command(timeout: number, senseLength: number): ScsiCommand {
  const cdb = new Uint8Array(10);
  cdb[0] = SCSI_SYNCHRONIZE_CACHE_10;
  return new ScsiCommand(cdb, timeout, senseLength).withoutData();
}

/** START STOP UNIT (SBC-4 §5.33) that starts, answered when the medium turns. */
export function scsiStartUnitCommand(timeout: number, senseLength: number): ScsiCommand {
  const cdb = new Uint8Array(6);
  cdb[0] = SCSI_START_STOP_UNIT;
  cdb[4] = START;
  return new ScsiCommand(cdb, timeout, senseLength).withoutData();
}
