/**
 * A command on its way through a logical unit (SAM-6), with the initiator's buffers: data move
 * between them and the medium without a copy between. Positions count from the buffers' beginnings;
 * nothing beyond their ends can be reached, and an answer that is longer is cut there.
 */
export interface ScsiTask {
  /** As many bytes as the transport carries; what lies behind the command's own length means nothing. */
  readonly cdb: Uint8Array;
  /** How many bytes the initiator sends, and has room for. */
  readonly dataOutLength: number;
  readonly dataInLength: number;
  /** Copies from `position` of data out into `target`. @returns how many bytes there were */
  readDataOut(position: number, target: Uint8Array): number;
  /** Copies `source` to `position` of data in. @returns how many bytes there was room for */
  writeDataIn(position: number, source: Uint8Array): number;
  /** Calls `move` with each piece of `length` bytes of data out, in order, from the beginning on. */
  eachDataOut(length: number, move: MovePiece): void;
  /** Calls `move` with each piece of `length` bytes of data in, in order, from the beginning on. */
  eachDataIn(length: number, move: MovePiece): void;
}

/** @param done how many bytes came before this piece: `length` bytes of `bytes`, from `offset` on */
export type MovePiece = (bytes: Uint8Array, offset: number, length: number, done: number) => void;

/** How a command ended: filled in by the logical unit, and reused by the transport. */
export interface ScsiResult {
  /** SCSI_STATUS_* (SAM-6). */
  status: number;
  /** Of a CHECK CONDITION; otherwise empty. */
  sense: Uint8Array;
  /** How many bytes of data in were filled, from the first on, without a gap. */
  dataInMoved: number;
  /** How many bytes of data out were taken. */
  dataOutMoved: number;
  /** How many bytes the command would have moved had the buffers been long enough. */
  dataInWanted: number;
  dataOutWanted: number;
}
