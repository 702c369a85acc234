import type { EfiErrorStatus, EfiStatus } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { bench, statusOf } from './disk-bench.fixture.ts';
import type { DiskBench } from './disk-bench.fixture.ts';
import type { ScriptedAnswer } from './scripted-unit.fixture.ts';
import { blocksOf, lbaOf } from './scripted-unit.fixture.ts';

/** Reads blocks from block 8 on; they are checked if it succeeds. */
function read({ disk, unit }: DiskBench, blocks: number): EfiStatus {
  unit.codes();
  const buffer = new Uint8Array(blocks * 512);
  const status = statusOf(() => disk.readBlocks(disk.media.mediaId, 8, buffer));
  if (status !== 'EFI_SUCCESS') return status;
  for (let block = 0; block < blocks; block++) expect(buffer[block * 512]).toBe(8 + block);
  return status;
}

/** What READ was sent since: block address and count of each. */
function pieces({ unit }: DiskBench): readonly (readonly [lba: number, blocks: number])[] {
  return unit.seen.map(({ cdb }) => [lbaOf(cdb), blocksOf(cdb)] as const);
}

describe('retries', () => {
  test.each<[what: string, answer: ScriptedAnswer]>([
    ['a reset to report', { sense: [6, 0x2900] }],
    ['a drive that becomes ready', { sense: [2, 0x0401] }],
    ['BUSY', { status: 0x08 }],
    ['TASK SET FULL', { status: 0x28 }],
    ['too many commands queued', { throws: 'EFI_NOT_READY' }],
    ['a timeout of the channel', { throws: 'EFI_TIMEOUT', hostAdapterStatus: 0x0b }],
    ['a selection timeout', { hostAdapterStatus: 0x11 }],
    ['a parity error', { hostAdapterStatus: 0x0f }],
    ['a reset of the bus', { throws: 'EFI_DEVICE_ERROR', hostAdapterStatus: 0x0e }],
  ])('%s is tried again in both profiles', (_what, answer) => {
    for (const profile of PROFILES) {
      const world = bench(profile);
      world.unit.script({ to: 0x28, ...answer });
      expect(read(world, 1)).toBe('EFI_SUCCESS');
      expect(world.unit.codes()).toEqual([0x28, 0x28]);
    }
  });

  test.each<[what: string, answer: ScriptedAnswer]>([
    ['changed mode parameters', { sense: [6, 0x2a01] }],
    ['other LUNs', { sense: [6, 0x3f0e] }],
    ['an aborted command', { sense: [0xb, 0x4700] }],
    ['TASK ABORTED', { status: 0x40 }],
  ])('%s: again in the specification profile', (_what, answer) => {
    const world = bench('specification');
    world.unit.script({ to: 0x28, ...answer });
    expect(read(world, 1)).toBe('EFI_SUCCESS');
    expect(world.unit.codes()).toEqual([0x28, 0x28]);
  });

  test('specification: a unit whose medium stands is started', () => {
    const world = bench('specification');
    world.unit.script({ to: 0x28, sense: [2, 0x0402] });
    expect(read(world, 1)).toBe('EFI_SUCCESS');
    expect(world.unit.codes()).toEqual([0x28, 0x1b, 0x28]);
    world.unit.script({ to: 0x28, sense: [2, 0x0402], times: 100 });
    expect(read(world, 1)).toBe('EFI_DEVICE_ERROR');
    expect(world.unit.codes()).toHaveLength(20);
  });

  test.each<[Profile, number]>([
    ['specification', 10],
    ['edk2', 2],
  ])('%s: %d times, and then EFI_DEVICE_ERROR', (profile, times) => {
    const world = bench(profile);
    world.unit.script({ to: 0x28, sense: [6, 0x2900], times: 100 });
    expect(read(world, 1)).toBe('EFI_DEVICE_ERROR');
    expect(world.unit.codes()).toHaveLength(times);
  });

  test.each(PROFILES)('%s: what nobody answers in time is sent twice', (profile) => {
    const world = bench(profile);
    const late: ScriptedAnswer = { throws: 'EFI_TIMEOUT', hostAdapterStatus: 0x09, times: 100 };
    world.unit.script({ to: 0x28, ...late });
    expect(read(world, 1)).toBe('EFI_DEVICE_ERROR');
    expect(world.unit.codes()).toEqual([0x28, 0x28]);
  });

  test.each(PROFILES)('%s: what cannot be mended is not tried again', (profile) => {
    const hopeless: readonly ScriptedAnswer[] = [
      { sense: [3, 0x1100] },
      { sense: [4, 0x4400] },
      { sense: [2, 0x0403] },
      { status: 0x18 },
      { throws: 'EFI_UNSUPPORTED' },
      { throws: 'EFI_INVALID_PARAMETER' },
      { hostAdapterStatus: 0x13, throws: 'EFI_DEVICE_ERROR' },
      { hostAdapterStatus: 0x7f, throws: 'EFI_DEVICE_ERROR' },
    ];
    for (const answer of hopeless) {
      const world = bench(profile);
      world.unit.script({ to: 0x28, ...answer });
      expect(read(world, 1)).toBe('EFI_DEVICE_ERROR');
      expect(world.unit.codes()).toEqual([0x28]);
      expect(read(world, 1)).toBe('EFI_SUCCESS');
    }
  });

  test.each(PROFILES)('%s: a channel that lost the bus is reset', (profile) => {
    const world = bench(profile);
    world.unit.script({ to: 0x28, hostAdapterStatus: 0x14, throws: 'EFI_DEVICE_ERROR' });
    world.unit.resetThrows = 'EFI_UNSUPPORTED';
    expect(read(world, 1)).toBe('EFI_DEVICE_ERROR');
    expect(world.unit.resets).toEqual(['bus']);
  });

  test('specification: sense data that did not come are asked for', () => {
    const world = bench('specification');
    world.unit.script(
      { to: 0x28, status: 0x02 },
      {
        to: 0x03,
        data: Uint8Array.of(0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0, 0, 0, 0, 0),
      },
    );
    expect(read(world, 1)).toBe('EFI_SUCCESS');
    expect(world.unit.codes()).toEqual([0x28, 0x03, 0x03, 0x28]);
  });

  test('specification: a deferred error is the only trace of a lost write', () => {
    const world = bench('specification');
    const deferred = Uint8Array.of(0x71, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0, 0, 0, 0, 0);
    world.unit.script({ to: 0x28, status: 0x02 }, { to: 0x03, data: deferred });
    expect(read(world, 1)).toBe('EFI_DEVICE_ERROR');
  });

  test.each<[Profile, readonly string[], number]>([
    ['specification', [], 1],
    ['edk2', ['device'], 0],
  ])('%s: a busy unit: resets %o, waits %d (ScsiDiskDxe.BusyResets)', (profile, resets, waits) => {
    const world = bench(profile);
    world.unit.script({ to: 0x28, status: 0x08 });
    read(world, 1);
    expect(world.unit.resets).toEqual(resets);
    expect(world.stalls).toHaveLength(waits);
  });
});

