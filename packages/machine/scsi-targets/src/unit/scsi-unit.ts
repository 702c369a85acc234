import {
  SCSI_ASC_MODE_PARAMETERS_CHANGED,
  SCSI_ASC_POWER_ON_OR_RESET,
  SCSI_SENSE_UNIT_ATTENTION,
  SCSI_STATUS_CHECK_CONDITION,
  descriptorScsiSense,
  fixedScsiSense,
} from '@dxelab/scsi';
import type { ScsiLogicalUnit, ScsiUnitEvent } from '../scsi-logical-unit.ts';
import type { ScsiResult, ScsiTask } from '../scsi-task.ts';
import type { ModePages } from './mode-pages.ts';
import type { Outcome } from './outcome.ts';
import { GOOD, INVALID_FIELD_IN_CDB, INVALID_OPCODE, checkCondition } from './outcome.ts';
import { NO_INFORMATION, RunningCommand } from './running-command.ts';
import type { CommandTable } from './scsi-command.ts';
import type { UnitIdentity } from './unit-identity.ts';
import { UnitAttentions } from './unit-attentions.ts';

/** NACA in the CONTROL byte: an ACA condition is asked for, which nothing here has (SAM-6). */
const NACA = 0x04;

/** How commands end that a unit would do: SCSI_STATUS_* for one that it shall not do now, such as BUSY. */
export type ScsiStatusOf = (cdb: Uint8Array) => number | undefined;

/** What every unit is made of. */
export interface ScsiUnitSettings {
  readonly identity: UnitIdentity;
  readonly modePages: ModePages;
  readonly commands: CommandTable;
  readonly status: ScsiStatusOf | undefined;
}

/** What every kind of logical unit has in common (SPC-6): identity, mode pages, unit attentions, sense data. */
export abstract class ScsiUnit implements ScsiLogicalUnit {
  readonly name: string;
  readonly identity: UnitIdentity;
  readonly attentions: UnitAttentions;
  readonly modePages: ModePages;
  /** The command that is being done. */
  readonly command: RunningCommand;
  onEvent: ((event: ScsiUnitEvent) => void) | undefined;
  private readonly commands: CommandTable;
  private readonly statusOf: ScsiStatusOf | undefined;

  constructor(settings: ScsiUnitSettings) {
    const { identity } = settings;
    this.name = identity.name;
    this.identity = identity;
    this.modePages = settings.modePages;
    this.commands = settings.commands;
    this.statusOf = settings.status;
    this.attentions = new UnitAttentions();
    this.command = new RunningCommand();
    this.onEvent = undefined;
  }

  get deviceType(): number {
    return this.identity.deviceType;
  }

  execute(task: ScsiTask, result: ScsiResult): void {
    this.command.begin(task, result);
    const status = this.statusOf?.(task.cdb);
    if (status !== undefined && status !== GOOD) {
      result.status = status;
      return;
    }
    const outcome = this.perform(task.cdb);
    if (outcome === GOOD) return;
    const { information } = this.command;
    const known = information === NO_INFORMATION ? undefined : information;
    result.status = SCSI_STATUS_CHECK_CONDITION;
    result.sense = this.sense(outcome, this.modePages.descriptorSense, known);
  }

  reset(): void {
    this.modePages.reset();
    this.modeChanged();
    this.attentions.raise(SCSI_ASC_POWER_ON_OR_RESET);
  }

  raiseAttention(code: number): void {
    this.attentions.raise(code);
  }

  clearAttention(code: number): void {
    this.attentions.clear(code);
  }

  /** Something happened that the initiator must be told: by the next command, and by an event. */
  attention(code: number): void {
    this.attentions.raise(code);
    this.onEvent?.({ code });
  }

  /** Somebody but the initiator changes the mode pages (SPC-6). */
  protected changeModeFromOutside(change: (pages: ModePages) => void): void {
    change(this.modePages);
    this.modeChanged();
    this.attention(SCSI_ASC_MODE_PARAMETERS_CHANGED);
  }

  /** The mode pages have changed: what depends on them follows. */
  abstract modeChanged(): void;

  /** GOOD, or why a command that needs the medium cannot be done now. */
  abstract readiness(): Outcome;

  /** The device-specific parameter of the mode parameter header. */
  abstract modeDeviceSpecific(): number;

  /** The block descriptor among the mode parameters; empty if there is none. */
  abstract modeBlockDescriptor(long: boolean): Uint8Array;

  /** What a VPD page has behind its header; `undefined` if there is no such page (SPC-6). */
  abstract vitalProductData(pageCode: number): Uint8Array | undefined;

  /** Sense data in either format. */
  sense(outcome: Outcome, descriptor: boolean, information?: number): Uint8Array {
    const key = outcome >> 16;
    const code = outcome & 0xffff;
    return descriptor
      ? descriptorScsiSense(key, code, information)
      : fixedScsiSense(key, code, information);
  }

  private perform(cdb: Uint8Array): Outcome {
    const command = this.commands[cdb[0] ?? 0];
    if (this.attentions.pending && command?.precedesAttention !== true) {
      return checkCondition(SCSI_SENSE_UNIT_ATTENTION, this.attentions.take());
    }
    if (command === undefined) return INVALID_OPCODE;
    const control = cdb[command.cdbSize - 1];
    if (control === undefined || (control & NACA) !== 0) return INVALID_FIELD_IN_CDB;
    if (command.needsMedium) {
      const readiness = this.readiness();
      if (readiness !== GOOD) return readiness;
    }
    return command.run(this);
  }
}
