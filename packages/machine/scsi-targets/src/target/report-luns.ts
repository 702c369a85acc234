import { SCSI_REPORT_LUNS_ALL, SCSI_REPORT_LUNS_WELL_KNOWN, reportLunsData } from '@dxelab/scsi';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';
import type { RunningCommand } from '../unit/running-command.ts';

/** REPORT LUNS (SPC-6); well-known units are not listed. @param luns in ascending order */
export function reportLuns(command: RunningCommand, luns: readonly number[]): Outcome {
  const select = command.byte(2);
  if (select > SCSI_REPORT_LUNS_ALL) return INVALID_FIELD_IN_CDB;
  const listed = select === SCSI_REPORT_LUNS_WELL_KNOWN ? [] : luns;
  return command.answer(reportLunsData(listed), command.uint32(6));
}
