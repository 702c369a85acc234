import {
  SCSI_CAPACITY_TOO_LARGE,
  SCSI_SAI_READ_CAPACITY_16,
  readCapacity10Data,
  readCapacity16Data,
} from '@dxelab/scsi';
import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';

/** READ CAPACITY (10) (SBC-4). PMI and its address are obsolete. */
export function readCapacity10(unit: BlockUnit): Outcome {
  const { command, blockSize } = unit;
  if (command.uint32(2) !== 0 || (command.byte(8) & 1) !== 0) return INVALID_FIELD_IN_CDB;
  const lastLba = Math.min(unit.blocks - 1, SCSI_CAPACITY_TOO_LARGE);
  const data = readCapacity10Data({ lastLba, blockSize });
  return command.answer(data, data.length);
}

/** SERVICE ACTION IN (16): of its service actions, READ CAPACITY (16) (SBC-4). */
export function serviceActionIn16(unit: BlockUnit): Outcome {
  const { command, blockSize } = unit;
  if ((command.byte(1) & 0x1f) !== SCSI_SAI_READ_CAPACITY_16) return INVALID_FIELD_IN_CDB;
  if (command.uint64(2) !== 0 || (command.byte(14) & 1) !== 0) return INVALID_FIELD_IN_CDB;
  const data = readCapacity16Data({
    lastLba: BigInt(unit.blocks) - 1n,
    blockSize,
    protection: false,
    physicalBlockExponent: unit.physicalBlockExponent,
    provisioningManaged: unit.canUnmap,
    unmappedReadZeros: false,
    lowestAlignedLba: 0,
  });
  return command.answer(data, command.uint32(10));
}
