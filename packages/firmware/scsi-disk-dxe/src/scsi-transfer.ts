import type { HostBuffer } from '@dxelab/uefi';
import { isGuestBuffer } from '@dxelab/uefi';
import {
  SCSI_FUA,
  SCSI_SECOND,
  ScsiCommand,
  setScsiRead10,
  setScsiRead16,
  setScsiWrite10,
  setScsiWrite16,
} from '@dxelab/uefi-scsi-lib';
import type { ScsiMedium } from './scsi-medium.ts';
import type { ScsiUnit } from './scsi-unit.ts';
import { SENSE_LENGTH } from './scsi-unit.ts';
import type { SenseAction } from './sense-action.ts';

/** The slowest interface behind a SCSI channel, in bytes a second, and what a sleeping drive needs. */
const SLOWEST = 2_100_000;
const WAKING_UP = 31;

/**
 * Reads and writes blocks: as many commands as it takes, with two packets that are filled in again for
 * each. MdeModulePkg/Bus/Scsi/ScsiDiskDxe: ScsiDiskReadSectors, ScsiDiskWriteSectors.
 */
export class ScsiTransfer {
  /** The command that was sent last. */
  last: ScsiCommand;
  private readonly unit: ScsiUnit;
  private readonly medium: ScsiMedium;
  private readonly command10: ScsiCommand;
  private readonly command16: ScsiCommand;
  /** Of the last command, in blocks. */
  private moved: number;

  constructor(unit: ScsiUnit, medium: ScsiMedium) {
    this.unit = unit;
    this.medium = medium;
    this.command10 = new ScsiCommand(new Uint8Array(10), 0, SENSE_LENGTH);
    this.command16 = new ScsiCommand(new Uint8Array(16), 0, SENSE_LENGTH);
    this.last = this.command10;
    this.moved = 0;
  }

  /**
   * Moves a buffer of whole blocks that are all on the medium.
   * @returns `none` if all was moved; what the unit asked for otherwise
   */
  move(isWrite: boolean, lba: number, buffer: HostBuffer): SenseAction {
    const { blockSize } = this.medium.media;
    const blocks = buffer.length / blockSize;
    for (let done = 0; done < blocks; done += this.moved) {
      const rest = blocks - done;
      const count = rest < this.medium.mostBlocks ? rest : this.medium.mostBlocks;
      const part = done === 0 ? buffer : behind(buffer, done * blockSize);
      const action = this.movePart(isWrite, lba + done, part, count);
      if (action !== 'none') return action;
    }
    return 'none';
  }

  /** Moves blocks from the beginning of a buffer, `moved` of them. */
  private movePart(isWrite: boolean, lba: number, buffer: HostBuffer, blocks: number): SenseAction {
    let count = blocks;
    for (let tries = 0; tries < this.unit.tries;) {
      const command = this.prepare(isWrite, lba, buffer, count);
      const outcome = this.unit.send(command);
      if (outcome === 'done') return this.take(command, isWrite, count);
      const action = outcome === 'check' ? this.unit.action(command) : outcome;
      // A command that ended with a remark is done all the same (SPC-6 §4.4.8: RECOVERED ERROR).
      if (action === 'none' && !this.unit.quirks.halvesOnErrors) {
        return this.take(command, isWrite, count);
      }
      const next = this.nextCount(action, command, isWrite, count);
      if (typeof next === 'string') return next;
      // Half as much is another command, and not another try of the same.
      if (next === count || action === 'shorter') tries += this.unit.effort;
      count = next;
    }
    return 'failed';
  }

  /** @returns how many blocks to try next, or why not */
  private nextCount(
    action: SenseAction | 'shorter',
    command: ScsiCommand,
    isWrite: boolean,
    count: number,
  ): number | SenseAction {
    switch (action) {
      case 'again':
        return count;
      case 'later':
        this.unit.pause();
        return count;
      case 'shorter':
        return this.nextShorter(command, isWrite, count);
      case 'medium-error':
      case 'other':
        return this.unit.quirks.halvesOnErrors && count > 1 ? count >> 1 : 'failed';
      case 'no-media':
      case 'changed':
      case 'protected':
        return action;
      case 'none':
      case 'failed':
      default:
        return 'failed';
    }
  }

  /** The channel has said how many bytes it can move (UEFI §15.7.4: EFI_BAD_BUFFER_SIZE). */
  private nextShorter(command: ScsiCommand, isWrite: boolean, count: number): number | SenseAction {
    const length = isWrite ? command.outTransferLength : command.inTransferLength;
    const blocks = Math.floor(length / this.medium.media.blockSize);
    if (this.unit.quirks.transferLimitsIgnored) return Math.min(blocks, count);
    if (blocks === 0 || blocks >= count) return 'failed';
    this.medium.mostBlocks = blocks;
    return blocks;
  }

  private prepare(isWrite: boolean, lba: number, buffer: HostBuffer, blocks: number): ScsiCommand {
    const length = blocks * this.medium.media.blockSize;
    const command = this.medium.isLarge ? this.command16 : this.command10;
    this.last = command;
    command.timeout = (Math.trunc(length / SLOWEST) + WAKING_UP) * SCSI_SECOND;
    if (isWrite) {
      const flags = this.medium.forceUnitAccess ? SCSI_FUA : 0;
      if (this.medium.isLarge) setScsiWrite16(command, lba, blocks, flags);
      else setScsiWrite10(command, lba, blocks, flags);
      return command.writing(buffer, length);
    }
    if (this.medium.isLarge) setScsiRead16(command, lba, blocks);
    else setScsiRead10(command, lba, blocks);
    return command.reading(buffer, length);
  }

  /** What was moved counts, in whole blocks; nothing at all is no progress. */
  private take(command: ScsiCommand, isWrite: boolean, count: number): SenseAction {
    const length = isWrite ? command.outTransferLength : command.inTransferLength;
    const blocks = Math.floor(length / this.medium.media.blockSize);
    this.moved = blocks < count ? blocks : count;
    return this.moved > 0 || this.unit.quirks.shortTransfersRepeated ? 'none' : 'failed';
  }
}

/** What of a buffer follows its first `offset` bytes. */
function behind(buffer: HostBuffer, offset: number): HostBuffer {
  if (!isGuestBuffer(buffer)) return buffer.subarray(offset);
  return { address: buffer.address + offset, length: buffer.length - offset };
}
