import type { ScsiResult, ScsiTask } from './scsi-task.ts';

/** What happened to a logical unit, of which its initiators are told (virtio §5.6.6.3). */
export interface ScsiUnitEvent {
  /** ASC << 8 | ASCQ of the unit attention that goes with it: SCSI_ASC_*. */
  readonly code: number;
}

/** A logical unit, whatever its transport: a disk, a CD-ROM, or one of your own. */
export interface ScsiLogicalUnit {
  /** As reports and traces show it. */
  readonly name: string;
  /** SCSI_TYPE_*. */
  readonly deviceType: number;
  /**
   * Does a command (SAM-6). It never throws on what an initiator sent.
   * @param result to be filled in completely
   */
  execute(task: ScsiTask, result: ScsiResult): void;
  /** A reset of the unit or of what it is on: the next command meets a unit attention (SAM-6). */
  reset(): void;
  /** The next command meets this unit attention, SCSI_ASC_*, such as of a target whose units have changed. */
  raiseAttention?(code: number): void;
  /** It has been told in another way: no command need meet it. */
  clearAttention?(code: number): void;
  /** Called with what happens to it, such as another medium; one listener. */
  onEvent?: ((event: ScsiUnitEvent) => void) | undefined;
}
