import { SCSI_SENSE_UNIT_ATTENTION, readScsiSense, scsiSenseText } from './index.ts';

/** Whether a command is to be sent again: whatever happened to the unit has been told with this. */
export function mustRetry(senseData: Uint8Array, log: (line: string) => void): boolean {
  const sense = readScsiSense(senseData);
  if (sense === undefined) return false;
  log(scsiSenseText(sense));
  return sense.key === SCSI_SENSE_UNIT_ATTENTION;
}
