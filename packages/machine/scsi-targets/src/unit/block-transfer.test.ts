import { BackendError, MemoryBackend, SparseBackend } from '@dxelab/block-backends';
import type { BlockBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import { ScsiDisk } from '../disk/scsi-disk.ts';
import { cdbOf, run } from '../test-task.fixture.ts';

const BLOCK = 512;
const BAD = 5;

/** A disk whose block n is filled with n, and of which one block fails `times` times, however it is asked. */
class Failing implements BlockBackend {
  readonly size = 64 * BLOCK;
  readonly readOnly = false;
  readonly bytes: Uint8Array = new Uint8Array(this.size).map((_, index) => index >> 9);
  times: number;
  #memory = new MemoryBackend(this.bytes);

  constructor(times = Infinity) {
    this.times = times;
  }

  read(position: number, target: Uint8Array, offset: number, length: number): void {
    this.#fail(position, length);
    this.#memory.read(position, target, offset, length);
  }

  write(position: number, source: Uint8Array, offset: number, length: number): void {
    this.#fail(position, length);
    this.#memory.write(position, source, offset, length);
  }

  writeZeroes(position: number, length: number): void {
    this.#fail(position, length);
    this.#memory.writeZeroes(position, length);
  }

  flush(): void {
    this.#fail(0, this.size);
  }

  #fail(position: number, length: number): void {
    const isBad = position < (BAD + 1) * BLOCK && position + length > BAD * BLOCK;
    if (!isBad || this.times === 0) return;
    this.times--;
    throw new BackendError('a bad block');
  }
}

function disk(backend: BlockBackend): ScsiDisk {
  const unit = new ScsiDisk({ backend });
  run(unit, cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6));
  return unit;
}

const read = (lba: number, blocks: number): number[] =>
  cdbOf(SCSI.SCSI_READ_10, 10, [2, 4, lba], [7, 2, blocks]);
const write = (lba: number, blocks: number): number[] =>
  cdbOf(SCSI.SCSI_WRITE_10, 10, [2, 4, lba], [7, 2, blocks]);

// Within a block, over several, and both.
describe.each([BLOCK, 700, 4096])('a block that fails, in pieces of %i bytes', (piece) => {
  test('cannot be read: MEDIUM ERROR names it, and those before it are delivered', () => {
    const { outcome, decoded, data } = run(disk(new Failing()), read(2, 8), { piece });
    expect([outcome, decoded?.information]).toEqual(['3/1100', BAD]);
    expect(data).toHaveLength(3 * BLOCK);
    expect([data[0], data[BLOCK], data[2 * BLOCK]]).toEqual([2, 3, 4]);
  });

  test('cannot be written: MEDIUM ERROR names it, and those before it are', () => {
    const backend = new Failing();
    const out = new Uint8Array(8 * BLOCK).fill(0xee);
    const { outcome, decoded, dataOutMoved } = run(disk(backend), write(2, 8), { out, piece });
    expect([outcome, decoded?.information, dataOutMoved]).toEqual(['3/0c00', BAD, 3 * BLOCK]);
    const found = [1, 2, 3, 4, 5, 6].map((block) => backend.bytes[block * BLOCK]);
    expect(found).toEqual([1, 0xee, 0xee, 0xee, 5, 6]);
  });

  test('but only once is recovered', () => {
    const backend = new Failing(1);
    const unit = disk(backend);
    const { outcome, data } = run(unit, read(2, 8), { piece });
    expect([outcome, data.length, data[7 * BLOCK]]).toEqual(['status 0', 8 * BLOCK, 9]);
    backend.times = 1;
    const out = new Uint8Array(8 * BLOCK).fill(0xee);
    expect(run(unit, write(2, 8), { out, piece }).outcome).toBe('status 0');
    expect(run(unit, read(2, 8), { piece }).data).toEqual(out);
  });
});

describe('a block that fails', () => {
  test('beyond the room for data is not met', () => {
    const { outcome, dataInMoved } = run(disk(new Failing()), read(2, 8), { room: 3 * BLOCK });
    expect([outcome, dataInMoved]).toEqual(['status 0', 3 * BLOCK]);
  });

  test('is delivered up to the room for data, if it is recovered', () => {
    const { outcome, data } = run(disk(new Failing(1)), read(4, 8), { room: 1000 });
    expect([outcome, data.length, data[999]]).toEqual(['status 0', 1000, 5]);
  });

  test.each([
    ['VERIFY', cdbOf(SCSI.SCSI_VERIFY_10, 10, [7, 2, 64])],
    ['VERIFY that compares', cdbOf(SCSI.SCSI_VERIFY_10, 10, [1, 1, 6], [2, 4, BAD], [7, 2, 1])],
  ])('fails %s', (_what, cdb) => {
    const { outcome, decoded } = run(disk(new Failing()), cdb, { out: new Uint8Array(BLOCK) });
    expect([outcome, decoded?.information]).toEqual(['3/1100', BAD]);
  });

  test.each([0, 0xee])('fails WRITE SAME of %i', (value) => {
    const cdb = cdbOf(SCSI.SCSI_WRITE_SAME_10, 10, [2, 4, 2], [7, 2, 8]);
    const out = new Uint8Array(BLOCK).fill(value);
    const { outcome, decoded } = run(disk(new Failing()), cdb, { out });
    expect([outcome, decoded?.information]).toEqual(['3/0c00', BAD]);
  });

  test('beyond 32 bits is named in descriptor format alone (SPC-6)', () => {
    const far = 2 ** 32 + 7;
    class Far extends SparseBackend {
      override read(): void {
        throw new BackendError('a bad block');
      }
    }
    const unit = disk(new Far(2 ** 42));
    const cdb = cdbOf(SCSI.SCSI_READ_16, 16, [2, 8, far], [10, 4, 1]);
    expect(run(unit, cdb).decoded?.information).toBe(undefined);
    const page = [0x0a, 10, 0x04, 0x10, 0, 0, 0, 0, 0xff, 0xff, 0, 0];
    const select = cdbOf(SCSI.SCSI_MODE_SELECT_6, 6, [1, 1, 0x10], [4, 1, 16]);
    run(unit, select, { out: Uint8Array.from([0, 0, 0, 0, ...page]) });
    expect(run(unit, cdb).decoded?.information).toBe(far);
  });
});

describe('a backend that cannot flush', () => {
  test('is a HARDWARE ERROR', () => {
    const unit = disk(new Failing());
    expect(run(unit, cdbOf(SCSI.SCSI_SYNCHRONIZE_CACHE_10, 10)).outcome).toBe('4/4400');
    expect(run(unit, cdbOf(SCSI.SCSI_START_STOP_UNIT, 6)).outcome).toBe('4/4400');
    const forced = cdbOf(SCSI.SCSI_WRITE_10, 10, [1, 1, 8], [7, 2, 1]);
    expect(run(unit, forced, { out: new Uint8Array(BLOCK) }).outcome).toBe('4/4400');
  });
});

test('what a backend throws besides is its bug, and stops the machine', () => {
  class Broken extends MemoryBackend {
    override read(): void {
      throw new TypeError('a bug');
    }
  }
  expect(() => run(disk(new Broken(64 * BLOCK)), read(0, 1))).toThrow(TypeError);
});
