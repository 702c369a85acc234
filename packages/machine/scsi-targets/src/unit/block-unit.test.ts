import { MemoryBackend } from '@dxelab/block-backends';
import * as SCSI from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import { ScsiCdRom } from '../cd-rom/scsi-cd-rom.ts';
import { ScsiDisk } from '../disk/scsi-disk.ts';
import type { ScsiLogicalUnit } from '../scsi-logical-unit.ts';
import { cdbOf, run } from '../test-task.fixture.ts';

const disc = (value = 0, blocks = 16): MemoryBackend =>
  new MemoryBackend(new Uint8Array(blocks * 2048).fill(value), { readOnly: true });

const ready = (unit: ScsiLogicalUnit): string =>
  run(unit, cdbOf(SCSI.SCSI_TEST_UNIT_READY, 6)).outcome;
const startStop = (unit: ScsiLogicalUnit, flags: number): string =>
  run(unit, cdbOf(SCSI.SCSI_START_STOP_UNIT, 6, [4, 1, flags])).outcome;
const prevent = (unit: ScsiLogicalUnit, flag: number): string =>
  run(unit, cdbOf(SCSI.SCSI_PREVENT_ALLOW_MEDIUM_REMOVAL, 6, [4, 1, flag])).outcome;
const firstByte = (unit: ScsiLogicalUnit): number | undefined =>
  run(unit, cdbOf(SCSI.SCSI_READ_10, 10, [7, 2, 1])).data[0];

const GOOD = 'status 0';
const NO_MEDIUM = '2/3a00';
const STOPPED = '2/0402';
const BECOMING_READY = '2/0401';
const RESET = '6/2900';
const CHANGED = '6/2800';
const PREVENTED = '5/5302';

const [START, EJECT, LOAD] = [1, 2, 3];

/** A drive with a disc that has told its unit attention, and what it tells. */
function drive(options: { spinUp?: number } = {}) {
  const unit = new ScsiCdRom({ backend: disc(1), ...options });
  const events: number[] = [];
  unit.onEvent = ({ code }) => events.push(code);
  ready(unit);
  return { unit, events };
}

describe('unit attentions (SAM-6)', () => {
  test('the first command after power-on meets one, and the next one does not', () => {
    const unit = new ScsiCdRom({ backend: disc() });
    expect([ready(unit), ready(unit)]).toEqual([RESET, GOOD]);
  });

  test('even one that nobody knows', () => {
    const unit = new ScsiCdRom({ backend: disc() });
    expect(run(unit, cdbOf(0xff, 16)).outcome).toBe(RESET);
    expect(run(unit, cdbOf(0xff, 16)).outcome).toBe('5/2000');
  });

  test('REQUEST SENSE delivers it with status GOOD, and so it has been told (SPC-6)', () => {
    const unit = new ScsiCdRom({ backend: disc() });
    const cdb = cdbOf(SCSI.SCSI_REQUEST_SENSE, 6, [4, 1, 252]);
    const codes = [run(unit, cdb), run(unit, cdb)].map(
      ({ data }) => SCSI.readScsiSense(data)?.code,
    );
    expect(codes).toEqual([0x2900, 0]);
    expect(ready(unit)).toBe(GOOD);
  });

  test('several are told one after the other, each once', () => {
    const backend = new MemoryBackend(64 * 512);
    const unit = new ScsiDisk({ backend });
    ready(unit);
    unit.setWriteCache(false);
    unit.resize(new MemoryBackend(128 * 512));
    unit.setWriteCache(true);
    expect([ready(unit), ready(unit), ready(unit)]).toEqual(['6/2a01', '6/2a09', GOOD]);
  });

  test('a reset outweighs what came before it', () => {
    const { unit } = drive();
    unit.insert(disc(2));
    unit.reset();
    expect([ready(unit), ready(unit)]).toEqual([RESET, GOOD]);
  });
});

