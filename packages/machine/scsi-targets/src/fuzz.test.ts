import type { BlockBackend } from '@dxelab/block-backends';
import { BackendError } from '@dxelab/block-backends';
import { SCSI_STATUS_CHECK_CONDITION, SCSI_STATUS_GOOD, readScsiSense } from '@dxelab/scsi';
import { Random } from '@dxelab/emulated-machine';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BufferTask } from './buffer-task.ts';
import { ScsiCdRom } from './cd-rom/scsi-cd-rom.ts';
import { ScsiDisk } from './disk/scsi-disk.ts';
import type { ScsiResult } from './scsi-task.ts';
import { ScsiTarget } from './target/scsi-target.ts';
import { scsiResult } from './unit/running-command.ts';

const BLOCKS = 64;
const BAD_BLOCK = 5;
const COMMANDS_PER_RUN = 4000;
const RUNS = 250;

/** A disk that does not forgive: what reaches beyond it is a bug, and one block cannot be moved. */
class GuardedDisk implements BlockBackend {
  readonly size: number;
  readonly readOnly = false;
  readonly #blockSize: number;

  constructor(blockSize: number) {
    this.size = BLOCKS * blockSize;
    this.#blockSize = blockSize;
  }

  read(position: number, target: Uint8Array, offset: number, length: number): void {
    this.#guard(position, length);
    if (offset < 0 || offset + length > target.length) throw new RangeError('beyond the target');
    target.fill(0x5a, offset, offset + length);
  }

  write(position: number, source: Uint8Array, offset: number, length: number): void {
    this.#guard(position, length);
    if (offset < 0 || offset + length > source.length) throw new RangeError('beyond the source');
  }

  flush(): void {}

  discard(position: number, length: number): void {
    this.#guard(position, length);
  }

  #guard(position: number, length: number): void {
    const isWithin = position >= 0 && length >= 0 && position + length <= this.size;
    if (!isWithin) throw new RangeError(`${length} bytes at ${position} of ${this.size}`);
    const bad = BAD_BLOCK * this.#blockSize;
    if (position < bad + this.#blockSize && position + length > bad) {
      throw new BackendError('a bad block');
    }
  }
}

/** Every code that a disk or a drive knows, and some that nobody does. */
const OPCODES = [
  0x00, 0x03, 0x08, 0x0a, 0x12, 0x15, 0x1a, 0x1b, 0x1e, 0x25, 0x28, 0x2a, 0x2f, 0x35, 0x41, 0x42,
  0x43, 0x46, 0x4a, 0x51, 0x55, 0x5a, 0x88, 0x8a, 0x8f, 0x91, 0x93, 0x9e, 0xa0, 0xa8, 0xaa, 0xaf,
];

/** Makes sense of random bytes, at times: else nearly every address were beyond the end, and every flag refused. */
function shape(cdb: Uint8Array, how: number): void {
  const size = cdb[0] ?? 0;
  const narrow = (mask: number, ...positions: readonly number[]): void => {
    for (const at of positions) cdb[at] = (cdb[at] ?? 0) & mask;
  };
  if ((how & 0x07) !== 0) cdb[0] = OPCODES[size % OPCODES.length] ?? 0;
  if ((how & 0x18) !== 0) narrow(0x1a, 1);
  // CONTROL, of whatever length.
  if ((how & 0x60) !== 0) narrow(0xf8, 5, 9, 11, 15);
  if ((how & 0x180) !== 0) narrow(0, 2, 3, 4, 6, 7, 10, 11, 12);
  if ((how & 0x200) !== 0) narrow(0x07, 4, 8, 9, 13);
  if ((how & 0x400) !== 0) narrow(0, 5, 8);
}

/** Parameter lists that nearly mean something, and garbage. */
function dataOut(random: Random): Uint8Array {
  const bytes = new Uint8Array(4096).map(() => random.next());
  const kind = random.next() % 4;
  if (kind === 0) bytes.fill(0, 0, 4).set([8, 18, 4], 4);
  if (kind === 0) bytes.fill(0, 7, 24);
  if (kind === 1) bytes.set([0, 22, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0);
  if (kind === 2) bytes.fill(0);
  return bytes;
}

/** Does commands that follow from the seed. @param count says how often each outcome was met */
function fuzz(seed: number, count: (outcome: string) => void): void {
  const random = new Random(seed);
  const disk = new ScsiDisk({ backend: new GuardedDisk(512), removable: true, spinUp: 1 });
  const drive = new ScsiCdRom({ backend: new GuardedDisk(2048) });
  const target = new ScsiTarget([
    [0, disk],
    [1, drive],
  ]);
  const task = new BufferTask({ cdb: [], dataOut: dataOut(random), room: 4096, piece: 512 });
  const cdb = new Uint8Array(16);
  const words = new Uint32Array(cdb.buffer);
  const result = scsiResult();
  for (let index = 0; index < COMMANDS_PER_RUN; index++) {
    for (let word = 0; word < words.length; word++) words[word] = random.next();
    const how = random.next();
    shape(cdb, how);
    task.cdb = (how & 0xf800) === 0 ? cdb.subarray(0, (how >>> 12) & 0xf) : cdb;
    task.dataInLength = (how >>> 12) & 0xfff;
    task.dataOutLength = (how >>> 16) & 0xfff;
    const other = random.next() % 256;
    if (other === 255) drive.insert(new GuardedDisk(2048));
    else if (other === 254) drive.eject({ force: true });
    else if (other === 253) target.reset();
    // What a START STOP UNIT has stopped would else stay so.
    else if (other > 200) {
      disk.start();
      disk.moveTray(false);
    }
    try {
      target.execute(other < 8 ? other : other & 1, task, result);
      count(judge(task, result));
    } catch (cause) {
      throw new Error(`command ${index}, ${task.cdb.join(' ')}`, { cause });
    }
  }
}

/** What a command ended with. @throws if its result makes no sense */
function judge(task: BufferTask, result: ScsiResult): string {
  const { status, dataInMoved, dataInWanted, dataOutMoved, dataOutWanted } = result;
  const sense = readScsiSense(result.sense);
  const isSound =
    (status === SCSI_STATUS_GOOD
      ? result.sense.length === 0
      : status === SCSI_STATUS_CHECK_CONDITION && sense !== undefined) &&
    dataInMoved <= Math.min(task.dataInLength, dataInWanted) &&
    dataOutMoved <= Math.min(task.dataOutLength, dataOutWanted);
  if (!isSound) throw new Error(JSON.stringify(result));
  return sense === undefined ? 'good' : `${sense.key}/${sense.code.toString(16)}`;
}

test('a million CDBs never crash or hang a unit, or make it reach beyond its image', () => {
  const met = new Map<string, number>();
  const count = (outcome: string): void => {
    met.set(outcome, (met.get(outcome) ?? 0) + 1);
  };
  fc.assert(
    fc.property(fc.integer(), (seed) => fuzz(seed, count)),
    { numRuns: RUNS },
  );
  expect([...met.values()].reduce((sum, times) => sum + times, 0)).toBe(1_000_000);
  // It found its way into the commands: what is seldom is there, too.
  expect([...met.keys()]).toEqual(
    expect.arrayContaining(['good', '3/1100', '3/c00', '5/2100', '5/2600', '6/2800', '11/e03']),
  );
  expect(met.get('good')).toBeGreaterThan(100_000);
}, 60_000);
