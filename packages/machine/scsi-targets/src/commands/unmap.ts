import { getBigEndian } from '@dxelab/scsi';
import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import {
  DATA_OUT_MISSING,
  GOOD,
  INVALID_FIELD_IN_CDB,
  INVALID_FIELD_IN_PARAMETER_LIST,
  LBA_OUT_OF_RANGE,
  PARAMETER_LIST_LENGTH_ERROR,
} from '../unit/outcome.ts';

/** What one command may unmap at most, in bytes and in ranges: the block limits page says so (SBC-4). */
export const MAX_UNMAP_SIZE: number = 2 ** 30;
export const MAX_UNMAP_BLOCK_DESCRIPTOR_COUNT = 255;

const ANCHOR = 0x01;
const HEADER = 8;
const DESCRIPTOR = 16;

/** UNMAP (SBC-4). Nothing is unmapped unless every descriptor is right. */
export function unmap(unit: BlockUnit): Outcome {
  const { command, transfer } = unit;
  if ((command.byte(1) & ANCHOR) !== 0) return INVALID_FIELD_IN_CDB;
  const length = command.uint16(7);
  if (length === 0) return GOOD;
  const list = command.parameterList(length);
  if (list === undefined) return DATA_OUT_MISSING;
  const descriptorLength = getBigEndian(list, 2, 2);
  if (length < HEADER || length < HEADER + descriptorLength) return PARAMETER_LIST_LENGTH_ERROR;
  const protection = unit.checkWritable();
  if (protection !== GOOD) return protection;
  const ranges: { lba: number; blocks: number }[] = [];
  let total = 0;
  // A descriptor that is cut at the end is ignored.
  for (let at = HEADER; at + DESCRIPTOR <= HEADER + descriptorLength; at += DESCRIPTOR) {
    const lba = getBigEndian(list, at, 8);
    const blocks = getBigEndian(list, at + 8, 4);
    if (lba + blocks > unit.blocks) return LBA_OUT_OF_RANGE;
    ranges.push({ lba, blocks });
    total += blocks;
  }
  if (ranges.length > MAX_UNMAP_BLOCK_DESCRIPTOR_COUNT || total > MAX_UNMAP_SIZE / unit.blockSize) {
    return INVALID_FIELD_IN_PARAMETER_LIST;
  }
  for (const { lba, blocks } of ranges) {
    const outcome = transfer.discard(lba, blocks);
    if (outcome !== GOOD) return outcome;
  }
  return transfer.writeThrough ? transfer.flush() : GOOD;
}
