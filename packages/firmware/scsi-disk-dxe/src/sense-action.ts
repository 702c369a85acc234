import type { ScsiSense } from '@dxelab/scsi';
import {
  SCSI_ASC_BECOMING_READY,
  SCSI_ASC_CAPACITY_DATA_HAS_CHANGED,
  SCSI_ASC_INITIALIZING_COMMAND_REQUIRED,
  SCSI_SENSE_ABORTED_COMMAND,
  SCSI_SENSE_DATA_PROTECT,
  SCSI_SENSE_HARDWARE_ERROR,
  SCSI_SENSE_MEDIUM_ERROR,
  SCSI_SENSE_NOT_READY,
  SCSI_SENSE_NO_SENSE,
  SCSI_SENSE_RECOVERED_ERROR,
  SCSI_SENSE_UNIT_ATTENTION,
} from '@dxelab/scsi';

/**
 * What follows from sense data. `other`: EDK II knows no better than to try with less; `again`: the
 * same command; `later`: the same after a while; `changed`: it is another medium, or a larger one.
 */
export type SenseAction =
  | 'none'
  | 'again'
  | 'later'
  | 'no-media'
  | 'changed'
  | 'protected'
  | 'medium-error'
  | 'other'
  | 'failed';

/** Additional sense codes without their qualifiers (SPC-6 annex F). */
const LOGICAL_UNIT_NOT_READY = 0x04;
const MEDIUM_UPSIDE_DOWN = 0x06;
const MEDIUM_NOT_PRESENT = 0x3a;
const MEDIUM_MAY_HAVE_CHANGED = 0x28;
const RESET_OCCURRED = 0x29;

/** What EDK II takes for errors of the medium: of id and ECC, reading, its record, its format. */
const MEDIUM_ERRORS: readonly number[] = [0x10, 0x11, 0x14, 0x30];

/** What the standards ask for (SPC-6 §4.4.8); `stopped`: the medium has to be started first. */
export function senseAction(sense: ScsiSense | undefined): SenseAction | 'stopped' {
  if (sense === undefined) return 'failed';
  // An earlier write that was said to be done is lost: nobody else will ever tell.
  if (sense.deferred) return 'failed';
  switch (sense.key) {
    case SCSI_SENSE_NO_SENSE:
    case SCSI_SENSE_RECOVERED_ERROR:
      return 'none';
    case SCSI_SENSE_NOT_READY:
      if (additional(sense) === MEDIUM_NOT_PRESENT) return 'no-media';
      if (sense.code === SCSI_ASC_INITIALIZING_COMMAND_REQUIRED) return 'stopped';
      return sense.code === SCSI_ASC_BECOMING_READY ? 'later' : 'failed';
    case SCSI_SENSE_UNIT_ATTENTION:
      if (additional(sense) === MEDIUM_MAY_HAVE_CHANGED) return 'changed';
      return sense.code === SCSI_ASC_CAPACITY_DATA_HAS_CHANGED ? 'changed' : 'again';
    case SCSI_SENSE_ABORTED_COMMAND:
      return 'again';
    case SCSI_SENSE_DATA_PROTECT:
      return 'protected';
    case SCSI_SENSE_MEDIUM_ERROR:
      return 'medium-error';
    default:
      return 'failed';
  }
}

/**
 * What EDK II makes of a list of sense data, in the order of its questions: each is asked of all
 * (MdeModulePkg/Bus/Scsi/ScsiDiskDxe/ScsiDisk.c: DetectMediaParsingSenseKeys).
 */
export function edk2SenseAction(senses: readonly ScsiSense[]): SenseAction {
  const [first] = senses;
  if (first === undefined || first.key === SCSI_SENSE_NO_SENSE) return 'none';
  const has = (key: number, code: number): boolean =>
    senses.some((sense) => sense.key === key && additional(sense) === code);
  if (has(SCSI_SENSE_NOT_READY, MEDIUM_NOT_PRESENT)) return 'no-media';
  if (has(SCSI_SENSE_UNIT_ATTENTION, MEDIUM_MAY_HAVE_CHANGED)) return 'changed';
  if (has(SCSI_SENSE_UNIT_ATTENTION, RESET_OCCURRED)) return 'later';
  if (MEDIUM_ERRORS.some((code) => has(SCSI_SENSE_MEDIUM_ERROR, code))) return 'medium-error';
  if (has(SCSI_SENSE_NOT_READY, MEDIUM_UPSIDE_DOWN)) return 'medium-error';
  if (senses.some(({ key }) => key === SCSI_SENSE_HARDWARE_ERROR)) return 'medium-error';
  if (has(SCSI_SENSE_NOT_READY, LOGICAL_UNIT_NOT_READY)) return notReadyAction(senses);
  return 'other';
}

/** The last one decides whether it is worth waiting. */
function notReadyAction(senses: readonly ScsiSense[]): SenseAction {
  const last = senses.findLast(
    (sense) => sense.key === SCSI_SENSE_NOT_READY && additional(sense) === LOGICAL_UNIT_NOT_READY,
  );
  return last?.code === SCSI_ASC_BECOMING_READY ? 'later' : 'failed';
}

function additional({ code }: ScsiSense): number {
  return code >> 8;
}
