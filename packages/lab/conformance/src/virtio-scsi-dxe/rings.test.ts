import { SCSI_ASC_POWER_ON_OR_RESET, SCSI_SENSE_UNIT_ATTENTION } from '@dxelab/scsi';
import { ScsiDisk } from '@dxelab/scsi-targets';
import type { EfiExtScsiPassThru } from '@dxelab/uefi';
import { ExtScsiPassThruProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { RingOptions } from '@dxelab/virtio-devices';
import { MemoryBackend, VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';
import { virtioScsiDxeWith } from '@dxelab/virtio-scsi-dxe';
import { describe, expect, test } from 'vitest';
import { isLegacy, ringOn, RINGS } from '../virtio-lib/rings.fixture.ts';
import { counting } from './counting.fixture.ts';
import { PassThruDisk, reversed } from './pass-thru-disk.fixture.ts';
import { command, ScsiWorld, statusOf, unit } from './scsi-world.fixture.ts';
import type { Plug } from './transports.fixture.ts';
import { EVERY_DRIVER, TRANSPORTS } from './transports.fixture.ts';

const SIZE = 2 ** 18;
/** Of a command. */
const PIECE = 2 ** 13;
const ADDRESS = unit(7, 5);

/** A machine with one SCSI disk behind a driver that asks for all that its rings can be. */
function worldWith(
  profile: Profile,
  [name, plug]: readonly [string, Plug],
  offered: RingOptions,
  disk: Uint8Array,
): ScsiWorld {
  const drive = new ScsiDisk({ backend: new MemoryBackend(disk) });
  const host = new VirtioScsi({ units: [{ target: 7, lun: 5, unit: drive }] });
  const driver = virtioScsiDxeWith({ ring: ringOn(name, profile) });
  const modules = EVERY_DRIVER.map((other) => (other.name === driver.name ? driver : other));
  const options = isLegacy(name) ? {} : { ring: offered };
  return new ScsiWorld({ profile, modules, plug: () => plug(host, options) });
}

describe.each(PROFILES)('VirtioScsiDxe on the rings that were negotiated, %s', (profile) => {
  describe.each(TRANSPORTS)('%s', (...transport) => {
    test.each(RINGS)('%s: every block, a reset, and the same again', (_ring, offered) => {
      const disk = counting(SIZE);
      const before = disk.slice();
      const world = worldWith(profile, transport, offered, disk);
      const scsi = world.open();
      const drive = new PassThruDisk(scsi, ADDRESS);
      drive.reverse(before, PIECE);
      expect(Buffer.compare(disk, reversed(before, PIECE))).toBe(0);
      expect(statusOf(() => scsi.passThru(unit(8), command()))).toBe('EFI_TIMEOUT');

      world.bs.disconnectController(world.only(ExtScsiPassThruProtocol));
      const again = disk.slice();
      new PassThruDisk(world.open(), ADDRESS).reverse(again, PIECE);
      expect(Buffer.compare(disk, reversed(again, PIECE))).toBe(0);
      world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
      expect(world.findings).toEqual([]);
    });
  });
});

describe.each(RINGS)('task management on a control queue, %s', (_ring, offered) => {
  test.each<readonly [string, (scsi: EfiExtScsiPassThru) => void]>([
    ['ResetTargetLun', (scsi) => scsi.resetTargetLun(ADDRESS)],
    ['ResetChannel', (scsi) => scsi.resetChannel()],
  ])('%s', (_name, reset) => {
    const plug: Plug = (device, options) => new VirtioPciModern(device, options);
    const world = worldWith('specification', ['PCI modern', plug], offered, counting(SIZE));
    const scsi = world.open();
    const drive = new PassThruDisk(scsi, ADDRESS);
    // enough of them for the queue to wrap
    for (let round = 0; round < 40; round++) {
      drive.testUnitReady();
      expect(drive.testUnitReady()).toBeUndefined();
      reset(scsi);
      const sense = drive.testUnitReady();
      expect(sense?.key).toBe(SCSI_SENSE_UNIT_ATTENTION);
      expect((sense?.code ?? 0) & 0xff00).toBe(SCSI_ASC_POWER_ON_OR_RESET);
    }
    expect(world.findings).toEqual([]);
  });
});
