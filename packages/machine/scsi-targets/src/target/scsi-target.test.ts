import { MemoryBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import { ScsiCdRom } from '../cd-rom/scsi-cd-rom.ts';
import { ScsiDisk } from '../disk/scsi-disk.ts';
import type { Answer, Buffers } from '../test-task.fixture.ts';
import { cdbOf, run } from '../test-task.fixture.ts';
import { ScsiTarget } from './scsi-target.ts';

const disk = (name = 'disk'): ScsiDisk =>
  new ScsiDisk({ name, backend: new MemoryBackend(64 * 512) });

function ask(
  target: ScsiTarget,
  lun: number,
  cdb: readonly number[],
  buffers: Buffers = {},
): Answer {
  return run({ execute: target.execute.bind(target, lun) }, cdb, buffers);
}

const REPORT_LUNS = cdbOf(SCSI.SCSI_REPORT_LUNS, 12, [6, 4, 4096]);
const TEST_UNIT_READY = cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6);

describe('REPORT LUNS (SPC-6)', () => {
  const target = new ScsiTarget([
    [300, disk('far')],
    [0, disk('first')],
    [7, new ScsiCdRom()],
  ]);

  test('lists what is there in ascending order, before any unit attention is told', () => {
    expect(SCSI.readReportLuns(ask(target, 0, REPORT_LUNS).data).luns).toEqual([0, 7, 300]);
    expect(target.luns).toEqual([0, 7, 300]);
    expect(ask(target, 300, TEST_UNIT_READY).outcome).toBe('6/2900');
  });

  test('says how long the list is if there is too little room for it', () => {
    const short = cdbOf(SCSI.SCSI_REPORT_LUNS, 12, [6, 4, 16]);
    const { data } = ask(target, 7, short);
    expect(SCSI.readReportLuns(data)).toEqual({ listLength: 24, luns: [0] });
  });

  test.each([
    [SCSI.SCSI_REPORT_LUNS_ADDRESSABLE, [0, 7, 300]],
    [SCSI.SCSI_REPORT_LUNS_WELL_KNOWN, []],
    [SCSI.SCSI_REPORT_LUNS_ALL, [0, 7, 300]],
  ])('SELECT REPORT %i', (select, luns) => {
    const cdb = cdbOf(SCSI.SCSI_REPORT_LUNS, 12, [2, 1, select], [6, 4, 4096]);
    expect(SCSI.readReportLuns(ask(target, 0, cdb).data).luns).toEqual(luns);
  });

  test('is answered by unit 0 and by the well-known unit even if there is no unit 0', () => {
    const odd = new ScsiTarget([[5, disk()]]);
    for (const lun of [0, 5, SCSI.SCSI_REPORT_LUNS_WELL_KNOWN_LUN]) {
      expect(SCSI.readReportLuns(ask(odd, lun, REPORT_LUNS).data).luns).toEqual([5]);
    }
    expect(ask(odd, 6, REPORT_LUNS).outcome).toBe('5/2500');
  });
});

describe('a unit that is not there', () => {
  const target = new ScsiTarget([[1, disk()]]);

  test.each([0, 2, 16383])('LUN %i: INQUIRY says so by its peripheral qualifier (SPC-6)', (lun) => {
    const { outcome, data } = ask(target, lun, cdbOf(SCSI.SCSI_INQUIRY, 6, [3, 2, 255]));
    expect(outcome).toBe('status 0');
    expect(SCSI.readInquiry(data)).toMatchObject({
      peripheralQualifier: SCSI.SCSI_QUALIFIER_NOT_SUPPORTED,
      deviceType: SCSI.SCSI_TYPE_UNKNOWN,
    });
  });

  test('has no VPD pages', () => {
    const cdb = cdbOf(SCSI.SCSI_INQUIRY, 6, [1, 1, 1], [3, 2, 255]);
    expect(ask(target, 0, cdb).outcome).toBe('5/2400');
  });

  test.each([
    ['fixed', 0, 18],
    ['descriptor', 1, 8],
  ])('REQUEST SENSE delivers LOGICAL UNIT NOT SUPPORTED in %s format', (_format, desc, size) => {
    const cdb = cdbOf(SCSI.SCSI_REQUEST_SENSE, 6, [1, 1, desc], [4, 1, 252]);
    const { outcome, data } = ask(target, 0, cdb);
    expect([outcome, data.length]).toEqual(['status 0', size]);
    expect(SCSI.readScsiSense(data)).toMatchObject({ key: 5, code: 0x2500 });
  });

  test('everything else ends with LOGICAL UNIT NOT SUPPORTED', () => {
    const read = cdbOf(SCSI.SCSI_READ_10, 10, [7, 2, 1]);
    expect(ask(target, 0, TEST_UNIT_READY).outcome).toBe('5/2500');
    expect(ask(target, 0, read)).toMatchObject({ outcome: '5/2500', dataInMoved: 0 });
  });
});

describe('units that come and go', () => {
  test('the others meet REPORTED LUNS DATA HAS CHANGED (SPC-6)', () => {
    const target = new ScsiTarget([[0, disk('first')]]);
    ask(target, 0, TEST_UNIT_READY);
    target.plug(3, disk('second'));
    expect(ask(target, 0, TEST_UNIT_READY).outcome).toBe('6/3f0e');
    expect(ask(target, 0, TEST_UNIT_READY).outcome).toBe('status 0');
    expect(ask(target, 3, TEST_UNIT_READY).outcome).toBe('6/2900');
    expect(target.unplug(3)?.name).toBe('second');
    expect(ask(target, 3, TEST_UNIT_READY).outcome).toBe('5/2500');
    expect(ask(target, 0, TEST_UNIT_READY).outcome).toBe('6/3f0e');
    expect(target.unplug(3)).toBe(undefined);
  });

  test('who asks for the list has been told', () => {
    const target = new ScsiTarget([[0, disk('first')]]);
    ask(target, 0, TEST_UNIT_READY);
    target.plug(3, disk('second'));
    ask(target, 0, REPORT_LUNS);
    expect(ask(target, 0, TEST_UNIT_READY).outcome).toBe('status 0');
  });

  test('a reset reaches each unit, and outweighs what was pending', () => {
    const target = new ScsiTarget([
      [0, disk('first')],
      [1, disk('second')],
    ]);
    for (const lun of [0, 1]) ask(target, lun, TEST_UNIT_READY);
    target.plug(3, disk('third'));
    target.reset();
    for (const lun of [0, 1]) {
      expect(ask(target, lun, TEST_UNIT_READY).outcome).toBe('6/2900');
      expect(ask(target, lun, TEST_UNIT_READY).outcome).toBe('status 0');
    }
  });

  test('refuses a number that is taken, and one that no unit can have', () => {
    const target = new ScsiTarget([[0, disk('first')]]);
    expect(() => target.plug(0, disk('second'))).toThrow('LUN 0 of second is taken by first');
    expect(() => target.plug(16384, disk())).toThrow('from 0 to 16383');
    expect(() => target.plug(0.5, disk())).toThrow('from 0 to 16383');
    expect(target.unit(0)?.name).toBe('first');
  });
});
