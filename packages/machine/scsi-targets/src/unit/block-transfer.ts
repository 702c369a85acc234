import type { BlockBackend } from '@dxelab/block-backends';
import { MemoryBackend, isBackendError } from '@dxelab/block-backends';
import type { MovePiece } from '../scsi-task.ts';
import type { Outcome } from './outcome.ts';
import {
  DATA_OUT_MISSING,
  GOOD,
  MISCOMPARE,
  READ_ERROR,
  TARGET_FAILURE,
  WRITE_ERROR,
} from './outcome.ts';
import type { RunningCommand } from './running-command.ts';

/** What is read at a time where nothing but the medium is wanted, in bytes. */
const CHUNK = 0x10000;
const NO_MEDIUM = new MemoryBackend(0);

/**
 * Moves blocks between the medium and the initiator. Addresses have been checked.
 *
 * A backend fails for a range; sense data name the block. So what has failed is done again block by
 * block, as a disk that recovers from an error does: what can be moved is moved, and the first block
 * that cannot is found.
 */
export class BlockTransfer {
  backend: BlockBackend;
  /** Whether what was written must be stable before its command ends. */
  writeThrough: boolean;
  readonly blockSize: number;
  private readonly command: RunningCommand;
  /** Where the transfer begins, in bytes. */
  private position: number;
  // Made once: a closure for each command would cost more than the command.
  private readonly readPiece: MovePiece;
  private readonly writePiece: MovePiece;

  constructor(command: RunningCommand, blockSize: number) {
    this.command = command;
    this.blockSize = blockSize;
    this.backend = NO_MEDIUM;
    this.writeThrough = true;
    this.position = 0;
    this.readPiece = (bytes, offset, length, done) => {
      this.backend.read(this.position + done, bytes, offset, length);
    };
    this.writePiece = (bytes, offset, length, done) => {
      this.backend.write(this.position + done, bytes, offset, length);
    };
  }

  /** Without a medium there is nothing to move. */
  removeMedium(): void {
    this.backend = NO_MEDIUM;
  }

  /** READ: as much as there is room for. */
  read(lba: number, blocks: number): Outcome {
    const { result, task } = this.command;
    const length = blocks * this.blockSize;
    const room = length < task.dataInLength ? length : task.dataInLength;
    result.dataInWanted = length;
    this.position = lba * this.blockSize;
    try {
      task.eachDataIn(room, this.readPiece);
    } catch (caught) {
      if (!isBackendError(caught)) throw caught;
      return this.readByBlock(lba, room);
    }
    result.dataInMoved = room;
    return GOOD;
  }

  /** WRITE: nothing, unless all of it came. @param force it must be stable before the command ends (FUA) */
  write(lba: number, blocks: number, force: boolean): Outcome {
    const { result, task } = this.command;
    const length = blocks * this.blockSize;
    result.dataOutWanted = length;
    if (length > task.dataOutLength) return DATA_OUT_MISSING;
    this.position = lba * this.blockSize;
    try {
      task.eachDataOut(length, this.writePiece);
    } catch (caught) {
      if (!isBackendError(caught)) throw caught;
      const outcome = this.writeByBlock(lba, blocks);
      if (outcome !== GOOD) return outcome;
    }
    result.dataOutMoved = length;
    return force || this.writeThrough ? this.flush() : GOOD;
  }

  /** What was written is stable afterwards. */
  flush(): Outcome {
    return this.attempt(() => this.backend.flush(), TARGET_FAILURE);
  }

  /** Reads blocks for nobody: whether they can be read (SBC-4, BYTCHK 00b). */
  readable(lba: number, blocks: number): Outcome {
    const chunk = new Uint8Array(Math.min(CHUNK, blocks * this.blockSize));
    const step = chunk.length / this.blockSize;
    for (let done = 0; done < blocks; done += step) {
      const count = Math.min(step, blocks - done);
      const outcome = this.readInto(chunk, lba + done, count);
      if (outcome !== GOOD) return outcome;
    }
    return GOOD;
  }

