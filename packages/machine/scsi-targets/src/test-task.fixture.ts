import type { ScsiSense } from '@dxelab/scsi';
import { readScsiSense } from '@dxelab/scsi';
import type { ScsiLogicalUnit } from './scsi-logical-unit.ts';
import type { MovePiece, ScsiResult, ScsiTask } from './scsi-task.ts';
import { scsiResult } from './unit/running-command.ts';

/** What every byte of room holds before a command. */
export const CANARY = 0xc5;

/** A task on two arrays, which a transport would find in pieces of `piece` bytes. */
export class TestTask implements ScsiTask {
  cdb: Uint8Array;
  /** How much of the arrays it offers. */
  dataOutLength: number;
  dataInLength: number;
  readonly dataOut: Uint8Array;
  readonly dataIn: Uint8Array;
  readonly piece: number;

  constructor(
    cdb: ArrayLike<number>,
    dataOut: Uint8Array = new Uint8Array(0),
    room = 0,
    piece = 700,
  ) {
    this.cdb = Uint8Array.from(cdb);
    this.dataOut = dataOut;
    this.dataIn = new Uint8Array(room).fill(CANARY);
    this.dataOutLength = dataOut.length;
    this.dataInLength = room;
    this.piece = piece;
  }

  readDataOut(position: number, target: Uint8Array): number {
    const source = this.dataOut.subarray(
      position,
      Math.min(this.dataOutLength, position + target.length),
    );
    target.set(source);
    return source.length;
  }

  writeDataIn(position: number, source: Uint8Array): number {
    const part = source.subarray(0, Math.max(0, this.dataInLength - position));
    this.dataIn.set(part, position);
    return part.length;
  }

  eachDataOut(length: number, move: MovePiece): void {
    this.#each(this.dataOut, this.dataOutLength, length, move);
  }

  eachDataIn(length: number, move: MovePiece): void {
    this.#each(this.dataIn, this.dataInLength, length, move);
  }

  #each(bytes: Uint8Array, offered: number, length: number, move: MovePiece): void {
    if (length > offered) throw new RangeError(`${length} bytes of ${offered}`);
    for (let done = 0; done < length; done += this.piece) {
      move(bytes, done, Math.min(this.piece, length - done), done);
    }
  }
}

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
  { out, room = 0x20000, piece }: Buffers = {},
): Answer {
  const task = new TestTask(cdb, out, room, piece);
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
