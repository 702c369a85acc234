import {
  SCSI_CAPACITY_TOO_LARGE,
  SCSI_READ_CAPACITY_10_SIZE,
  SCSI_READ_CAPACITY_16_SIZE,
  readReadCapacity10,
  readReadCapacity16,
} from '@dxelab/scsi';
import { EfiError } from '@dxelab/uefi';
import type { ScsiCommand } from '@dxelab/uefi-scsi-lib';
import { scsiReadCapacity10Command, scsiReadCapacity16Command } from '@dxelab/uefi-scsi-lib';
import type { ScsiUnit } from './scsi-unit.ts';
import { SCSI_DISK_TIMEOUT, SENSE_LENGTH } from './scsi-unit.ts';
import type { SenseAction } from './sense-action.ts';

/** How large a medium is, and how it should be addressed. */
export interface Capacity {
  readonly lastBlock: number;
  /** In bytes. */
  readonly blockSize: number;
  readonly lowestAlignedLba: number;
  /** 0: not said. */
  readonly logicalBlocksPerPhysicalBlock: number;
  /** READ (10) does not reach all of it. */
  readonly isLarge: boolean;
}

const SMALLEST_BLOCK = 512;
const LARGEST_BLOCK = 0x1_0000;

/**
 * Asks how large a medium is: READ CAPACITY (10), and (16) for what the first cannot say.
 * @param isDisk whether it could know the second; a CD-ROM does not
 * @returns what hinders: `no-media`, `changed`
 * @throws EFI_DEVICE_ERROR; EFI_UNSUPPORTED for blocks that are no power of two from 512 bytes to
 *   64 KiB, and for more than 2^53 bytes
 */
export function readCapacity(unit: ScsiUnit, isDisk: boolean): Capacity | 'no-media' | 'changed' {
  const capacity = askCapacity(unit, isDisk);
  if (typeof capacity === 'string') return capacity;
  const { blockSize, lastBlock } = capacity;
  if (lastBlock > Number.MAX_SAFE_INTEGER / Math.max(blockSize, 1)) {
    throw new EfiError('EFI_UNSUPPORTED', `${lastBlock} blocks of ${blockSize} bytes are too many`);
  }
  if (unit.quirks.capacityBelieved || isBlockSize(blockSize)) return capacity;
  throw new EfiError('EFI_UNSUPPORTED', `blocks of ${blockSize} bytes`);
}

function isBlockSize(size: number): boolean {
  return size >= SMALLEST_BLOCK && size <= LARGEST_BLOCK && (size & (size - 1)) === 0;
}

function askCapacity(unit: ScsiUnit, isDisk: boolean): Capacity | 'no-media' | 'changed' {
  const { alignmentMisread, capacityBelieved } = unit.quirks;
  const data = new Uint8Array(SCSI_READ_CAPACITY_10_SIZE);
  const command = scsiReadCapacity10Command(SCSI_DISK_TIMEOUT, senseLength(unit), data);
  const hindrance = ask(unit, command);
  if (hindrance !== undefined) return hindrance;
  const short = readReadCapacity10(
    capacityBelieved ? data : data.subarray(0, command.inTransferLength),
  );
  if (short === undefined) throw unit.error('READ CAPACITY (10) was answered in part', command);
  const isLarge = short.lastLba === SCSI_CAPACITY_TOO_LARGE;
  const plain = {
    lastBlock: short.lastLba,
    blockSize: short.blockSize,
    lowestAlignedLba: 0,
    logicalBlocksPerPhysicalBlock: 0,
    isLarge,
  };
  if (!isLarge && (alignmentMisread || !isDisk)) return plain;
  const long = askCapacity16(unit, isLarge);
  if (isLarge || long === undefined || typeof long === 'string') return long ?? plain;
  const { lowestAlignedLba, logicalBlocksPerPhysicalBlock } = long;
  return { ...plain, lowestAlignedLba, logicalBlocksPerPhysicalBlock };
}

/** @returns undefined if a disk that need not know the command does not */
function askCapacity16(
  unit: ScsiUnit,
  isLarge: boolean,
): Capacity | 'no-media' | 'changed' | undefined {
  const { alignmentMisread, capacityBelieved } = unit.quirks;
  const data = new Uint8Array(SCSI_READ_CAPACITY_16_SIZE);
  const command = scsiReadCapacity16Command(SCSI_DISK_TIMEOUT, senseLength(unit), data);
  const action = askOnce(unit, command);
  if (action === 'no-media' || action === 'changed') return action;
  const isAnswered = action === 'none';
  const answer = capacityBelieved ? data : data.subarray(0, command.inTransferLength);
  const long = isAnswered ? readReadCapacity16(answer) : undefined;
  if (long === undefined) {
    if (!isLarge) return undefined;
    throw unit.error('READ CAPACITY (16) failed', command);
  }
  const thin = (long.provisioningManaged ? 0x8000 : 0) | (long.unmappedReadZeros ? 0x4000 : 0);
  return {
    lastBlock: Number(long.lastLba),
    blockSize: long.blockSize,
    lowestAlignedLba: long.lowestAlignedLba | (alignmentMisread ? thin : 0),
    logicalBlocksPerPhysicalBlock: 2 ** long.physicalBlockExponent,
    isLarge,
  };
}

/** @returns what hinders, or undefined if the command is done */
function ask(unit: ScsiUnit, command: ScsiCommand): 'no-media' | 'changed' | undefined {
  const action = askOnce(unit, command);
  if (action === 'none') return undefined;
  if (action === 'no-media' || action === 'changed') return action;
  throw unit.error('READ CAPACITY failed', command);
}

/** EDK II looks only at whether the channel carried the command, not at what the unit made of it. */
function askOnce(unit: ScsiUnit, command: ScsiCommand): SenseAction {
  if (unit.quirks.capacityBelieved && unit.carry(command.again())) return 'none';
  return unit.settle(command);
}

/** EDK II leaves no room for sense data, which it would not look at. */
function senseLength(unit: ScsiUnit): number {
  return unit.quirks.capacityBelieved ? 0 : SENSE_LENGTH;
}