  /** Compares blocks with data out; with `repeat`, each with the same one block (BYTCHK 01b, 11b). */
  compare(lba: number, blocks: number, repeat: boolean): Outcome {
    const { blockSize } = this;
    const { result, task } = this.command;
    const length = (repeat ? Math.min(1, blocks) : blocks) * blockSize;
    result.dataOutWanted = length;
    if (length > task.dataOutLength) return DATA_OUT_MISSING;
    result.dataOutMoved = length;
    const expected = new Uint8Array(blockSize);
    const found = new Uint8Array(blockSize);
    for (let block = 0; block < blocks; block++) {
      task.readDataOut(repeat ? 0 : block * blockSize, expected);
      const outcome = this.readInto(found, lba + block, 1);
      if (outcome !== GOOD) return outcome;
      if (!found.every((byte, index) => byte === expected[index])) return MISCOMPARE;
    }
    return GOOD;
  }

  /** Writes the same block to each of a range; `undefined` stands for zeros. */
  fill(lba: number, blocks: number, pattern: Uint8Array | undefined): Outcome {
    const { backend, blockSize } = this;
    const position = lba * blockSize;
    const zeros = pattern === undefined || pattern.every((byte) => byte === 0);
    if (zeros && backend.writeZeroes !== undefined) {
      const outcome = this.attempt(
        () => backend.writeZeroes?.(position, blocks * blockSize),
        WRITE_ERROR,
      );
      if (outcome === GOOD) return this.writeThrough ? this.flush() : GOOD;
    }
    const block = pattern ?? new Uint8Array(blockSize);
    for (let index = 0; index < blocks; index++) {
      const outcome = this.attempt(
        () => backend.write(position + index * blockSize, block, 0, blockSize),
        WRITE_ERROR,
        lba + index,
      );
      if (outcome !== GOOD) return outcome;
    }
    return this.writeThrough ? this.flush() : GOOD;
  }

  /** The blocks are no longer needed. */
  discard(lba: number, blocks: number): Outcome {
    const { backend, blockSize } = this;
    return this.attempt(
      () => backend.discard?.(lba * blockSize, blocks * blockSize),
      WRITE_ERROR,
      lba,
    );
  }

  private readByBlock(lba: number, room: number): Outcome {
    const { command, blockSize } = this;
    const block = new Uint8Array(blockSize);
    for (let done = 0; done < room; done += blockSize) {
      const outcome = this.readInto(block, lba + done / blockSize, 1);
      if (outcome !== GOOD) return outcome;
      const rest = room - done;
      const wanted = rest < blockSize ? block.subarray(0, rest) : block;
      command.result.dataInMoved += command.task.writeDataIn(done, wanted);
    }
    return GOOD;
  }

  private writeByBlock(lba: number, blocks: number): Outcome {
    const { backend, blockSize } = this;
    const block = new Uint8Array(blockSize);
    for (let index = 0; index < blocks; index++) {
      this.command.task.readDataOut(index * blockSize, block);
      const position = (lba + index) * blockSize;
      const outcome = this.attempt(
        () => backend.write(position, block, 0, blockSize),
        WRITE_ERROR,
        lba + index,
      );
      if (outcome !== GOOD) return outcome;
      this.command.result.dataOutMoved += blockSize;
    }
    return GOOD;
  }

  /** Reads whole blocks; of an error it names the first one. */
  private readInto(target: Uint8Array, lba: number, blocks: number): Outcome {
    const { backend, blockSize } = this;
    const all = this.attempt(
      () => backend.read(lba * blockSize, target, 0, blocks * blockSize),
      READ_ERROR,
      lba,
    );
    if (all === GOOD || blocks === 1) return all;
    for (let index = 0; index < blocks; index++) {
      const outcome = this.readInto(target, lba + index, 1);
      if (outcome !== GOOD) return outcome;
    }
    return GOOD;
  }

  /** @param lba what sense data name if it fails */
  private attempt(action: () => void, failure: Outcome, lba?: number): Outcome {
    try {
      action();
      return GOOD;
    } catch (caught) {
      if (!isBackendError(caught)) throw caught;
      if (lba !== undefined) this.command.information = lba;
      return failure;
    }
  }
}
