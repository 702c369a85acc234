import type { EfiStatus } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { DiskBench, bench, statusOf, unit } from './disk-bench.fixture.ts';

const CD = { deviceType: 5, removable: true, blockSize: 2048 } as const;
const MEDIUM_MAY_HAVE_CHANGED = 0x2800;

function read({ disk }: DiskBench, length: number = disk.media.blockSize): EfiStatus {
  return statusOf(() => disk.readBlocks(disk.media.mediaId, 0, new Uint8Array(length)));
}

describe.each(PROFILES)('removable media, %s (UEFI §13.9)', (profile) => {
  test('an empty drive has BlockIo without a medium, until one is inserted', () => {
    const empty = unit(CD);
    empty.isPresent = false;
    const drive = new DiskBench(profile, empty);
    expect(drive.disk.media).toMatchObject({ mediaPresent: false, removableMedia: true });
    expect(read(drive)).toBe('EFI_NO_MEDIA');
    expect(drive.reinstalled).toBe(0);
    empty.isPresent = true;
    empty.attention(MEDIUM_MAY_HAVE_CHANGED);
    expect(read(drive)).toBe('EFI_MEDIA_CHANGED');
    expect(drive.reinstalled).toBe(1);
    expect(drive.disk.media).toMatchObject({ mediaPresent: true, lastBlock: 63 });
    expect(read(drive)).toBe('EFI_SUCCESS');
  });

  test('a medium that is taken out is EFI_NO_MEDIA, with BlockIo reinstalled once', () => {
    const drive = bench(profile, CD);
    drive.unit.isPresent = false;
    expect([read(drive), read(drive)]).toEqual(['EFI_NO_MEDIA', 'EFI_NO_MEDIA']);
    expect(drive.reinstalled).toBe(1);
    expect(drive.disk.media).toMatchObject({ mediaPresent: false, lastBlock: 0 });
  });

  test('another medium is EFI_MEDIA_CHANGED, and has another id and size', () => {
    const drive = bench(profile, CD);
    const before = drive.mediaId;
    drive.unit.bytes = drive.unit.bytes.subarray(0, 32 * 2048);
    drive.unit.attention(MEDIUM_MAY_HAVE_CHANGED);
    expect(read(drive)).toBe('EFI_MEDIA_CHANGED');
    expect(drive.reinstalled).toBe(1);
    expect(drive.disk.media.lastBlock).toBe(31);
    expect(drive.mediaId).not.toBe(before);
    expect(statusOf(() => drive.disk.readBlocks(before, 0, new Uint8Array(2048)))).toBe(
      'EFI_MEDIA_CHANGED',
    );
    expect(read(drive)).toBe('EFI_SUCCESS');
  });

  test('an invalid request hears of the change first, and one of no length, too', () => {
    const drive = bench(profile, CD);
    drive.unit.attention(MEDIUM_MAY_HAVE_CHANGED);
    expect(read(drive, 3)).toBe('EFI_MEDIA_CHANGED');
    drive.unit.attention(MEDIUM_MAY_HAVE_CHANGED);
    expect(read(drive, 0)).toBe('EFI_MEDIA_CHANGED');
    drive.unit.isPresent = false;
    expect(statusOf(() => drive.disk.writeBlocks(drive.mediaId, 0, new Uint8Array(2)))).toBe(
      'EFI_NO_MEDIA',
    );
  });

  test('whoever is called back while BlockIo is reinstalled can read the new medium', () => {
    const drive = bench(profile, CD);
    drive.unit.attention(MEDIUM_MAY_HAVE_CHANGED);
    const inside: EfiStatus[] = [];
    drive.onReinstall = () => inside.push(read(drive));
    expect(read(drive)).toBe('EFI_MEDIA_CHANGED');
    expect(inside).toEqual(['EFI_SUCCESS']);
  });

  test('a drive that cannot be asked is EFI_DEVICE_ERROR', () => {
    const drive = bench(profile, CD);
    drive.unit.script({ to: 0x00, sense: [4, 0x4400] });
    expect(read(drive)).toBe('EFI_DEVICE_ERROR');
    drive.unit.script({ to: 0x00, throws: 'EFI_UNSUPPORTED' });
    expect(read(drive)).toBe('EFI_DEVICE_ERROR');
    expect(read(drive)).toBe('EFI_SUCCESS');
    expect(drive.events).toBe(0);
  });

  test('a fixed disk is not asked before each read', () => {
    const fixed = bench(profile);
    fixed.unit.codes();
    expect(read(fixed)).toBe('EFI_SUCCESS');
    expect(fixed.unit.codes()).toEqual([0x28]);
  });
});

