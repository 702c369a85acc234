import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { GOOD, INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';

/** PREVENT ALLOW MEDIUM REMOVAL (SBC-4, MMC-6); without persistent prevention. */
export function preventAllowMediumRemoval(unit: BlockUnit): Outcome {
  const prevent = unit.command.byte(4) & 3;
  if (prevent > 1) return INVALID_FIELD_IN_CDB;
  unit.setRemovalPrevented(prevent === 1);
  return GOOD;
}
