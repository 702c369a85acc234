import { describe, expect, test } from 'vitest';
import { command, ScsiWorld, unit } from './scsi-world.fixture.ts';

/** Without values: addresses of rings differ from run to run of another allocator. */
function places(accesses: readonly string[]): readonly string[] {
  return accesses.map((access) => access.replace(/ = .*/, ''));
}

const RING = ['20', '24', '28', '2c', '30', '34'].map((at) => `W32 common+${at}`);

describe('edk2: every register access of OVMF (VirtioScsiDxe over Virtio10Dxe)', () => {
  test('Start: the configuration in its order, one queue, and its own sizes last', () => {
    const world = new ScsiWorld({ profile: 'edk2' });
    const accesses = world.during(() => world.connect());
    expect(places(accesses)).toEqual([
      'W8 common+14',
      'W8 common+14',
      'W8 common+14',
      'W32 common+00',
      'R32 common+04',
      'W32 common+00',
      'R32 common+04',
      'R16 device+1c',
      'R32 device+00',
      'R16 device+1e',
      'R32 device+20',
      'R32 device+08',
      'W32 common+08',
      'W32 common+0c',
      'W32 common+08',
      'W32 common+0c',
      'W8 common+14',
      'R8 common+14',
      'W16 common+16',
      'R16 common+18',
      'R16 common+18',
      ...RING,
      'W16 common+1c',
      'W32 device+18',
      'W32 device+14',
      'W8 common+14',
    ]);
    const statuses = accesses.filter((access) => access.startsWith('W8 common+14'));
    expect(statuses.map((access) => access.slice(-2))).toEqual(['00', '01', '03', '0b', '0f']);
    expect(accesses).toContain('W16 common+16 = 02');
    expect(accesses).toContain('W32 common+0c = 01');
    expect(accesses.slice(-3, -1)).toEqual(['W32 device+18 = 20', 'W32 device+14 = 60']);
  });

  test('PassThru: five accesses a kick, and the notification of queue 2', () => {
    const world = new ScsiWorld({ profile: 'edk2' });
    const scsi = world.open();
    expect(world.during(() => scsi.passThru(unit(0), command()))).toEqual([
      'R16 common+16 = 02',
      'W16 common+16 = 02',
      'R16 common+1e = 02',
      'W16 common+16 = 02',
      'W16 notify+08 = 02',
    ]);
  });

  test('Stop and ExitBootServices: one write of 0, without waiting', () => {
    const world = new ScsiWorld({ profile: 'edk2' });
    const scsi = world.connect();
    expect(world.during(() => world.bs.disconnectController(scsi))).toEqual(['W8 common+14 = 00']);
    world.connect();
    const accesses = world.during(() => {
      world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    });
    expect(accesses).toEqual(['W8 common+14 = 00']);
  });
});

describe('specification', () => {
  test('Start sets the request queue up, then the control queue', () => {
    const world = new ScsiWorld();
    const accesses = world.during(() => world.connect());
    expect(accesses.filter((access) => access.startsWith('W16 common+16'))).toEqual([
      'W16 common+16 = 02',
      'W16 common+16 = 00',
    ]);
    expect(places(accesses).filter((access) => access === 'W16 common+1c')).toHaveLength(2);
  });

  test('PassThru: one access a kick', () => {
    const world = new ScsiWorld();
    const scsi = world.open();
    expect(world.during(() => scsi.passThru(unit(0), command()))).toEqual(['W16 notify+08 = 02']);
  });

  test('Stop waits for the reset (virtio §4.1.4.3.2)', () => {
    const world = new ScsiWorld();
    const scsi = world.connect();
    expect(world.during(() => world.bs.disconnectController(scsi))).toEqual([
      'W8 common+14 = 00',
      'R8 common+14 = 00',
    ]);
  });
});