describe('errors (ScsiDiskDxe.HalvesOnErrors)', () => {
  test('a bad block: EFI_DEVICE_ERROR that says so', () => {
    const world = bench('specification');
    world.unit.script({ to: 0x28, sense: [3, 0x1100] });
    const { disk } = world;
    expect(() => disk.readBlocks(1, 0, new Uint8Array(4096))).toThrow(
      /EFI_DEVICE_ERROR: reading at block 0: .*MEDIUM ERROR.*3.11.00/,
    );
  });

  test('edk2: half the length, down to one block, though each be read', () => {
    const world = bench('edk2');
    world.unit.script({ to: 0x28, sense: [3, 0x1100], times: 2 });
    expect(read(world, 8)).toBe('EFI_SUCCESS');
    expect(pieces(world)).toEqual([
      [8, 8],
      [8, 4],
      [8, 2],
      [10, 6],
    ]);
    world.unit.script({ to: 0x28, sense: [3, 0x1100], times: 4 });
    expect(read(world, 8)).toBe('EFI_DEVICE_ERROR');
    expect(pieces(world).map(([, blocks]) => blocks)).toEqual([8, 4, 2, 1]);
  });

  test.each<[what: string, sense: readonly [number, number]]>([
    ['a recovered error', [1, 0x1700]],
    ['no sense', [0, 0]],
  ])('%s has done what was asked, but for edk2', (_what, sense) => {
    const world = bench('specification');
    const block = new Uint8Array(512).fill(8);
    world.unit.script({ to: 0x28, data: block, sense, length: 512 });
    expect(read(world, 1)).toBe('EFI_SUCCESS');
    const ships = bench('edk2');
    ships.unit.script({ to: 0x28, data: block, sense, length: 512 });
    expect(read(ships, 1)).toBe('EFI_DEVICE_ERROR');
  });

  test.each<[Profile, EfiErrorStatus]>([
    ['specification', 'EFI_WRITE_PROTECTED'],
    ['edk2', 'EFI_DEVICE_ERROR'],
  ])('%s: a unit that refuses to write is %s', (profile, expected) => {
    const { disk, unit } = bench(profile);
    unit.script({ to: 0x2a, sense: [7, 0x2700], times: 2 });
    expect(statusOf(() => disk.writeBlocks(1, 0, new Uint8Array(512)))).toBe(expected);
  });

  test('statuses that nobody knows (ScsiDiskDxe.UnknownStatusIsSuccess)', () => {
    const world = bench('specification');
    world.unit.script({ to: 0x28, status: 0x30 });
    expect(read(world, 1)).toBe('EFI_DEVICE_ERROR');
    const ships = bench('edk2');
    ships.unit.script({ to: 0x28, status: 0x40, length: 512 });
    const buffer = new Uint8Array(512);
    expect(statusOf(() => ships.disk.readBlocks(1, 8, buffer))).toBe('EFI_SUCCESS');
    expect(buffer[0]).toBe(0);
  });
});

