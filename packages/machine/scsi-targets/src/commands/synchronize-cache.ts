import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { GOOD } from '../unit/outcome.ts';

/** SYNCHRONIZE CACHE (10) (SBC-4); 0 blocks stand for all that follow. */
export function synchronizeCache10(unit: BlockUnit): Outcome {
  return synchronizeCache(unit, unit.command.uint32(2), unit.command.uint16(7));
}

/** SYNCHRONIZE CACHE (16) (SBC-4). */
export function synchronizeCache16(unit: BlockUnit): Outcome {
  return synchronizeCache(unit, unit.command.uint64(2), unit.command.uint32(10));
}

/** A backend flushes all or nothing; more than was asked for may be done. */
function synchronizeCache(unit: BlockUnit, lba: number, blocks: number): Outcome {
  const range = unit.checkBlocks(lba, blocks, Infinity);
  return range === GOOD ? unit.transfer.flush() : range;
}
