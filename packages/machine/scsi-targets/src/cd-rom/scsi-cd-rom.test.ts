import { SparseBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import { cdbOf, run } from '../test-task.fixture.ts';
import { ScsiCdRom } from './scsi-cd-rom.ts';

function drive(blocks: number): ScsiCdRom {
  const unit = new ScsiCdRom(blocks === 0 ? {} : { backend: new SparseBackend(blocks * 2048) });
  run(unit, cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6));
  return unit;
}

describe('READ TOC/PMA/ATIP (MMC-6)', () => {
  const toc = (format: number, from = 0, msf = 0, blocks = 75 * 60) =>
    run(
      drive(blocks),
      cdbOf(SCSI.SCSI_READ_TOC, 10, [1, 1, msf], [2, 1, format], [6, 1, from], [7, 2, 1000]),
    );

  test('format 0: one track of data, and the lead-out', () => {
    const tracks = [0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, 0xaa, 0, 0, 0, 0x11, 0x94];
    expect([...toc(0).data]).toEqual([0, 18, 1, 1, ...tracks]);
    expect([...toc(0, 1).data]).toEqual([0, 18, 1, 1, ...tracks]);
    expect([...toc(0, 0xaa).data]).toEqual([0, 10, 1, 1, ...tracks.slice(8)]);
  });

  test('format 0 in minutes, seconds and frames, of which block 0 is the 150th', () => {
    const tracks = [0, 0x14, 1, 0, 0, 0, 2, 0, 0, 0x14, 0xaa, 0, 0, 1, 2, 0];
    expect([...toc(0, 0, 2).data]).toEqual([0, 18, 1, 1, ...tracks]);
    // A DVD has no such addresses: the largest one.
    expect([...toc(0, 0xaa, 2, 2 ** 21).data.subarray(8)]).toEqual([0, 255, 59, 74]);
  });

  test('format 1: the first track of the last session', () => {
    expect([...toc(1).data]).toEqual([0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0]);
  });

  test('format 2: the Q channel of the lead-in', () => {
    expect([...toc(2).data]).toEqual(
      [
        [0, 46, 1, 1],
        [1, 0x14, 0, 0xa0, 0, 0, 0, 0, 1, 0, 0],
        [1, 0x14, 0, 0xa1, 0, 0, 0, 0, 1, 0, 0],
        [1, 0x14, 0, 0xa2, 0, 0, 0, 0, 1, 2, 0],
        [1, 0x14, 0, 1, 0, 0, 0, 0, 0, 2, 0],
      ].flat(),
    );
  });

  test.each([
    ['format 3, as there is no PMA', 3, 0],
    ['track 2, as there is none', 0, 2],
    ['session 2, as there is none', 2, 2],
  ])('refuses %s', (_what, format, from) => {
    expect(toc(format, from).outcome).toBe('5/2400');
  });
});

describe('GET CONFIGURATION (MMC-6)', () => {
  /** The current profile, and the codes of the features that came. */
  function configuration(blocks: number, type = 0, from = 0): [number, number[]] {
    const cdb = cdbOf(SCSI.SCSI_GET_CONFIGURATION, 10, [1, 1, type], [2, 2, from], [7, 2, 1000]);
    const { data } = run(drive(blocks), cdb);
    expect(SCSI.getBigEndian(data, 0, 4)).toBe(data.length - 4);
    const codes: number[] = [];
    for (let at = 8; at < data.length; at += 4 + (data[at + 3] ?? 0)) {
      codes.push(SCSI.getBigEndian(data, at, 2));
    }
    return [SCSI.getBigEndian(data, 6, 2), codes];
  }

  const ALL = [0x00, 0x01, 0x02, 0x03, 0x10, 0x1e, 0x1f];

  test('has the profile of the disc that is in', () => {
    expect(configuration(16)).toEqual([0x08, ALL]);
    expect(configuration(360_001)).toEqual([0x10, ALL]);
    expect(configuration(0)).toEqual([0x00, ALL]);
  });

  test('RT 1: only what is current', () => {
    expect(configuration(16, 1)[1]).toEqual([0x00, 0x01, 0x02, 0x03, 0x10, 0x1e]);
    expect(configuration(360_001, 1)[1]).toEqual([0x00, 0x01, 0x02, 0x03, 0x10, 0x1f]);
    expect(configuration(0, 1)[1]).toEqual([0x00, 0x01, 0x02, 0x03]);
  });

  test('RT 2: one feature, or none; and from the starting one on', () => {
    expect(configuration(16, 2, 0x03)[1]).toEqual([0x03]);
    expect(configuration(16, 2, 0x99)[1]).toEqual([]);
    expect(configuration(16, 0, 0x04)[1]).toEqual([0x10, 0x1e, 0x1f]);
  });

  test('is answered while a unit attention is pending, and leaves it so', () => {
    const unit = new ScsiCdRom();
    const cdb = cdbOf(SCSI.SCSI_GET_CONFIGURATION, 10, [7, 2, 8]);
    expect(run(unit, cdb).outcome).toBe('status 0');
    expect(run(unit, cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6)).outcome).toBe('6/2900');
  });
});

