import { SCSI_SENSE_UNIT_ATTENTION } from '@dxelab/scsi';
import type { Outcome } from '../unit/outcome.ts';
import { GOOD, checkCondition } from '../unit/outcome.ts';
import type { ScsiUnit } from '../unit/scsi-unit.ts';

const DESC = 0x01;

/**
 * REQUEST SENSE (SPC-6): a unit attention that is pending, and is told with that. What a command
 * met has come with its status, so that nothing else is kept.
 */
export function requestSense(unit: ScsiUnit): Outcome {
  const { attentions, command } = unit;
  const outcome = attentions.pending
    ? checkCondition(SCSI_SENSE_UNIT_ATTENTION, attentions.take())
    : GOOD;
  return command.answer(unit.sense(outcome, (command.byte(1) & DESC) !== 0), command.byte(4));
}
