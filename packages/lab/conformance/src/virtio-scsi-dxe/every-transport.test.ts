import { SCSI_ASC_POWER_ON_OR_RESET, SCSI_SENSE_UNIT_ATTENTION } from '@dxelab/scsi';
import { ScsiDisk } from '@dxelab/scsi-targets';
import type { EfiExtScsiPassThru } from '@dxelab/uefi';
import { ExtScsiPassThruProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { MemoryBackend, VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { counting } from './counting.fixture.ts';
import { PassThruDisk, reversed } from './pass-thru-disk.fixture.ts';
import { command, ScsiWorld, statusOf, unit } from './scsi-world.fixture.ts';
import type { Plug } from './transports.fixture.ts';
import { EVERY_DRIVER, TRANSPORTS } from './transports.fixture.ts';

const SIZE = 2 ** 20;
/** Of a command. */
const PIECE = SIZE / 4;
const ADDRESS = unit(7, 5);

/** A machine with one SCSI disk, on target 7, LUN 5. */
function worldWith(profile: Profile, plug: Plug, disk: Uint8Array, privateMemory = false) {
  const drive = new ScsiDisk({ backend: new MemoryBackend(disk) });
  const host = new VirtioScsi({ units: [{ target: 7, lun: 5, unit: drive }] });
  const modules = EVERY_DRIVER;
  return new ScsiWorld({ profile, modules, privateMemory, plug: () => plug(host) });
}

/** Every block, there and back. */
function exercise(scsi: EfiExtScsiPassThru, disk: Uint8Array): void {
  const before = disk.slice();
  new PassThruDisk(scsi, ADDRESS).reverse(before, PIECE);
  expect(Buffer.compare(disk, reversed(before, PIECE))).toBe(0);
}

describe.each(PROFILES)('VirtioScsiDxe drives a SCSI disk, %s', (profile) => {
  test.each(TRANSPORTS)('%s: every block, and what is not there is not', (_name, plug) => {
    const disk = counting(SIZE);
    const world = worldWith(profile, plug, disk);
    const scsi = world.open();
    exercise(scsi, disk);
    expect(statusOf(() => scsi.passThru(unit(8), command()))).toBe('EFI_TIMEOUT');

    world.bs.disconnectController(world.only(ExtScsiPassThruProtocol));
    expect(world.has(ExtScsiPassThruProtocol)).toBe(false);
    exercise(world.open(), disk);
    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(world.findings).toEqual([]);
  });

  test.each(TRANSPORTS)('%s: nothing is left behind when it goes', (_name, plug) => {
    const world = worldWith(profile, plug, counting(SIZE));
    const round = (): number => {
      const disk = new PassThruDisk(world.open(), ADDRESS);
      disk.testUnitReady();
      disk.read(0, new Uint8Array(65536));
      world.bs.disconnectController(world.only(ExtScsiPassThruProtocol));
      return world.freePages();
    };
    round();
    expect(round()).toBe(round());
  });
});

describe('private memory: everything that the device reaches was shared with it', () => {
  test.each(TRANSPORTS)('%s', (_name, plug) => {
    const disk = counting(SIZE);
    const world = worldWith('specification', plug, disk, true);
    exercise(world.open(), disk);
    world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    expect(world.findings).toEqual([]);
  });

  test('edk2, over modern PCI', () => {
    const disk = counting(SIZE);
    const world = worldWith('edk2', (device) => new VirtioPciModern(device), disk, true);
    exercise(world.open(), disk);
    expect(world.findings).toEqual([]);
  });
});

describe('a reset by task management', () => {
  test.each<readonly [string, (scsi: EfiExtScsiPassThru) => void]>([
    ['ResetTargetLun', (scsi) => scsi.resetTargetLun(ADDRESS)],
    ['ResetChannel', (scsi) => scsi.resetChannel()],
  ])('%s: the disk reports a unit attention', (_name, reset) => {
    const plug: Plug = (device) => new VirtioPciModern(device);
    const world = worldWith('specification', plug, counting(SIZE));
    const scsi = world.open();
    const disk = new PassThruDisk(scsi, ADDRESS);
    disk.testUnitReady();
    expect(disk.testUnitReady()).toBeUndefined();
    reset(scsi);
    const sense = disk.testUnitReady();
    expect(sense?.key).toBe(SCSI_SENSE_UNIT_ATTENTION);
    expect((sense?.code ?? 0) & 0xff00).toBe(SCSI_ASC_POWER_ON_OR_RESET);
    expect(world.findings).toEqual([]);
  });
});