describe('START STOP UNIT (SBC-4)', () => {
  test('a stopped disk needs to be started', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(64 * 512) });
    ready(unit);
    expect([startStop(unit, 0), ready(unit), firstByte(unit)]).toEqual([GOOD, STOPPED, undefined]);
    expect([startStop(unit, START), ready(unit)]).toEqual([GOOD, GOOD]);
  });

  test('a reset starts it', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(64 * 512) });
    ready(unit);
    startStop(unit, 0);
    unit.reset();
    expect([ready(unit), ready(unit)]).toEqual([RESET, GOOD]);
  });

  test('a disk that takes time to spin up is becoming ready, after each start', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(64 * 512), spinUp: 2 });
    expect([ready(unit), ready(unit), ready(unit), ready(unit)]).toEqual([
      RESET,
      BECOMING_READY,
      BECOMING_READY,
      GOOD,
    ]);
    expect(startStop(unit, START)).toBe(GOOD);
    expect(ready(unit)).toBe(GOOD);
    startStop(unit, 0);
    startStop(unit, START);
    expect([ready(unit), ready(unit), ready(unit)]).toEqual([BECOMING_READY, BECOMING_READY, GOOD]);
  });

  test('LOEJ means nothing to a disk without a tray', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(64 * 512) });
    ready(unit);
    expect(startStop(unit, EJECT)).toBe('5/2400');
    // There is nothing that could be removed.
    expect(prevent(unit, 1)).toBe(GOOD);
  });

  test('ejects the medium onto the tray, and loads it again (MMC-6)', () => {
    const { unit } = drive();
    expect([startStop(unit, EJECT), ready(unit)]).toEqual([GOOD, NO_MEDIUM]);
    expect(unit.backend).toBeDefined();
    expect([startStop(unit, LOAD), ready(unit), firstByte(unit)]).toEqual([GOOD, CHANGED, 1]);
  });

  test('closes an empty tray', () => {
    const unit = new ScsiCdRom();
    ready(unit);
    startStop(unit, EJECT);
    expect([startStop(unit, LOAD), ready(unit)]).toEqual([GOOD, NO_MEDIUM]);
  });
});

describe('a medium that is changed (SPC-6, MMC-6)', () => {
  test('the next command meets it, and the new one is read', () => {
    const { unit, events } = drive();
    unit.insert(disc(2, 32));
    expect(events).toEqual([SCSI.SCSI_ASC_MEDIUM_MAY_HAVE_CHANGED]);
    expect([ready(unit), firstByte(unit)]).toEqual([CHANGED, 2]);
    const capacity = run(unit, cdbOf(SCSI.SCSI_READ_CAPACITY_10, 10)).data;
    expect(SCSI.readReadCapacity10(capacity)?.lastLba).toBe(31);
  });

  test('a medium that is taken out is not there, until another one is', () => {
    const { unit, events } = drive({ spinUp: 1 });
    expect(ready(unit)).toBe(BECOMING_READY);
    expect(unit.eject()).toBe(true);
    expect([ready(unit), firstByte(unit)]).toEqual([NO_MEDIUM, undefined]);
    unit.insert(disc(2));
    expect([ready(unit), ready(unit), firstByte(unit)]).toEqual([CHANGED, BECOMING_READY, 2]);
    expect(events).toEqual([
      SCSI.SCSI_ASC_MEDIUM_NOT_PRESENT,
      SCSI.SCSI_ASC_MEDIUM_MAY_HAVE_CHANGED,
    ]);
  });

  test('PREVENT ALLOW MEDIUM REMOVAL holds it, but not against force', () => {
    const { unit, events } = drive();
    expect(prevent(unit, 1)).toBe(GOOD);
    expect(startStop(unit, EJECT)).toBe(PREVENTED);
    expect([unit.eject(), events, ready(unit)]).toEqual([false, [], GOOD]);
    expect([unit.eject({ force: true }), ready(unit)]).toEqual([true, NO_MEDIUM]);
  });

  test('until it is allowed again, or a reset', () => {
    const { unit } = drive();
    prevent(unit, 1);
    prevent(unit, 0);
    expect(startStop(unit, EJECT)).toBe(GOOD);
    const other = drive().unit;
    prevent(other, 1);
    other.reset();
    ready(other);
    expect(startStop(other, EJECT)).toBe(GOOD);
  });

  test('one that cannot be written protects itself', () => {
    const unit = new ScsiDisk({ backend: disc(), removable: true });
    const write = cdbOf(SCSI.SCSI_WRITE_10, 10, [7, 2, 1]);
    const out = new Uint8Array(512);
    expect([ready(unit), run(unit, write, { out }).outcome]).toEqual([RESET, '7/2700']);
    unit.insert(new MemoryBackend(512));
    expect([ready(unit), run(unit, write, { out }).outcome]).toEqual([CHANGED, GOOD]);
  });

  test('a disk that grows says so', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(64 * 512) });
    const events: number[] = [];
    unit.onEvent = ({ code }) => events.push(code);
    ready(unit);
    unit.resize(new MemoryBackend(128 * 512));
    expect([events, ready(unit)]).toEqual([[SCSI.SCSI_ASC_CAPACITY_DATA_HAS_CHANGED], '6/2a09']);
    const capacity = run(unit, cdbOf(SCSI.SCSI_READ_CAPACITY_10, 10)).data;
    expect(SCSI.readReadCapacity10(capacity)?.lastLba).toBe(127);
  });

  test('a disk that is not removable has nothing to insert or eject', () => {
    const unit = new ScsiDisk({ backend: new MemoryBackend(512) });
    expect(() => unit.insert(disc())).toThrow('scsi-disk: removable must be true; it is false');
    expect(() => unit.eject()).toThrow('removable must be true');
  });
});

