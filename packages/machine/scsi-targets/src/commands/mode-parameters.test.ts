import { MemoryBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import { ScsiCdRom } from '../cd-rom/scsi-cd-rom.ts';
import type { ScsiDiskOptions } from '../disk/scsi-disk-options.ts';
import { ScsiDisk } from '../disk/scsi-disk.ts';
import type { ScsiLogicalUnit } from '../scsi-logical-unit.ts';
import { cdbOf, run } from '../test-task.fixture.ts';

const BLOCKS = 64;
const TEST_UNIT_READY = cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6);
const WRITE = cdbOf(SCSI.SCSI_WRITE_10, 10, [7, 2, 1]);
const ONE_BLOCK = { out: new Uint8Array(512) };

function started<Unit extends ScsiLogicalUnit>(unit: Unit): Unit {
  run(unit, TEST_UNIT_READY);
  return unit;
}

const disk = (options: Partial<ScsiDiskOptions> = {}): ScsiDisk =>
  started(new ScsiDisk({ backend: new MemoryBackend(BLOCKS * 512), ...options }));

/** Asks with the 10-byte command. @param flags DBD, LLBAA */
function sense(
  unit: ScsiLogicalUnit,
  page: number,
  control: number = SCSI.SCSI_MODE_CURRENT,
  flags = 0,
): SCSI.ScsiModeParameters {
  const what = [2, 1, (control << 6) | page] as const;
  const cdb = cdbOf(SCSI.SCSI_MODE_SENSE_10, 10, [1, 1, flags], what, [7, 2, 4096]);
  const { outcome, data } = run(unit, cdb);
  const parameters = SCSI.readModeParameters(data, 8);
  if (parameters === undefined) throw new Error(`MODE SENSE ended with ${outcome}`);
  return parameters;
}

const flagsOf = (unit: ScsiLogicalUnit, page: number, control?: number): number | undefined =>
  sense(unit, page, control).pages[0]?.data[0];

/** Sends a parameter list with the 6-byte command, with a header of zeros but for the descriptor's length. */
function select(unit: ScsiLogicalUnit, body: readonly number[], descriptorSize = 0): string {
  const out = Uint8Array.from([0, 0, 0, descriptorSize, ...body]);
  const cdb = cdbOf(SCSI.SCSI_MODE_SELECT_6, 6, [1, 1, 0x10], [4, 1, out.length]);
  return run(unit, cdb, { out }).outcome;
}

/** The caching page; `flags` has WCE. */
const caching = (flags: number, other = 0): number[] => [
  0x08,
  18,
  flags,
  other,
  ...Array.from({ length: 16 }, () => 0),
];
const control = (flags: number, protect = 0): number[] => [
  0x0a,
  10,
  flags,
  0x10,
  protect,
  0,
  0,
  0,
  0xff,
  0xff,
  0,
  0,
];

