import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { GOOD, INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';

// RDPROTECT and WRPROTECT: there is no protection information. FUA: stable before the command ends.
const PROTECT = 0xe0;
const FUA = 0x08;

/** READ (6) (SBC-4): a length of 0 stands for 256 blocks. */
export function read6(unit: BlockUnit): Outcome {
  const { command } = unit;
  const length = command.byte(4);
  return read(unit, command.uint24(1) & 0x1f_ffff, length === 0 ? 256 : length);
}

/** READ (10) (SBC-4). */
export function read10(unit: BlockUnit): Outcome {
  const { command } = unit;
  if ((command.byte(1) & PROTECT) !== 0) return INVALID_FIELD_IN_CDB;
  return read(unit, command.uint32(2), command.uint16(7));
}

/** READ (12) (SBC-4). */
export function read12(unit: BlockUnit): Outcome {
  const { command } = unit;
  if ((command.byte(1) & PROTECT) !== 0) return INVALID_FIELD_IN_CDB;
  return read(unit, command.uint32(2), command.uint32(6));
}

/** READ (16) (SBC-4). */
export function read16(unit: BlockUnit): Outcome {
  const { command } = unit;
  if ((command.byte(1) & PROTECT) !== 0) return INVALID_FIELD_IN_CDB;
  return read(unit, command.uint64(2), command.uint32(10));
}

/** WRITE (6) (SBC-4): a length of 0 stands for 256 blocks. */
export function write6(unit: BlockUnit): Outcome {
  const { command } = unit;
  const length = command.byte(4);
  return write(unit, command.uint24(1) & 0x1f_ffff, length === 0 ? 256 : length, false);
}

/** WRITE (10) (SBC-4). */
export function write10(unit: BlockUnit): Outcome {
  const { command } = unit;
  const flags = command.byte(1);
  if ((flags & PROTECT) !== 0) return INVALID_FIELD_IN_CDB;
  return write(unit, command.uint32(2), command.uint16(7), (flags & FUA) !== 0);
}

/** WRITE (12) (SBC-4). */
export function write12(unit: BlockUnit): Outcome {
  const { command } = unit;
  const flags = command.byte(1);
  if ((flags & PROTECT) !== 0) return INVALID_FIELD_IN_CDB;
  return write(unit, command.uint32(2), command.uint32(6), (flags & FUA) !== 0);
}

/** WRITE (16) (SBC-4). */
export function write16(unit: BlockUnit): Outcome {
  const { command } = unit;
  const flags = command.byte(1);
  if ((flags & PROTECT) !== 0) return INVALID_FIELD_IN_CDB;
  return write(unit, command.uint64(2), command.uint32(10), (flags & FUA) !== 0);
}

function read(unit: BlockUnit, lba: number, blocks: number): Outcome {
  const range = unit.checkBlocks(lba, blocks, unit.maxTransferLength);
  return range === GOOD ? unit.transfer.read(lba, blocks) : range;
}

function write(unit: BlockUnit, lba: number, blocks: number, force: boolean): Outcome {
  const protection = unit.checkWritable();
  if (protection !== GOOD) return protection;
  const range = unit.checkBlocks(lba, blocks, unit.maxTransferLength);
  return range === GOOD ? unit.transfer.write(lba, blocks, force) : range;
}
