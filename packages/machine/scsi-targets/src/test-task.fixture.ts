import type { ScsiSense } from '@dxelab/scsi';
import { readScsiSense } from '@dxelab/scsi';
import { BufferTask } from './buffer-task.ts';
import type { ScsiLogicalUnit } from './scsi-logical-unit.ts';
import type { ScsiResult } from './scsi-task.ts';
import { scsiResult } from './unit/running-command.ts';

/** What every byte of room holds before a command. */
export const CANARY = 0xc5;
const NOTHING = new Uint8Array(0);

/** What an initiator has of a command. */
export interface Answer extends ScsiResult {
  /** What was filled of the room for data in. */
  readonly data: Uint8Array;
  readonly decoded: ScsiSense | undefined;
  /** Such as '5/2400': key and additional sense code of a CHECK CONDITION; otherwise 'status ' and the status. */
  readonly outcome: string;
}

/** What an initiator sends and has room for. */
export interface Buffers {
  readonly out?: Uint8Array;
  readonly room?: number;
  readonly piece?: number;
}

/** Has a unit do a command. */
export function run(
  unit: Pick<ScsiLogicalUnit, 'execute'>,
  cdb: ArrayLike<number>,
  { out = NOTHING, room = 0x20000, piece = 700 }: Buffers = {},
): Answer {
  const task = new BufferTask({ cdb, dataOut: out, room, piece });
  task.dataIn.fill(CANARY);
  const result = scsiResult();
  unit.execute(task, result);
  const decoded = readScsiSense(result.sense);
  const code = decoded?.code.toString(16).padStart(4, '0');
  return {
    ...result,
    data: task.dataIn.subarray(0, result.dataInMoved),
    decoded,
    outcome:
      decoded === undefined ? `status ${result.status}` : `${decoded.key.toString(16)}/${code}`,
  };
}

/** The CDB of `size` bytes with fields of big-endian numbers: `[at, width, value]`. */
export function cdbOf(
  opcode: number,
  size: number,
  ...fields: readonly (readonly [at: number, width: number, value: number])[]
): number[] {
  const bytes = Array.from({ length: size }, () => 0);
  bytes[0] = opcode;
  for (const [at, width, value] of fields) {
    let rest = BigInt(value);
    for (let index = at + width - 1; index >= at; index--) {
      bytes[index] = Number(rest & 0xffn);
      rest >>= 8n;
    }
  }
  return bytes;
}