describe('MODE SENSE (SPC-6)', () => {
  test('returns every page of a disk in ascending order', () => {
    const { pages, blockDescriptor, deviceSpecific } = sense(disk(), SCSI.SCSI_MODE_PAGE_ALL);
    expect(pages.map(({ pageCode, data }) => [pageCode, data.length])).toEqual([
      [SCSI.SCSI_MODE_PAGE_READ_WRITE_ERROR_RECOVERY, 10],
      [SCSI.SCSI_MODE_PAGE_CACHING, 18],
      [SCSI.SCSI_MODE_PAGE_CONTROL, 10],
      [SCSI.SCSI_MODE_PAGE_INFORMATIONAL_EXCEPTIONS, 10],
    ]);
    expect(blockDescriptor).toEqual({ blocks: BLOCKS, blockSize: 512 });
    expect(deviceSpecific).toBe(SCSI.SCSI_MODE_DPOFUA);
  });

  test('has a block descriptor unless DBD, and a long one with LLBAA', () => {
    expect(sense(disk(), 0x08, 0, 0x08).blockDescriptor).toBe(undefined);
    expect(sense(disk(), 0x08, 0, 0x10).blockDescriptor).toEqual({
      blocks: BLOCKS,
      blockSize: 512,
    });
    const removable = started(new ScsiDisk({ backend: undefined, removable: true }));
    expect(sense(removable, 0x08).blockDescriptor).toBe(undefined);
  });

  test('says in its header that the medium is write-protected', () => {
    const { deviceSpecific } = sense(disk({ readOnly: true }), 0x08);
    expect(deviceSpecific & SCSI.SCSI_MODE_WRITE_PROTECT).toBe(SCSI.SCSI_MODE_WRITE_PROTECT);
  });

  test('tells current, changeable and default values apart; none are saved', () => {
    const unit = disk();
    expect(select(unit, caching(0))).toBe('status 0');
    expect(flagsOf(unit, 0x08)).toBe(0);
    expect(flagsOf(unit, 0x08, SCSI.SCSI_MODE_CHANGEABLE)).toBe(4);
    expect(flagsOf(unit, 0x08, SCSI.SCSI_MODE_DEFAULT)).toBe(4);
    const saved = cdbOf(SCSI.SCSI_MODE_SENSE_6, 6, [2, 1, 0xc8], [4, 1, 255]);
    expect(run(unit, saved).outcome).toBe('5/3900');
  });

  test('knows all subpages of a page, which is the page itself', () => {
    const all = cdbOf(SCSI.SCSI_MODE_SENSE_6, 6, [2, 1, 0x08], [3, 1, 0xff], [4, 1, 255]);
    expect(SCSI.readModeParameters(run(disk(), all).data, 4)?.pages).toHaveLength(1);
    const one = cdbOf(SCSI.SCSI_MODE_SENSE_6, 6, [2, 1, 0x08], [3, 1, 0x01], [4, 1, 255]);
    expect(run(disk(), one).outcome).toBe('5/2400');
  });

  test('of a drive has its capabilities, and no block descriptor (MMC-6)', () => {
    const drive = started(new ScsiCdRom({ backend: new MemoryBackend(2048) }));
    const { pages, blockDescriptor, deviceSpecific } = sense(drive, SCSI.SCSI_MODE_PAGE_ALL);
    expect(pages.map(({ pageCode }) => pageCode)).toEqual([0x01, 0x0a, 0x1c, 0x2a]);
    expect([blockDescriptor, deviceSpecific]).toEqual([undefined, 0]);
    const lock = (): number => (sense(drive, 0x2a).pages[0]?.data[4] ?? 0) & 0x02;
    expect(lock()).toBe(0);
    run(drive, cdbOf(SCSI.SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, 6, [4, 1, 1]));
    expect(lock()).toBe(2);
    drive.reset();
    started(drive);
    expect(lock()).toBe(0);
  });
});