describe('how much at once', () => {
  test.each(PROFILES)('%s: what was moved counts, and the rest follows', (profile) => {
    const world = bench(profile);
    world.unit.script({ to: 0x28, length: 1100 });
    expect(read(world, 4)).toBe('EFI_SUCCESS');
    expect(pieces(world)).toEqual([
      [8, 4],
      [10, 2],
    ]);
  });

  test('nothing moved is no progress (ScsiDiskDxe.ShortTransfersRepeated)', () => {
    const world = bench('specification');
    world.unit.script({ to: 0x28, length: 0, times: 1000 });
    expect(read(world, 1)).toBe('EFI_DEVICE_ERROR');
    const ships = bench('edk2');
    ships.unit.script({ to: 0x28, length: 0, times: 1000 });
    expect(read(ships, 1)).toBe('EFI_SUCCESS');
    expect(ships.unit.codes()).toHaveLength(1001);
  });

  test('the unit states a limit (ScsiDiskDxe.TransferLimitsIgnored)', () => {
    const world = bench('specification', { maximumTransferLength: 3 });
    expect(read(world, 7)).toBe('EFI_SUCCESS');
    expect(pieces(world)).toEqual([
      [8, 3],
      [11, 3],
      [14, 1],
    ]);
    const ships = bench('edk2', { maximumTransferLength: 3 });
    expect(read(ships, 7)).toBe('EFI_SUCCESS');
    expect(pieces(ships)).toEqual([[8, 7]]);
  });

  test.each<[Profile, readonly number[]]>([
    ['specification', [2, 2]],
    ['edk2', [4, 2, 2]],
  ])('the channel states a limit (UEFI §15.7.4): %s remembers: %o', (profile, next) => {
    const world = bench(profile);
    const tooLong: ScriptedAnswer = { to: 0x28, throws: 'EFI_BAD_BUFFER_SIZE', length: 1200 };
    world.unit.script(tooLong);
    expect(read(world, 4)).toBe('EFI_SUCCESS');
    expect(pieces(world).map(([, blocks]) => blocks)).toEqual([4, 2, 2]);
    if (profile === 'edk2') world.unit.script(tooLong);
    expect(read(world, 4)).toBe('EFI_SUCCESS');
    expect(pieces(world).map(([, blocks]) => blocks)).toEqual(next);
  });

  test.each(PROFILES)('%s: a channel that cannot move one block', (profile) => {
    const world = bench(profile);
    world.unit.script({ to: 0x28, throws: 'EFI_BAD_BUFFER_SIZE', length: 100, times: 10 });
    expect(read(world, 4)).toBe('EFI_DEVICE_ERROR');
  });

  test.each(PROFILES)('%s: READ (10) counts to 65535', (profile) => {
    const { disk, unit } = bench(profile, { lastLba: 0xf_ffffn });
    unit.bytes = new Uint8Array(512 * 0x1_0000);
    unit.codes();
    disk.readBlocks(1, 0, new Uint8Array(512 * 0x1_0000));
    expect(unit.seen.map(({ cdb }) => [lbaOf(cdb), blocksOf(cdb)])).toEqual([
      [0, 0xffff],
      [0xffff, 1],
    ]);
  });

  test.each(PROFILES)('%s: the slowest interface has time enough', (profile) => {
    const { disk, unit } = bench(profile, { lastLba: 0xf_ffffn });
    unit.bytes = new Uint8Array(8_400_000 + 512 * 64);
    unit.codes();
    disk.readBlocks(1, 0, new Uint8Array(512));
    disk.readBlocks(1, 0, new Uint8Array(8192 * 1026));
    expect(unit.seen.map(({ timeout }) => timeout / 10_000_000)).toEqual([31, 35]);
  });

  test('writing is cut in the same way', () => {
    const { disk, unit } = bench('specification', { maximumTransferLength: 2 });
    unit.codes();
    const data = Uint8Array.from({ length: 5 * 512 }, (_, at) => 100 + (at >> 9));
    disk.writeBlocks(1, 10, data);
    expect(unit.seen.map(({ cdb }) => [lbaOf(cdb), blocksOf(cdb)])).toEqual([
      [10, 2],
      [12, 2],
      [14, 1],
    ]);
    expect(unit.bytes.subarray(5120, 5120 + data.length)).toEqual(data);
  });
});
