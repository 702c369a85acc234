import type { MovePiece, ScsiTask } from './scsi-task.ts';

/** Default: no data either way, in one piece. */
export interface BufferTaskOptions {
  readonly cdb: ArrayLike<number>;
  /** What the initiator sends. */
  readonly dataOut?: Uint8Array;
  /** Bytes of room that it has for data in. */
  readonly room?: number;
  /** Bytes that lie together, for who moves piece by piece. */
  readonly piece?: number;
}

/** A task on two arrays: for tests, and for transports that have their data in one piece. */
export class BufferTask implements ScsiTask {
  cdb: Uint8Array;
  /** How much of the arrays is offered: all of them, unless it is made less. */
  dataOutLength: number;
  dataInLength: number;
  readonly dataOut: Uint8Array;
  readonly dataIn: Uint8Array;
  private readonly piece: number;

  constructor(options: BufferTaskOptions) {
    this.cdb = Uint8Array.from(options.cdb);
    this.dataOut = options.dataOut ?? new Uint8Array(0);
    this.dataIn = new Uint8Array(options.room ?? 0);
    this.dataOutLength = this.dataOut.length;
    this.dataInLength = this.dataIn.length;
    this.piece = options.piece ?? Infinity;
  }

  readDataOut(position: number, target: Uint8Array): number {
    const end = Math.min(this.dataOutLength, position + target.length);
    const source = this.dataOut.subarray(position, end);
    target.set(source);
    return source.length;
  }

  writeDataIn(position: number, source: Uint8Array): number {
    const part = source.subarray(0, Math.max(0, this.dataInLength - position));
    this.dataIn.set(part, position);
    return part.length;
  }

  eachDataOut(length: number, move: MovePiece): void {
    this.each(this.dataOut, Math.min(length, this.dataOutLength), move);
  }

  eachDataIn(length: number, move: MovePiece): void {
    this.each(this.dataIn, Math.min(length, this.dataInLength), move);
  }

  private each(bytes: Uint8Array, length: number, move: MovePiece): void {
    for (let done = 0; done < length; done += this.piece) {
      move(bytes, done, Math.min(this.piece, length - done), done);
    }
  }
}