describe('MODE SELECT (SPC-6)', () => {
  test('changes what is changeable, and tells its own initiator nothing', () => {
    const unit = disk();
    expect(select(unit, [...caching(0), ...control(0)])).toBe('status 0');
    expect(flagsOf(unit, 0x08)).toBe(0);
    expect(run(unit, TEST_UNIT_READY).outcome).toBe('status 0');
    unit.reset();
    started(unit);
    expect(flagsOf(unit, 0x08)).toBe(4);
  });

  test('accepts what MODE SENSE delivered', () => {
    const unit = disk();
    const asked = cdbOf(SCSI.SCSI_MODE_SENSE_10, 10, [1, 1, 0x10], [2, 1, 0x3f], [7, 2, 4096]);
    const out = run(unit, asked).data.slice();
    const cdb = cdbOf(SCSI.SCSI_MODE_SELECT_10, 10, [1, 1, 0x10], [7, 2, out.length]);
    expect(run(unit, cdb, { out }).outcome).toBe('status 0');
  });

  test('does nothing without a parameter list', () => {
    const cdb = cdbOf(SCSI.SCSI_MODE_SELECT_6, 6, [1, 1, 0x10]);
    expect(run(disk(), cdb).outcome).toBe('status 0');
  });

  test.each([
    ['a bit that cannot be changed', caching(4, 1)],
    ['a page that is not there', [0x1a, 10]],
    ['all pages at once', [0x3f, 0]],
    ['a page of another length', [0x08, 10, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a subpage', [0x48, 1, 0, 0]],
    ['one wrong page behind a right one', [...caching(0), 0x1a, 0]],
  ])('INVALID FIELD IN PARAMETER LIST for %s, and nothing changes', (_what, body) => {
    const unit = disk();
    expect(select(unit, body)).toBe('5/2600');
    expect(flagsOf(unit, 0x08)).toBe(4);
  });

  test.each([
    ['a page', caching(0).slice(0, -1), 0],
    ["a page's header", [...caching(0), 0x0a], 0],
    ['a block descriptor', [0, 0, 0, 64], 8],
  ])('PARAMETER LIST LENGTH ERROR if %s is cut', (_what, body, descriptorSize) => {
    const unit = disk();
    expect(select(unit, body, descriptorSize)).toBe('5/1a00');
    expect(flagsOf(unit, 0x08)).toBe(4);
  });

  test('PARAMETER LIST LENGTH ERROR if the header is cut', () => {
    const cdb = cdbOf(SCSI.SCSI_MODE_SELECT_10, 10, [1, 1, 0x10], [7, 2, 7]);
    expect(run(disk(), cdb, { out: new Uint8Array(7) }).outcome).toBe('5/1a00');
  });

  test.each([
    ['as many as there are', [0, 0, 0, 64, 0, 0, 2, 0], 'status 0'],
    ['all', [0xff, 0xff, 0xff, 0xff, 0, 0, 2, 0], 'status 0'],
    ['0, which is all', [0, 0, 0, 0, 0, 0, 2, 0], 'status 0'],
    ['fewer', [0, 0, 0, 63, 0, 0, 2, 0], '5/2600'],
    ['longer ones', [0, 0, 0, 64, 0, 0, 16, 0], '5/2600'],
    ['a descriptor of another size', [0, 0, 0, 64], '5/2600'],
  ])('a block descriptor that says %s blocks', (_what, descriptor, outcome) => {
    expect(select(disk(), descriptor, descriptor.length)).toBe(outcome);
  });
});

describe('what mode pages change', () => {
  test('SWP of the control page forbids writes', () => {
    const unit = disk();
    expect(select(unit, control(0, 0x08))).toBe('status 0');
    expect(run(unit, WRITE, ONE_BLOCK).outcome).toBe('7/2702');
    expect(sense(unit, 0x0a).deviceSpecific & SCSI.SCSI_MODE_WRITE_PROTECT).not.toBe(0);
    select(unit, control(0));
    expect(run(unit, WRITE, ONE_BLOCK).outcome).toBe('status 0');
  });

  test('D_SENSE of the control page makes sense data come as descriptors', () => {
    const unit = disk();
    expect(run(unit, cdbOf(0xc0, 10)).sense[0]).toBe(0x70);
    select(unit, control(0x04));
    const { outcome, sense: data } = run(unit, cdbOf(0xc0, 10));
    expect([outcome, data[0], data.length]).toEqual(['5/2000', 0x72, 8]);
  });

  test('a host that switches the write cache is told of by a unit attention', () => {
    const unit = disk();
    const codes: number[] = [];
    unit.onEvent = ({ code }) => codes.push(code);
    unit.setWriteCache(false);
    expect(codes).toEqual([SCSI.SCSI_ASC_MODE_PARAMETERS_CHANGED]);
    expect(run(unit, TEST_UNIT_READY).outcome).toBe('6/2a01');
    expect(flagsOf(unit, 0x08)).toBe(0);
  });
});
