import { MachineSetupError } from '@dxelab/emulated-machine';
import {
  SCSI_ASC_REPORTED_LUNS_DATA_HAS_CHANGED,
  SCSI_MAX_LUN,
  SCSI_REPORT_LUNS,
  SCSI_REPORT_LUNS_WELL_KNOWN_LUN,
  SCSI_STATUS_CHECK_CONDITION,
  fixedScsiSense,
} from '@dxelab/scsi';
import type { ScsiLogicalUnit } from '../scsi-logical-unit.ts';
import type { ScsiResult, ScsiTask } from '../scsi-task.ts';
import type { Outcome } from '../unit/outcome.ts';
import { GOOD, INVALID_FIELD_IN_CDB, LOGICAL_UNIT_NOT_SUPPORTED } from '../unit/outcome.ts';
import { RunningCommand } from '../unit/running-command.ts';
import { absentUnit } from './absent-unit.ts';
import { reportLuns } from './report-luns.ts';

const NACA = 0x04;

/**
 * A target: logical units by their numbers, behind one address of a transport. It hands commands to
 * them, and answers itself what is asked of all of them, or of one that is not there.
 */
export class ScsiTarget {
  private readonly units: Map<number, ScsiLogicalUnit>;
  private readonly command: RunningCommand;

  /** @throws MachineSetupError for numbers that no unit can have */
  constructor(units: Iterable<readonly [number, ScsiLogicalUnit]> = []) {
    this.units = new Map();
    this.command = new RunningCommand();
    for (const [lun, unit] of units) this.add(lun, unit);
  }

  /** The numbers that are taken, in ascending order. */
  get luns(): readonly number[] {
    return [...this.units.keys()].toSorted((a, b) => a - b);
  }

  unit(lun: number): ScsiLogicalUnit | undefined {
    return this.units.get(lun);
  }

  /**
   * Adds a unit; initiators are told by a unit attention of the others (SPC-6).
   * @throws MachineSetupError for a number that is taken, or that no unit can have
   */
  plug(lun: number, unit: ScsiLogicalUnit): void {
    this.add(lun, unit);
    this.inventoryChanged(unit);
  }

  /** Takes a unit away. @returns the unit; `undefined` if there was none */
  unplug(lun: number): ScsiLogicalUnit | undefined {
    const unit = this.units.get(lun);
    if (unit === undefined) return undefined;
    this.units.delete(lun);
    this.inventoryChanged(unit);
    return unit;
  }

  /**
   * Does a command. It never throws on what an initiator sent.
   * @param lun from 0 to SCSI_MAX_LUN, or SCSI_REPORT_LUNS_WELL_KNOWN_LUN
   */
  execute(lun: number, task: ScsiTask, result: ScsiResult): void {
    const unit = this.units.get(lun);
    const asksForAll = task.cdb[0] === SCSI_REPORT_LUNS;
    if (unit !== undefined && !asksForAll) {
      unit.execute(task, result);
      return;
    }
    const { command } = this;
    command.begin(task, result);
    const outcome = this.answer(lun, asksForAll);
    if (outcome === GOOD) return;
    result.status = SCSI_STATUS_CHECK_CONDITION;
    result.sense = fixedScsiSense(outcome >> 16, outcome & 0xffff);
  }

  /** Resets each of its units. */
  reset(): void {
    for (const unit of this.units.values()) unit.reset();
  }

  private answer(lun: number, asksForAll: boolean): Outcome {
    const { command, units } = this;
    if (!asksForAll) return absentUnit(command);
    // Unit 0 can always be asked, and so can each that is there (SPC-6).
    if (lun !== 0 && lun !== SCSI_REPORT_LUNS_WELL_KNOWN_LUN && !units.has(lun)) {
      return LOGICAL_UNIT_NOT_SUPPORTED;
    }
    if (command.cdb.length < 12 || (command.byte(11) & NACA) !== 0) return INVALID_FIELD_IN_CDB;
    const outcome = reportLuns(command, this.luns);
    if (outcome === GOOD) {
      for (const unit of units.values()) {
        unit.clearAttention?.(SCSI_ASC_REPORTED_LUNS_DATA_HAS_CHANGED);
      }
    }
    return outcome;
  }

  private inventoryChanged(except: ScsiLogicalUnit): void {
    for (const unit of this.units.values()) {
      if (unit !== except) unit.raiseAttention?.(SCSI_ASC_REPORTED_LUNS_DATA_HAS_CHANGED);
    }
  }

  private add(lun: number, unit: ScsiLogicalUnit): void {
    if (!Number.isInteger(lun) || lun < 0 || lun > SCSI_MAX_LUN) {
      throw new MachineSetupError(
        `a LUN is a whole number from 0 to ${SCSI_MAX_LUN}; it is ${lun}`,
      );
    }
    const there = this.units.get(lun);
    if (there !== undefined) {
      throw new MachineSetupError(`LUN ${lun} of ${unit.name} is taken by ${there.name}`);
    }
    this.units.set(lun, unit);
  }
}
