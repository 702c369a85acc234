import { SCSI_ASC_POWER_ON_OR_RESET } from '@dxelab/scsi';

/**
 * What the initiator must be told before it goes on (SAM-6), oldest first. One of each kind, and
 * a reset outweighs all that came before it.
 */
export class UnitAttentions {
  /** Whether there are any: read on the way of each command. */
  pending: boolean;
  private codes: number[];

  constructor() {
    this.codes = [SCSI_ASC_POWER_ON_OR_RESET];
    this.pending = true;
  }

  /** @param code SCSI_ASC_* */
  raise(code: number): void {
    if (code === SCSI_ASC_POWER_ON_OR_RESET) this.codes = [];
    if (!this.codes.includes(code)) this.codes.push(code);
    this.pending = true;
  }

  /** Forgets one that has become pointless. */
  clear(code: number): void {
    this.codes = this.codes.filter((pending) => pending !== code);
    this.pending = this.codes.length > 0;
  }

  /** The oldest, which is told now; 0 if there is none. */
  take(): number {
    const code = this.codes.shift() ?? 0;
    this.pending = this.codes.length > 0;
    return code;
  }
}