describe('the id of a medium (ScsiDiskDxe.MediaIdRestarts)', () => {
  test.each<['specification' | 'edk2', boolean]>([
    ['specification', false],
    ['edk2', true],
  ])('%s: taken out, seen to be gone, another one inserted: the same id: %s', (profile, same) => {
    const drive = bench(profile, CD);
    const before = drive.mediaId;
    drive.unit.isPresent = false;
    read(drive);
    drive.unit.isPresent = true;
    drive.unit.attention(MEDIUM_MAY_HAVE_CHANGED);
    expect(read(drive)).toBe('EFI_MEDIA_CHANGED');
    expect(drive.mediaId === before).toBe(same);
  });
});

describe('a change in the midst of a transfer (ScsiDiskDxe.ChangeDuringTransferUnreported)', () => {
  test.each<[what: string, sense: readonly [number, number], status: EfiStatus]>([
    ['exchanged', [6, 0x2800], 'EFI_MEDIA_CHANGED'],
    ['of another size', [6, 0x2a09], 'EFI_MEDIA_CHANGED'],
  ])('specification: %s: %o is %s, reinstalled', (_what, sense, status) => {
    const fixed = bench('specification');
    fixed.unit.bytes = fixed.unit.bytes.subarray(0, 32 * 512);
    fixed.unit.script({ to: 0x28, sense });
    expect(read(fixed)).toBe(status);
    expect(fixed.reinstalled).toBe(1);
    expect(fixed.disk.media.lastBlock).toBe(31);
    expect(read(fixed)).toBe('EFI_SUCCESS');
  });

  test('specification: taken out', () => {
    const fixed = bench('specification');
    fixed.unit.isPresent = false;
    expect(read(fixed)).toBe('EFI_NO_MEDIA');
    expect(fixed.reinstalled).toBe(1);
  });

  test('specification: a fixed disk whose medium comes back is used again', () => {
    const fixed = bench('specification');
    fixed.unit.isPresent = false;
    expect([read(fixed), read(fixed)]).toEqual(['EFI_NO_MEDIA', 'EFI_NO_MEDIA']);
    fixed.unit.isPresent = true;
    expect([read(fixed), read(fixed)]).toEqual(['EFI_MEDIA_CHANGED', 'EFI_SUCCESS']);
    expect(fixed.reinstalled).toBe(2);
  });

  test('specification: a unit that has its medium again by then has failed all the same', () => {
    const fixed = bench('specification');
    fixed.unit.script({ to: 0x28, sense: [2, 0x3a00] });
    expect(read(fixed)).toBe('EFI_DEVICE_ERROR');
    expect(fixed.reinstalled).toBe(0);
  });

  test('edk2: EFI_DEVICE_ERROR, and nobody is told', () => {
    const fixed = bench('edk2');
    fixed.unit.script({ to: 0x28, sense: [6, 0x2800] });
    expect(read(fixed)).toBe('EFI_DEVICE_ERROR');
    expect(statusOf(() => fixed.disk.readBlocks(1, 0, new Uint8Array(512)))).toBe(
      'EFI_MEDIA_CHANGED',
    );
    fixed.unit.isPresent = false;
    expect([read(fixed), read(fixed)]).toEqual(['EFI_DEVICE_ERROR', 'EFI_NO_MEDIA']);
    expect(fixed.reinstalled).toBe(0);
  });

  test('specification: in the place of a medium comes one that cannot be used', () => {
    const drive = bench('specification', { removable: true });
    drive.unit.attention(MEDIUM_MAY_HAVE_CHANGED);
    const oddBlocks = Uint8Array.of(0, 0, 0, 63, 0, 0, 2, 8);
    drive.unit.script({ to: 0x25, data: oddBlocks, times: 2 });
    expect([read(drive), read(drive)]).toEqual(['EFI_DEVICE_ERROR', 'EFI_DEVICE_ERROR']);
    expect(drive.reinstalled).toBe(1);
    expect(drive.disk.media.mediaPresent).toBe(false);
    expect([read(drive), read(drive)]).toEqual(['EFI_MEDIA_CHANGED', 'EFI_SUCCESS']);
  });

  test('specification: a medium that is exchanged while it is looked at is looked at again', () => {
    const drive = bench('specification', { removable: true });
    drive.unit.attention(MEDIUM_MAY_HAVE_CHANGED);
    drive.unit.script({ to: 0x25, sense: [6, 0x2800] }, { to: 0x5a, sense: [6, 0x2800] });
    expect(read(drive)).toBe('EFI_MEDIA_CHANGED');
    expect(read(drive)).toBe('EFI_SUCCESS');
    drive.unit.attention(MEDIUM_MAY_HAVE_CHANGED);
    drive.unit.script({ to: 0x25, sense: [6, 0x2800], times: 5 });
    expect(read(drive)).toBe('EFI_DEVICE_ERROR');
  });
});

