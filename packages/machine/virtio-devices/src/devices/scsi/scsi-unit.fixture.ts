import type {
  MovePiece,
  ScsiLogicalUnit,
  ScsiResult,
  ScsiTask,
  ScsiUnitEvent,
} from '@dxelab/scsi-targets';

/** What the unit does with a command, by its first byte. */
export const CMD = {
  /** Nothing. */
  NOTHING: 0x00,
  /** Delivers as many bytes as byte 1 of the CDB says: 1, 2, 3, … */
  IN: 0xe0,
  /** Takes as many bytes as byte 1 of the CDB says. */
  OUT: 0xe1,
  /** Takes what byte 1 says, and delivers it inverted. */
  BOTH: 0xe2,
  /** CHECK CONDITION, with as many bytes of sense data as byte 1 says. */
  SENSE: 0xe3,
} as const;

/** A logical unit with commands of its own that show what a transport does with them. */
export class TestUnit implements ScsiLogicalUnit {
  readonly name = 'test-unit';
  readonly deviceType: number;
  onEvent?: ((event: ScsiUnitEvent) => void) | undefined;
  /** What was sent to it. */
  taken: number[] = [];
  commands: number[] = [];
  cdb: readonly number[] = [];
  resets = 0;

  constructor(deviceType = 0) {
    this.deviceType = deviceType;
  }

  execute(task: ScsiTask, result: ScsiResult): void {
    const [code = 0, length = 0] = task.cdb;
    this.cdb = [...task.cdb];
    this.commands.push(code);
    result.status = 0;
    result.sense = new Uint8Array(0);
    const out = code === CMD.OUT || code === CMD.BOTH ? length : 0;
    const into = code === CMD.IN || code === CMD.BOTH ? length : 0;
    result.dataOutWanted = out;
    result.dataInWanted = into;
    result.dataOutMoved = Math.min(out, task.dataOutLength);
    result.dataInMoved = Math.min(into, task.dataInLength);
    this.taken = [];
    task.eachDataOut(out, (bytes, offset, size) => {
      this.taken.push(...bytes.subarray(offset, offset + size));
    });
    const deliver: MovePiece = (bytes, offset, size, done) => {
      for (let index = 0; index < size; index++) {
        const at = done + index;
        bytes[offset + index] = code === CMD.BOTH ? ~(this.taken[at] ?? 0) : at + 1;
      }
    };
    task.eachDataIn(into, deliver);
    if (code === CMD.SENSE) {
      result.status = 2;
      result.sense = new Uint8Array(length).map((_, index) => index + 1);
    }
  }

  reset(): void {
    this.resets++;
  }
}
