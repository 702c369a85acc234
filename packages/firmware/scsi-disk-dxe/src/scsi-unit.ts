import type { ScsiSense } from '@dxelab/scsi';
import {
  SCSI_FIXED_SENSE_SIZE,
  SCSI_SENSE_NO_SENSE,
  SCSI_STATUS_BUSY,
  SCSI_STATUS_CHECK_CONDITION,
  SCSI_STATUS_CONDITION_MET,
  SCSI_STATUS_GOOD,
  SCSI_STATUS_RESERVATION_CONFLICT,
  SCSI_STATUS_TASK_ABORTED,
  SCSI_STATUS_TASK_SET_FULL,
  readScsiSense,
} from '@dxelab/scsi';
import type { EfiBootServices, EfiScsiIo } from '@dxelab/uefi';
import { EfiError, isEfiFailure } from '@dxelab/uefi';
import type { ScsiCommand } from '@dxelab/uefi-scsi-lib';
import { SCSI_SECOND, scsiRequestSenseCommand, scsiStartUnitCommand } from '@dxelab/uefi-scsi-lib';
import { adapterOutcome, commandText } from './command-end.ts';
import type { ScsiDiskQuirks } from './scsi-disk-quirks.ts';
import type { SenseAction } from './sense-action.ts';
import { edk2SenseAction, senseAction } from './sense-action.ts';

/** Of a command that is done: locals, since every read compares with them. */
const HOST_ADAPTER_OK = 0;
const GOOD = 0;

/** A drive that sleeps may take as long as this to answer (ATA/ATAPI), whatever the command. */
export const SCSI_DISK_TIMEOUT: number = 30 * SCSI_SECOND;

/** Sense data that are kept at most; EDK II asks for no more one after the other. */
export const SENSE_LENGTH: number = 6 * SCSI_FIXED_SENSE_SIZE;

/** Between two tries, in microseconds. */
const PAUSE = 100_000;

/** A unit that is busy, or has more than one thing to report, is given a second. */
const TRIES = 10;
const TRIES_OF_EDK2 = 2;

/**
 * What became of a command: done, to be looked up in its sense data, too much at once, worth another
 * try, or neither.
 */
export type ScsiOutcome = 'done' | 'check' | 'shorter' | 'again' | 'failed';

/** The services that a unit needs. */
export type UnitServices = Pick<EfiBootServices, 'stall'>;

/** A logical unit, and what became of the commands to it. */
export class ScsiUnit {
  readonly scsiIo: EfiScsiIo;
  readonly quirks: ScsiDiskQuirks;
  /** How often a command is sent. */
  readonly tries: number;
  private readonly bs: UnitServices;
  /** What the channel threw of the last command. */
  private failure: EfiError | undefined;

  constructor(scsiIo: EfiScsiIo, bs: UnitServices, quirks: ScsiDiskQuirks) {
    this.scsiIo = scsiIo;
    this.bs = bs;
    this.quirks = quirks;
    this.tries = quirks.halvesOnErrors ? TRIES_OF_EDK2 : TRIES;
    this.failure = undefined;
  }

  /** Sends a command that is ready. @returns whether the channel carried it to the unit and back */
  carry(command: ScsiCommand): boolean {
    try {
      this.scsiIo.executeScsiCommand(command);
      this.failure = undefined;
      return true;
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      this.failure = caught;
      return false;
    }
  }

  /** The same, and judges what became of it; what is worth another try has been waited for. */
  send(command: ScsiCommand): ScsiOutcome {
    if (
      this.carry(command) &&
      command.hostAdapterStatus === HOST_ADAPTER_OK &&
      command.targetStatus === GOOD
    ) {
      return 'done';
    }
    return this.judge(command);
  }

  /**
   * Sends a command until it is done, or another try would not help.
   * @returns `none` if it is done; what its sense data ask for otherwise
   */
  settle(command: ScsiCommand): SenseAction {
    for (let tries = 0; tries < this.tries; tries += this.effort) {
      const outcome = this.send(command.again());
      if (outcome === 'done') return 'none';
      if (outcome === 'failed') return 'failed';
      if (outcome === 'check') {
        const action = this.action(command);
        if (action === 'later') this.pause();
        else if (action !== 'again') return action;
      }
    }
    return 'failed';
  }

  /** How many tries the last command counts for: what nobody answers in time is not sent ten times. */
  get effort(): number {
    return this.failure?.status === 'EFI_TIMEOUT' ? this.tries / 2 : 1;
  }