test('a command that shall not be done now changes nothing, and tells nothing (SAM-6)', () => {
  let status: number | undefined = SCSI.SCSI_STATUS_BUSY;
  const unit = new ScsiCdRom({
    backend: disc(),
    status: (cdb) => (cdb[0] === SCSI.SCSI_TEST_UNIT_READY ? status : undefined),
  });
  expect(ready(unit)).toBe('status 8');
  expect(run(unit, cdbOf(SCSI.SCSI_INQUIRY, 6, [3, 2, 36])).outcome).toBe(GOOD);
  status = SCSI.SCSI_STATUS_GOOD;
  expect(ready(unit)).toBe(RESET);
});

describe('options that no unit can have', () => {
  const backend = new MemoryBackend(4096);

  test.each([
    ['blockSize must be 512, 1024, 2048, 4096; it is 520', { backend, blockSize: 520 }],
    ['whole blocks of 512 bytes; it is 700 bytes', { backend: new MemoryBackend(700) }],
    ['whole blocks of 512 bytes; it is 0 bytes', { backend: new MemoryBackend(0) }],
    ['backend must be there, as the disk is not removable', { backend: undefined }],
    ['512 times a power of two; it is 256', { backend, physicalBlockSize: 256 }],
    ['512 times a power of two; it is 1536', { backend, physicalBlockSize: 1536 }],
    ['readOnly must be true, as the backend is', { backend: disc(), readOnly: false }],
    ['vendor must be up to 8 printable characters', { backend, vendor: 'too long a name' }],
    ['serial must be up to 36 printable characters', { backend, serial: 'ä' }],
    ['wwn must be 64 bits; it is -1', { backend, wwn: -1n }],
    ['maxTransferLength must be a whole number from 1', { backend, maxTransferLength: 0 }],
    ['rotationRate must be a whole number from 0 to 65534', { backend, rotationRate: 0x10000 }],
    ['spinUp must be a whole number', { backend, spinUp: 0.5 }],
  ])('%s', (message, options) => {
    expect(() => new ScsiDisk({ name: 'disk', ...options })).toThrow(message);
  });

  test('a disc of half a block', () => {
    expect(() => new ScsiCdRom({ backend: new MemoryBackend(3072) })).toThrow('of 2048 bytes');
    expect(() => new ScsiCdRom({ spinUp: -1 })).toThrow('spinUp');
  });
});
