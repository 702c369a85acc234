import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { GOOD, INVALID_FIELD_IN_CDB, REMOVAL_PREVENTED } from '../unit/outcome.ts';

const START = 0x01;
const LOEJ = 0x02;
const NO_FLUSH = 0x04;

/** START STOP UNIT (SBC-4, MMC-6). A medium is unloaded onto the tray, and lies there. */
export function startStopUnit(unit: BlockUnit): Outcome {
  const flags = unit.command.byte(4);
  // Power conditions are not there (SBC-4); neither is a tray in a fixed disk.
  if (flags >> 4 !== 0) return INVALID_FIELD_IN_CDB;
  const start = (flags & START) !== 0;
  const moves = (flags & LOEJ) !== 0;
  if (moves && !unit.identity.removable) return INVALID_FIELD_IN_CDB;
  if (start) {
    if (moves) unit.moveTray(false);
    unit.start();
    return GOOD;
  }
  if (moves && unit.removalPrevented && !unit.trayOpen) return REMOVAL_PREVENTED;
  if ((flags & NO_FLUSH) === 0 && unit.blocks > 0 && !unit.readOnly) {
    const outcome = unit.transfer.flush();
    if (outcome !== GOOD) return outcome;
  }
  if (moves) unit.moveTray(true);
  else unit.stop();
  return GOOD;
}
