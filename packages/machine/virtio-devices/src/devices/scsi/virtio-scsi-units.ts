import { ScsiTarget } from '@dxelab/scsi-targets';
import type { ScsiLogicalUnit } from '@dxelab/scsi-targets';

/** The targets of a SCSI host, and what is behind them. */
export class VirtioScsiUnits {
  private readonly targets: (ScsiTarget | undefined)[] = [];

  target(target: number): ScsiTarget | undefined {
    return this.targets[target];
  }

  /** In order of their numbers. */
  *all(): Generator<readonly [target: number, ScsiTarget]> {
    for (const [number, target] of this.targets.entries()) {
      if (target !== undefined) yield [number, target];
    }
  }

  /** @throws MachineSetupError where a logical unit is already */
  plug(target: number, lun: number, unit: ScsiLogicalUnit): void {
    const there = this.targets[target];
    if (there === undefined) this.targets[target] = new ScsiTarget([[lun, unit]]);
    else there.plug(lun, unit);
  }

  /** A target without logical units is none. @returns the unit that was there */
  unplug(target: number, lun: number): ScsiLogicalUnit | undefined {
    const there = this.targets[target];
    const unit = there?.unplug(lun);
    if (there?.luns.length === 0) this.targets[target] = undefined;
    return unit;
  }

  /** Resets everything. */
  reset(): void {
    for (const [, target] of this.all()) target.reset();
  }
}
