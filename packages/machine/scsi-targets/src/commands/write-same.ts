import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { DATA_OUT_MISSING, GOOD, INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';

/** Blocks that one command may write at most: the block limits page says so (SBC-4). */
export const MAX_WRITE_SAME_LENGTH = 0x10000;

// WRPROTECT and ANCHOR are refused, as nothing has them; NDOB, of the 16-byte form, sends no block: zeros.
const REFUSED = 0xf0;
const UNMAP = 0x08;
const NDOB = 0x01;

/** WRITE SAME (10) (SBC-4). */
export function writeSame10(unit: BlockUnit): Outcome {
  const { command } = unit;
  // Bits 2 and 1 were PBDATA and LBDATA, and what is 0 in the 10-byte form is NDOB in the other.
  if ((command.byte(1) & 0x07) !== 0) return INVALID_FIELD_IN_CDB;
  return writeSame(unit, command.uint32(2), command.uint16(7));
}

/** WRITE SAME (16) (SBC-4). */
export function writeSame16(unit: BlockUnit): Outcome {
  const { command } = unit;
  if ((command.byte(1) & 0x06) !== 0) return INVALID_FIELD_IN_CDB;
  return writeSame(unit, command.uint64(2), command.uint32(10));
}

/**
 * With UNMAP the blocks may be unmapped if they then read as what was sent (SBC-4); a
 * backend does not promise what discarded blocks read, so that they are written.
 */
function writeSame(unit: BlockUnit, lba: number, blocks: number): Outcome {
  const { command, transfer } = unit;
  const flags = command.byte(1);
  if ((flags & REFUSED) !== 0) return INVALID_FIELD_IN_CDB;
  if ((flags & UNMAP) !== 0 && !unit.canUnmap) return INVALID_FIELD_IN_CDB;
  // The block limits page says WSNZ: 0 blocks do not stand for all that follow.
  if (blocks === 0) return INVALID_FIELD_IN_CDB;
  const protection = unit.checkWritable();
  if (protection !== GOOD) return protection;
  const range = unit.checkBlocks(lba, blocks, MAX_WRITE_SAME_LENGTH);
  if (range !== GOOD) return range;
  if ((flags & NDOB) !== 0) return transfer.fill(lba, blocks, undefined);
  const pattern = command.parameterList(unit.blockSize);
  return pattern === undefined ? DATA_OUT_MISSING : transfer.fill(lba, blocks, pattern);
}