describe('GET EVENT STATUS NOTIFICATION (MMC-6)', () => {
  const events = (unit: ScsiCdRom, classes = 0x10, room = 8): number[] => {
    const cdb = cdbOf(
      SCSI.SCSI_GET_EVENT_STATUS_NOTIFICATION,
      10,
      [1, 1, 1],
      [4, 1, classes],
      [7, 2, room],
    );
    return [...run(unit, cdb).data];
  };
  const header = [0, 6, 4, 0x10];
  const [PRESENT, OPEN] = [2, 1];

  test('tells each event of the medium once', () => {
    const unit = drive(16);
    expect(events(unit)).toEqual([...header, 0, PRESENT, 0, 0]);
    unit.eject();
    expect(events(unit)).toEqual([...header, 3, OPEN, 0, 0]);
    expect(events(unit)).toEqual([...header, 0, OPEN, 0, 0]);
    unit.insert(new SparseBackend(2048));
    expect(events(unit)).toEqual([...header, 2, PRESENT, 0, 0]);
    expect(events(unit)).toEqual([...header, 0, PRESENT, 0, 0]);
  });

  test('tells that somebody pressed the button of a locked tray', () => {
    const unit = drive(16);
    run(unit, cdbOf(SCSI.SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, 6, [4, 1, 1]));
    unit.eject();
    expect(events(unit)).toEqual([...header, 1, PRESENT, 0, 0]);
    expect(events(unit)).toEqual([...header, 0, PRESENT, 0, 0]);
  });

  test('forgets the button when the tray has opened', () => {
    const unit = drive(16);
    run(unit, cdbOf(SCSI.SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, 6, [4, 1, 1]));
    unit.eject();
    run(unit, cdbOf(SCSI.SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, 6));
    run(unit, cdbOf(SCSI.SCSI_START_STOP_UNIT, 6, [4, 1, 2]));
    expect(events(unit)).toEqual([...header, 3, OPEN, 0, 0]);
    expect(events(unit)).toEqual([...header, 0, OPEN, 0, 0]);
  });

  test('keeps an event for which there is no room', () => {
    const unit = drive(16);
    unit.insert(new SparseBackend(2048));
    expect(events(unit, 0x10, 4)).toEqual(header);
    expect(events(unit)).toEqual([...header, 2, PRESENT, 0, 0]);
  });

  test('has no events of other classes', () => {
    expect(events(drive(16), 0x02)).toEqual([0, 2, 0x80, 0x10]);
  });
});

test('READ DISC INFORMATION: one session that is complete (MMC-6)', () => {
  const { data } = run(drive(16), cdbOf(SCSI.SCSI_READ_DISC_INFORMATION, 10, [7, 2, 1000]));
  expect([...data.subarray(0, 9)]).toEqual([0, 32, 0x0e, 1, 1, 1, 1, 0x20, 0]);
  expect(data).toHaveLength(34);
});

test('READ CAPACITY: blocks of 2048 bytes (MMC-6)', () => {
  const { data } = run(drive(333), cdbOf(SCSI.SCSI_READ_CAPACITY_10, 10));
  expect(SCSI.readReadCapacity10(data)).toEqual({ lastLba: 332, blockSize: 2048 });
});
