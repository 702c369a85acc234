import { MemoryBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import { describe } from 'vitest';
import type { CommandRow } from '../every-command.fixture.ts';
import { NEEDS_MEDIUM, NEEDS_NOTHING, testEveryCommand } from '../every-command.fixture.ts';
import { cdbOf } from '../test-task.fixture.ts';
import { ScsiCdRom } from './scsi-cd-rom.ts';

const BLOCKS = 64;
const BLOCK = 2048;

/** A parameter list of MODE SELECT: a header, and the control page as it is. */
function modeList(headerSize: number): Uint8Array {
  const list = new Uint8Array(headerSize + 12);
  list.set([SCSI.SCSI_MODE_PAGE_CONTROL, 10, 0, 0x10, 0, 0, 0, 0, 0xff, 0xff], headerSize);
  return list;
}

const NACA = [5, 1, 4] as const;

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
    valid: { cdb: cdbOf(SCSI.SCSI_INQUIRY, 6, [1, 1, 1], [2, 1, 0x00], [3, 2, 255]) },
    delivers: 7,
    wrong: { cdb: cdbOf(SCSI.SCSI_INQUIRY, 6, [1, 1, 1], [2, 1, 0xb0], [3, 2, 255]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'MODE SELECT (6) (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_MODE_SELECT_6, 6, [1, 1, 0x10], [4, 1, 16]), out: modeList(4) },
    wrong: { cdb: cdbOf(SCSI.SCSI_MODE_SELECT_6, 6, [1, 1, 0x11], [4, 1, 16]), out: modeList(4) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'MODE SENSE (6) (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_MODE_SENSE_6, 6, [2, 1, 0x2a], [4, 1, 255]) },
    delivers: 26,
    wrong: { cdb: cdbOf(SCSI.SCSI_MODE_SENSE_6, 6, [2, 1, 0x08], [4, 1, 255]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'MODE SELECT (10) (MMC-6)',
    valid: {
      cdb: cdbOf(SCSI.SCSI_MODE_SELECT_10, 10, [1, 1, 0x10], [7, 2, 20]),
      out: modeList(8),
    },
    wrong: { cdb: cdbOf(SCSI.SCSI_MODE_SELECT_10, 10, [1, 1, 0], [7, 2, 20]), out: modeList(8) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'MODE SENSE (10) (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_MODE_SENSE_10, 10, [2, 1, 0x3f], [7, 2, 255]) },
    delivers: 66,
    wrong: { cdb: cdbOf(SCSI.SCSI_MODE_SENSE_10, 10, [2, 1, 0x3e], [7, 2, 255]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'REPORT LUNS (SPC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_REPORT_LUNS, 12, [6, 4, 4096]) },
    delivers: 16,
    wrong: { cdb: cdbOf(SCSI.SCSI_REPORT_LUNS, 12, [2, 1, 0x10], [6, 4, 4096]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'START STOP UNIT (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_START_STOP_UNIT, 6, [4, 1, 3]) },
    wrong: { cdb: cdbOf(SCSI.SCSI_START_STOP_UNIT, 6, [4, 1, 0x30]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'PREVENT ALLOW MEDIUM REMOVAL (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, 6, [4, 1, 1]) },
    wrong: { cdb: cdbOf(SCSI.SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, 6, [4, 1, 3]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'READ CAPACITY (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_READ_CAPACITY_10, 10) },
    delivers: 8,
    wrong: { cdb: cdbOf(SCSI.SCSI_READ_CAPACITY_10, 10, [8, 1, 1]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'READ (10) (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_READ_10, 10, [2, 4, 62], [7, 2, 2]) },
    delivers: 2 * BLOCK,
    wrong: { cdb: cdbOf(SCSI.SCSI_READ_10, 10, [1, 1, 0x20], [2, 4, 62], [7, 2, 2]) },
    pastEnd: { cdb: cdbOf(SCSI.SCSI_READ_10, 10, [2, 4, 63], [7, 2, 2]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'READ (12) (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_READ_12, 12, [2, 4, 62], [6, 4, 2]) },
    delivers: 2 * BLOCK,
    wrong: { cdb: cdbOf(SCSI.SCSI_READ_12, 12, [1, 1, 0x20], [2, 4, 62], [6, 4, 2]) },
    pastEnd: { cdb: cdbOf(SCSI.SCSI_READ_12, 12, [2, 4, 0xffff_ffff], [6, 4, 2]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'VERIFY (10) (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_VERIFY_10, 10, [7, 2, BLOCKS]) },
    wrong: { cdb: cdbOf(SCSI.SCSI_VERIFY_10, 10, [1, 1, 0x04], [7, 2, BLOCKS]) },
    pastEnd: { cdb: cdbOf(SCSI.SCSI_VERIFY_10, 10, [7, 2, BLOCKS + 1]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'READ TOC/PMA/ATIP (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_READ_TOC, 10, [7, 2, 1000]) },
    delivers: 20,
    wrong: { cdb: cdbOf(SCSI.SCSI_READ_TOC, 10, [2, 1, 3], [7, 2, 1000]) },
    ...NEEDS_MEDIUM,
  },
  {
    command: 'GET CONFIGURATION (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_GET_CONFIGURATION, 10, [7, 2, 1000]) },
    delivers: 76,
    wrong: { cdb: cdbOf(SCSI.SCSI_GET_CONFIGURATION, 10, [1, 1, 3], [7, 2, 1000]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'GET EVENT STATUS NOTIFICATION (MMC-6)',
    valid: {
      cdb: cdbOf(SCSI.SCSI_GET_EVENT_STATUS_NOTIFICATION, 10, [1, 1, 1], [4, 1, 0x10], [7, 2, 8]),
    },
    delivers: 8,
    wrong: { cdb: cdbOf(SCSI.SCSI_GET_EVENT_STATUS_NOTIFICATION, 10, [4, 1, 0x10], [7, 2, 8]) },
    ...NEEDS_NOTHING,
  },
  {
    command: 'READ DISC INFORMATION (MMC-6)',
    valid: { cdb: cdbOf(SCSI.SCSI_READ_DISC_INFORMATION, 10, [7, 2, 1000]) },
    delivers: 34,
    wrong: { cdb: cdbOf(SCSI.SCSI_READ_DISC_INFORMATION, 10, [1, 1, 1], [7, 2, 1000]) },
    ...NEEDS_MEDIUM,
  },
];

describe('a CD-ROM drive', () => {
  const disc = (): MemoryBackend =>
    new MemoryBackend(new Uint8Array(BLOCKS * BLOCK), { readOnly: true });
  testEveryCommand(ROWS, {
    ready: () => new ScsiCdRom({ backend: disc() }),
    noMedium: () => new ScsiCdRom(),
    writeProtected: () => new ScsiCdRom({ backend: disc() }),
  });
});
