import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { GOOD, INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';

const VRPROTECT = 0xe0;

/** VERIFY (10) (SBC-4). */
export function verify10(unit: BlockUnit): Outcome {
  return verify(unit, unit.command.uint32(2), unit.command.uint16(7));
}

/** VERIFY (12) (SBC-4). */
export function verify12(unit: BlockUnit): Outcome {
  return verify(unit, unit.command.uint32(2), unit.command.uint32(6));
}

/** VERIFY (16) (SBC-4). */
export function verify16(unit: BlockUnit): Outcome {
  return verify(unit, unit.command.uint64(2), unit.command.uint32(10));
}

function verify(unit: BlockUnit, lba: number, blocks: number): Outcome {
  const flags = unit.command.byte(1);
  const byteCheck = (flags >> 1) & 3;
  if ((flags & VRPROTECT) !== 0 || byteCheck === 2) return INVALID_FIELD_IN_CDB;
  const range = unit.checkBlocks(lba, blocks, unit.maxTransferLength);
  if (range !== GOOD) return range;
  if (byteCheck === 0) return unit.transfer.readable(lba, blocks);
  return unit.transfer.compare(lba, blocks, byteCheck === 3);
}