  /** What the sense data of a command ask for; a unit that gave none is asked, and started if it stands. */
  action(command: ScsiCommand): SenseAction {
    if (this.quirks.halvesOnErrors) return edk2SenseAction(sensesOf(command));
    const action = senseAction(command.sense() ?? this.requestSense()[0]);
    if (action !== 'stopped') return action;
    // Whether it did start, the next try shows.
    this.send(scsiStartUnitCommand(SCSI_DISK_TIMEOUT, SENSE_LENGTH));
    return 'again';
  }

  /**
   * REQUEST SENSE, until there is nothing more (EDK II: ScsiDiskRequestSenseKeys).
   * @returns nothing if the unit does not say
   */
  requestSense(): readonly ScsiSense[] {
    const data = new Uint8Array(SCSI_FIXED_SENSE_SIZE);
    const command = scsiRequestSenseCommand(SCSI_DISK_TIMEOUT, data);
    const senses: ScsiSense[] = [];
    while (senses.length < SENSE_LENGTH / SCSI_FIXED_SENSE_SIZE) {
      data.fill(0);
      if (this.send(command.again()) !== 'done') break;
      const sense = readScsiSense(data);
      if (sense === undefined) break;
      senses.push(sense);
      if (sense.key === SCSI_SENSE_NO_SENSE) break;
    }
    return senses;
  }

  /** Before the next try. */
  pause(): void {
    if (!this.quirks.pollsWithoutPause) this.bs.stall(PAUSE);
  }

  /** EFI_DEVICE_ERROR that says what the unit, or the channel, said. */
  error(what: string, command: ScsiCommand): EfiError {
    const why = this.failure?.message ?? commandText(command);
    const cause = this.failure === undefined ? {} : { cause: this.failure };
    return new EfiError('EFI_DEVICE_ERROR', `${what}: ${why}`, cause);
  }

  private judge(command: ScsiCommand): ScsiOutcome {
    const status = this.failure?.status;
    if (status === 'EFI_BAD_BUFFER_SIZE') return 'shorter';
    if (status === 'EFI_INVALID_PARAMETER' || status === 'EFI_UNSUPPORTED') return 'failed';
    if (status === 'EFI_NOT_READY') {
      this.pause();
      return 'again';
    }
    return this.judgeAdapter(command.hostAdapterStatus) ?? this.judgeTarget(command);
  }

  /** @returns undefined if the target's status counts */
  private judgeAdapter(hostAdapterStatus: number): ScsiOutcome | undefined {
    const outcome = adapterOutcome(hostAdapterStatus);
    if (outcome !== 'bus-lost') return outcome;
    this.tryReset(() => this.scsiIo.resetBus());
    return 'failed';
  }

  private judgeTarget({ targetStatus }: ScsiCommand): ScsiOutcome {
    switch (targetStatus) {
      case SCSI_STATUS_CHECK_CONDITION:
        return 'check';
      case SCSI_STATUS_BUSY:
      case SCSI_STATUS_TASK_SET_FULL:
        if (this.quirks.busyResets) this.tryReset(() => this.scsiIo.resetDevice());
        else this.pause();
        return 'again';
      case SCSI_STATUS_RESERVATION_CONFLICT:
        return 'failed';
      case SCSI_STATUS_GOOD:
      case SCSI_STATUS_CONDITION_MET:
        return this.unlessFailed('done');
      case SCSI_STATUS_TASK_ABORTED:
        return this.unlessFailed(this.quirks.unknownStatusIsSuccess ? 'done' : 'again');
      default:
        return this.unlessFailed(this.quirks.unknownStatusIsSuccess ? 'done' : 'failed');
    }
  }

  /** What the channel could not do was not done; EDK II asks the unit for a reason first. */
  private unlessFailed(outcome: ScsiOutcome): ScsiOutcome {
    if (this.failure === undefined) return outcome;
    return this.quirks.halvesOnErrors ? 'check' : 'failed';
  }

  /** The command has failed already: that is what the caller should hear of. */
  private tryReset(reset: () => void): void {
    try {
      reset();
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
    }
  }
}

/** Sense data as EDK II reads them: as many of the fixed format as were filled. */
function sensesOf({ senseData, senseDataLength }: ScsiCommand): readonly ScsiSense[] {
  const senses: ScsiSense[] = [];
  for (let end = SCSI_FIXED_SENSE_SIZE; end <= senseDataLength; end += SCSI_FIXED_SENSE_SIZE) {
    const sense = senseData && readScsiSense(senseData.subarray(end - SCSI_FIXED_SENSE_SIZE, end));
    if (sense !== undefined) senses.push(sense);
  }
  return senses;
}