describe('write protection (ScsiDiskDxe.WriteProtectionAskedOnce)', () => {
  test('a unit with a power-on to report is asked too early by EDK II', () => {
    const powerOn = () => unit({ readOnly: true }).attention(0x2900);
    expect(new DiskBench('specification', powerOn()).disk.media.readOnly).toBe(true);
    expect(new DiskBench('edk2', powerOn()).disk.media.readOnly).toBe(false);
  });

  test('specification: a disk without a caching page is asked for the others', () => {
    const { disk } = bench('specification', { readOnly: true, knowsModePages: false });
    expect(disk.media.readOnly).toBe(true);
  });

  test('specification: a disk that knows no mode page can be written to', () => {
    const silent = unit({ knowsModePages: false }).script({ to: 0x1a, sense: [5, 0x2000] });
    expect(new DiskBench('specification', silent).disk.media.readOnly).toBe(false);
  });
});

describe('becoming ready (ScsiDiskDxe.PollsWithoutPause, RequestSenseAfterGood)', () => {
  const becoming = (times: number) => unit().script({ to: 0x00, sense: [2, 0x0401], times });

  test('specification: asked again every 100 ms', () => {
    const { disk, stalls, unit: slow } = new DiskBench('specification', becoming(30));
    expect(disk.media.mediaPresent).toBe(true);
    expect(stalls).toHaveLength(30);
    expect(slow.codes().filter((code) => code === 0x00)).toHaveLength(31);
  });

  test('edk2: asked again at once, and REQUEST SENSE in the end', () => {
    const { stalls, unit: slow } = new DiskBench('edk2', becoming(30));
    expect(stalls).toEqual([]);
    const codes = slow.codes();
    expect(codes.filter((code) => code === 0x00)).toHaveLength(31);
    expect(codes.filter((code) => code === 0x03)).toHaveLength(1);
    expect(bench('specification').unit.codes()).not.toContain(0x03);
  });

  test('after two minutes: EFI_DEVICE_ERROR, or taken to be ready', () => {
    expect(statusOf(() => new DiskBench('specification', becoming(1e9)))).toBe('EFI_DEVICE_ERROR');
    const patient = new DiskBench('edk2', becoming(1e9));
    expect(patient.now).toBeGreaterThanOrEqual(120 * 10_000_000);
    expect(patient.disk.media.lastBlock).toBe(63);
  });

  test.each(PROFILES)('%s: a unit that will not become ready is EFI_DEVICE_ERROR', (profile) => {
    const broken = unit().script({ to: 0x00, sense: [2, 0x0403], times: 100 });
    expect(statusOf(() => new DiskBench(profile, broken))).toBe('EFI_DEVICE_ERROR');
  });
});

describe('well-known units (ScsiDiskDxe.WellKnownUnitsStarted)', () => {
  test('edk2: a medium without blocks, whose capacity is not asked for', () => {
    const { disk, unit: wlun } = bench('edk2', { deviceType: 0x1e });
    expect(disk.media).toMatchObject({ mediaPresent: true, blockSize: 0 });
    expect(wlun.codes()).not.toContain(0x25);
  });
});
