import { describe, expect, test } from 'vitest';
import { BlkWorld } from './blk-world.fixture.ts';

/** As in the golden traces: a disk of 2048 sectors, with topology (exp 3, opt 16) and 128 descriptors. */
const blk = { queueSize: 128, topology: { physicalBlockExp: 3, optIoSize: 16 } };

/** Without values: addresses of rings differ from run to run of another allocator. */
function places(accesses: readonly string[]): readonly string[] {
  return accesses.map((access) => access.replace(/ = .*/, ''));
}

describe('edk2: every register access of OVMF (VirtioBlkDxe over Virtio10Dxe)', () => {
  test('Start', () => {
    const world = new BlkWorld({ profile: 'edk2', blk });
    const accesses = world.during(() => world.connect());
    expect(places(accesses)).toEqual([
      'W8 common+14',
      'W8 common+14',
      'W8 common+14',
      'W32 common+00',
      'R32 common+04',
      'W32 common+00',
      'R32 common+04',
      'R32 device+00',
      'R32 device+04',
      'R32 device+14',
      'R8 device+18',
      'R8 device+19',
      'R32 device+1c',
      'W32 common+08',
      'W32 common+0c',
      'W32 common+08',
      'W32 common+0c',
      'W8 common+14',
      'R8 common+14',
      'W16 common+16',
      'R16 common+18',
      'R16 common+18',
      ...['20', '24', '28', '2c', '30', '34'].map((at) => `W32 common+${at}`),
      'W16 common+1c',
      'W8 common+14',
    ]);
    const statuses = accesses.filter((access) => access.startsWith('W8 common+14'));
    expect(statuses.map((access) => access.slice(-2))).toEqual(['00', '01', '03', '0b', '0f']);
    expect(accesses).toContain('W32 common+0c = 640');
  });

  test('ReadBlocks: five accesses a kick', () => {
    const world = new BlkWorld({ profile: 'edk2', blk });
    const disk = world.open();
    const accesses = world.during(() => disk.readBlocks(0, 8, new Uint8Array(1024)));
    expect(accesses).toEqual([
      'R16 common+16 = 00',
      'W16 common+16 = 00',
      'R16 common+1e = 00',
      'W16 common+16 = 00',
      'W16 notify+00 = 00',
    ]);
  });

  test('Stop: one write of 0, without waiting', () => {
    const world = new BlkWorld({ profile: 'edk2', blk });
    const disk = world.connect();
    const accesses = world.during(() => world.bs.disconnectController(disk));
    expect(accesses).toEqual(['W8 common+14 = 00']);
  });

  test('ExitBootServices: one write of 0', () => {
    const world = new BlkWorld({ profile: 'edk2', blk });
    world.connect();
    const accesses = world.during(() => {
      world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    });
    expect(accesses).toEqual(['W8 common+14 = 00']);
  });
});

describe('specification: what the standard asks for', () => {
  test('a reset is waited for (virtio §4.1.4.3.2)', () => {
    const world = new BlkWorld({ blk });
    const disk = world.connect();
    const accesses = world.during(() => world.bs.disconnectController(disk));
    expect(accesses).toEqual(['W8 common+14 = 00', 'R8 common+14 = 00']);
  });

  test('a 64-bit field is read between two looks at config_generation (§2.5.1)', () => {
    const world = new BlkWorld({ blk });
    const accesses = places(world.during(() => world.connect()));
    const capacity = accesses.indexOf('R32 device+00');
    expect(accesses.slice(capacity - 1, capacity + 3)).toEqual([
      'R8 common+15',
      'R32 device+00',
      'R32 device+04',
      'R8 common+15',
    ]);
  });

  test('ReadBlocks: one access a kick', () => {
    const world = new BlkWorld({ blk });
    const disk = world.open();
    const accesses = world.during(() => disk.readBlocks(0, 8, new Uint8Array(1024)));
    expect(accesses).toEqual(['W16 notify+00 = 00']);
  });
});
