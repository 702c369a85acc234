import {
  SCSI_INQUIRY,
  SCSI_MODE_SELECT_10,
  SCSI_MODE_SELECT_6,
  SCSI_MODE_SENSE_10,
  SCSI_MODE_SENSE_6,
  SCSI_REQUEST_SENSE,
  SCSI_TEST_UNIT_READY,
} from '@dxelab/scsi';
import { GOOD } from '../unit/outcome.ts';
import type { ScsiCommand } from '../unit/scsi-command.ts';
import type { ScsiUnit } from '../unit/scsi-unit.ts';
import { inquiry } from './inquiry.ts';
import { modeSelect10, modeSelect6 } from './mode-select.ts';
import { modeSense10, modeSense6 } from './mode-sense.ts';
import { requestSense } from './request-sense.ts';

/** What every unit knows (SPC-6); REPORT LUNS is answered by its target. */
export const PRIMARY_COMMANDS: readonly ScsiCommand<ScsiUnit>[] = [
  { opcode: SCSI_TEST_UNIT_READY, cdbSize: 6, needsMedium: true, run: () => GOOD },
  { opcode: SCSI_REQUEST_SENSE, cdbSize: 6, precedesAttention: true, run: requestSense },
  { opcode: SCSI_INQUIRY, cdbSize: 6, precedesAttention: true, run: inquiry },
  { opcode: SCSI_MODE_SELECT_6, cdbSize: 6, run: modeSelect6 },
  { opcode: SCSI_MODE_SENSE_6, cdbSize: 6, run: modeSense6 },
  { opcode: SCSI_MODE_SELECT_10, cdbSize: 10, run: modeSelect10 },
  { opcode: SCSI_MODE_SENSE_10, cdbSize: 10, run: modeSense10 },
];
