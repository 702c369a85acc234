import { MemoryBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import { describe } from 'vitest';
import type { CommandRow } from '../every-command.fixture.ts';
import { NEEDS_MEDIUM, NEEDS_NOTHING, WRITES, testEveryCommand } from '../every-command.fixture.ts';
import { cdbOf } from '../test-task.fixture.ts';
import { ScsiDisk } from './scsi-disk.ts';

const BLOCKS = 64;
const BLOCK = 512;

class DiscardingDisk extends MemoryBackend {
  discard(position: number, length: number): void {
    this.writeZeroes(position, length);
  }
}

const zeros = (blocks: number): Uint8Array => new Uint8Array(blocks * BLOCK);

/** A parameter list of MODE SELECT: a header, and the caching page with WCE. */
function modeList(headerSize: number): Uint8Array {
  const list = new Uint8Array(headerSize + 20);
  list.set([SCSI.SCSI_MODE_PAGE_CACHING, 18, 0x04], headerSize);
  return list;
}

/** A parameter list of UNMAP with one descriptor. */
function unmapList(lba: number, blocks: number): Uint8Array {
  const list = new Uint8Array(24);
  list.set([0, 22, 0, 16]);
  list.set([lba, 0, 0, 0, blocks], 15);
  return list;
}

/** Two blocks at 3; one field is other than it should be; two blocks at the last one. */
function moves(
  opcode: number,
  size: 10 | 12 | 16,
  wrong: number,
  flags = 0,
): Pick<CommandRow, 'valid' | 'wrong' | 'pastEnd'> {
  const wide = size === 16;
  const length = size === 10 ? ([7, 2, 2] as const) : ([wide ? 10 : 6, 4, 2] as const);
  const address = (lba: number) => [2, wide ? 8 : 4, lba] as const;
  return {
    valid: { cdb: cdbOf(opcode, size, [1, 1, flags], address(3), length) },
    wrong: { cdb: cdbOf(opcode, size, [1, 1, wrong], address(3), length) },
    pastEnd: { cdb: cdbOf(opcode, size, [1, 1, flags], address(BLOCKS - 1), length) },
  };
}

function sends(row: ReturnType<typeof moves>, blocks = 2): ReturnType<typeof moves> {
  return { ...row, valid: { ...row.valid, out: zeros(blocks) } };
}

const NACA = [5, 1, 4] as const;
const RDPROTECT = 0x20;
const BYTCHK_10 = 0x04;
const ANCHOR = 0x10;

const ROWS: readonly CommandRow[] = [
  {
    command: 'TEST UNIT READY (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6) },
    wrong: { cdb: cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6, NACA) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'REQUEST SENSE (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_REQUEST_SENSE, 6, [4, 1, 252]) },
    delivers: 18,
    wrong: { cdb: cdbOf(SCSI.SCSI_REQUEST_SENSE, 6, NACA) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'INQUIRY (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_INQUIRY, 6, [3, 2, 255]) },
    delivers: 36,
    wrong: { cdb: cdbOf(SCSI.SCSI_INQUIRY, 6, [2, 1, 0x80], [3, 2, 255]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'MODE SELECT (6) (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_MODE_SELECT_6, 6, [1, 1, 0x10], [4, 1, 24]), out: modeList(4) },
    wrong: { cdb: cdbOf(SCSI.SCSI_MODE_SELECT_6, 6, [1, 1, 0x11], [4, 1, 24]), out: modeList(4) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'MODE SENSE (6) (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_MODE_SENSE_6, 6, [2, 1, 0x3f], [4, 1, 255]) },
    delivers: 68,
    wrong: { cdb: cdbOf(SCSI.SCSI_MODE_SENSE_6, 6, [2, 1, 0x3e], [4, 1, 255]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'MODE SELECT (10) (SPC-6)',
    valid: {
      cdb: cdbOf(SCSI.SCSI_MODE_SELECT_10, 10, [1, 1, 0x10], [7, 2, 28]),
      out: modeList(8),
    },
    wrong: { cdb: cdbOf(SCSI.SCSI_MODE_SELECT_10, 10, [1, 1, 0], [7, 2, 28]), out: modeList(8) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'MODE SENSE (10) (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_MODE_SENSE_10, 10, [2, 1, 0x3f], [7, 2, 255]) },
    delivers: 72,
    wrong: { cdb: cdbOf(SCSI.SCSI_MODE_SENSE_10, 10, [2, 1, 0x3f], [3, 1, 1], [7, 2, 255]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'REPORT LUNS (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_REPORT_LUNS, 12, [6, 4, 4096]) },
    delivers: 16,
    wrong: { cdb: cdbOf(SCSI.SCSI_REPORT_LUNS, 12, [2, 1, 3], [6, 4, 4096]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'START STOP UNIT (SBC-4)',
    valid: { cdb: cdbOf(SCSI.SCSI_START_STOP_UNIT, 6, [4, 1, 1]) },
    wrong: { cdb: cdbOf(SCSI.SCSI_START_STOP_UNIT, 6, [4, 1, 0x50]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'PREVENT ALLOW MEDIUM REMOVAL (SBC-4)',
    valid: { cdb: cdbOf(SCSI.SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, 6, [4, 1, 1]) },
    wrong: { cdb: cdbOf(SCSI.SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, 6, [4, 1, 2]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'READ CAPACITY (10) (SBC-4)',
    valid: { cdb: cdbOf(SCSI.SCSI_READ_CAPACITY_10, 10) },
    delivers: 8,
    wrong: { cdb: cdbOf(SCSI.SCSI_READ_CAPACITY_10, 10, [2, 4, 1]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'READ CAPACITY (16) (SBC-4)',
    valid: { cdb: cdbOf(SCSI.SCSI_SERVICE_ACTION_IN_16, 16, [1, 1, 0x10], [10, 4, 255]) },
    delivers: 32,
    wrong: { cdb: cdbOf(SCSI.SCSI_SERVICE_ACTION_IN_16, 16, [1, 1, 0x11], [10, 4, 255]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'READ (6) (SBC-2)',
    valid: { cdb: cdbOf(SCSI.SCSI_READ_6, 6, [1, 3, 3], [4, 1, 2]) },
    delivers: 2 * BLOCK,
    wrong: { cdb: cdbOf(SCSI.SCSI_READ_6, 6, [1, 3, 3], [4, 1, 2], NACA) },
    pastEnd: { cdb: cdbOf(SCSI.SCSI_READ_6, 6, [1, 3, BLOCKS - 1], [4, 1, 2]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'READ (10) (SBC-4)',
    ...moves(SCSI.SCSI_READ_10, 10, RDPROTECT),
    delivers: 2 * BLOCK,
    ...NEEDS_MEDIUM,
  },
  {
    command: 'READ (12) (SBC-4)',
    ...moves(SCSI.SCSI_READ_12, 12, RDPROTECT),
    delivers: 2 * BLOCK,
    ...NEEDS_MEDIUM,
  },
  {
    command: 'READ (16) (SBC-4)',
    ...moves(SCSI.SCSI_READ_16, 16, RDPROTECT),
    delivers: 2 * BLOCK,
    ...NEEDS_MEDIUM,
  },
  {
    command: 'WRITE (6) (SBC-2)',
    valid: { cdb: cdbOf(SCSI.SCSI_WRITE_6, 6, [1, 3, 3], [4, 1, 2]), out: zeros(2) },
    wrong: { cdb: cdbOf(SCSI.SCSI_WRITE_6, 6, [1, 3, 3], [4, 1, 2], NACA), out: zeros(2) },
    pastEnd: { cdb: cdbOf(SCSI.SCSI_WRITE_6, 6, [1, 3, BLOCKS - 1], [4, 1, 2]), out: zeros(2) },
    ...WRITES,
  },
  {
    command: 'WRITE (10) (SBC-4)',
    ...sends(moves(SCSI.SCSI_WRITE_10, 10, RDPROTECT)),
    ...WRITES,
  },
  {
    command: 'WRITE (12) (SBC-4)',
    ...sends(moves(SCSI.SCSI_WRITE_12, 12, RDPROTECT)),
    ...WRITES,
  },
  {
    command: 'WRITE (16) (SBC-4)',
    ...sends(moves(SCSI.SCSI_WRITE_16, 16, RDPROTECT)),
    ...WRITES,
  },
  {
    command: 'VERIFY (10) (SBC-4), BYTCHK 01b',
    ...sends(moves(SCSI.SCSI_VERIFY_10, 10, BYTCHK_10, 0x02)),
    ...NEEDS_MEDIUM,
  },
  {
    command: 'VERIFY (12) (SBC-4), BYTCHK 11b',
    ...sends(moves(SCSI.SCSI_VERIFY_12, 12, BYTCHK_10, 0x06), 1),
    ...NEEDS_MEDIUM,
  },
  {
    command: 'VERIFY (16) (SBC-4), BYTCHK 00b',
    ...moves(SCSI.SCSI_VERIFY_16, 16, BYTCHK_10),
    ...NEEDS_MEDIUM,
  },
  {
    command: 'SYNCHRONIZE CACHE (10) (SBC-4)',
    ...moves(SCSI.SCSI_SYNCHRONIZE_CACHE_10, 10, 0),
    wrong: { cdb: cdbOf(SCSI.SCSI_SYNCHRONIZE_CACHE_10, 10, [9, 1, 4]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'SYNCHRONIZE CACHE (16) (SBC-4)',
    ...moves(SCSI.SCSI_SYNCHRONIZE_CACHE_16, 16, 0),
    wrong: { cdb: cdbOf(SCSI.SCSI_SYNCHRONIZE_CACHE_16, 16, [15, 1, 4]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'WRITE SAME (10) (SBC-4)',
    ...sends(moves(SCSI.SCSI_WRITE_SAME_10, 10, ANCHOR), 1),
    ...WRITES,
  },
  {
    command: 'WRITE SAME (16) (SBC-4)',
    ...sends(moves(SCSI.SCSI_WRITE_SAME_16, 16, ANCHOR), 1),
    ...WRITES,
  },
  {
    command: 'UNMAP (SBC-4)',
    valid: { cdb: cdbOf(SCSI.SCSI_UNMAP, 10, [7, 2, 24]), out: unmapList(3, 2) },
    wrong: { cdb: cdbOf(SCSI.SCSI_UNMAP, 10, [1, 1, 1], [7, 2, 24]), out: unmapList(3, 2) },
    pastEnd: { cdb: cdbOf(SCSI.SCSI_UNMAP, 10, [7, 2, 24]), out: unmapList(BLOCKS - 1, 2) },
    ...WRITES,
  },
];

describe('a removable disk', () => {
  testEveryCommand(ROWS, {
    ready: () => new ScsiDisk({ backend: new DiscardingDisk(BLOCKS * BLOCK), removable: true }),
    noMedium: () => new ScsiDisk({ backend: undefined, removable: true, unmap: true }),
    writeProtected: () =>
      new ScsiDisk({
        backend: new DiscardingDisk(new Uint8Array(BLOCKS * BLOCK), { readOnly: true }),
        removable: true,
      }),
  });
});
