import type { QemuVirtioOptions } from '@dxelab/qemu-machine';
import { qemuVirtioScsi } from '@dxelab/qemu-machine';
import { SCSI_ASC_POWER_ON_OR_RESET, SCSI_SENSE_UNIT_ATTENTION } from '@dxelab/scsi';
import type { EfiExtScsiPassThru } from '@dxelab/uefi';
import { ExtScsiPassThruProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { VIRTIO_RING_FEATURES } from '@dxelab/virtio-lib';
import { virtioScsiDxeWith } from '@dxelab/virtio-scsi-dxe';
import { describe, expect, test } from 'vitest';
import { ImageFile } from '../qemu-machine/image-file.fixture.ts';
import { QemuWorld, whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import type { TransportOnQemu } from '../qemu-machine/transports.fixture.ts';
import { TRANSPORTS } from '../qemu-machine/transports.fixture.ts';
import { counting } from './counting.fixture.ts';
import { PassThruDisk, reversed } from './pass-thru-disk.fixture.ts';
import { command, statusOf, unit } from './scsi-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const SIZE = 2 ** 18;
/** Of a command. */
const PIECE = SIZE / 4;
const ADDRESS = unit(7, 5);
const ALL = TRANSPORTS.map((transport) => [transport.name, transport] as const);

/**
 * A firmware with one SCSI disk, up to EFI_EXT_SCSI_PASS_THRU_PROTOCOL and no further.
 * @param ring of QEMU's properties: the driver then asks for all that its rings can be
 */
function worldWith(
  profile: Profile,
  on: TransportOnQemu,
  { path }: ImageFile,
  ring?: QemuVirtioOptions['properties'],
): QemuWorld {
  const image = { path, access: 'write' } as const;
  const units = [{ type: 'disk', target: 7, lun: 5, image }] as const;
  const properties = ring === undefined ? {} : { properties: ring };
  const devices = [qemuVirtioScsi({ ...on.transport, ...properties, units })];
  const wants = { wants: VIRTIO_RING_FEATURES, lengthWithoutWrite: true };
  const drivers = ring === undefined ? [] : [virtioScsiDxeWith({ ring: wants })];
  const without = ['ScsiBusDxe', ...drivers.map(({ name }) => name)];
  return new QemuWorld({ ...on.machine, profile, devices, drivers, without }).connect();
}

/** Every ring that QEMU has. */
const SWITCH = [true, false];
const RINGS = SWITCH.flatMap((packed) =>
  SWITCH.flatMap((event_idx) =>
    SWITCH.map((indirect_desc) => ({ packed, event_idx, indirect_desc })),
  ),
);

describe.skipIf(skip !== undefined)(
  `EFI_EXT_SCSI_PASS_THRU_PROTOCOL on QEMU's own virtio-scsi (virtio §5.6) ${skip ?? ''}`,
  () => {
    describe.for(PROFILES)('%s', (profile) => {
      test.for(ALL)('%s: every block, there and back, and stopped again', ([, on]) => {
        const before = counting(SIZE);
        using file = new ImageFile(before);
        using world = worldWith(profile, on, file);
        const scsi = world.open(ExtScsiPassThruProtocol);
        new PassThruDisk(scsi, ADDRESS).reverse(before, PIECE);
        expect(Buffer.compare(file.bytes, reversed(before, PIECE))).toBe(0);
        expect(statusOf(() => scsi.passThru(unit(8), command()))).toBe('EFI_TIMEOUT');

        const [handle] = world.handlesWith(ExtScsiPassThruProtocol);
        if (handle === undefined) throw new TypeError('there is no SCSI host');
        world.bs.disconnectController(handle);
        expect(world.handlesWith(ExtScsiPassThruProtocol)).toEqual([]);
        world.bs.connectController(handle);
        const again = new PassThruDisk(world.open(ExtScsiPassThruProtocol), ADDRESS);
        again.testUnitReady();
        again.read(0, new Uint8Array(512));
        world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
      });
    });

    describe.for(RINGS)(
      'packed=$packed,event_idx=$event_idx,indirect_desc=$indirect_desc',
      (ring) => {
        test.for(ALL)('%s: every block, there and back, and a reset', ([, on]) => {
          const before = counting(SIZE);
          using file = new ImageFile(before);
          using world = worldWith('specification', on, file, ring);
          const scsi = world.open(ExtScsiPassThruProtocol);
          const disk = new PassThruDisk(scsi, ADDRESS);
          disk.reverse(before, PIECE / 8);
          expect(Buffer.compare(file.bytes, reversed(before, PIECE / 8))).toBe(0);
          expect(statusOf(() => scsi.passThru(unit(8), command()))).toBe('EFI_TIMEOUT');
          scsi.resetTargetLun(ADDRESS);
          expect(disk.testUnitReady()?.key).toBe(SCSI_SENSE_UNIT_ATTENTION);
          world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
        });
      },
    );

    test.for<readonly [string, (scsi: EfiExtScsiPassThru) => void]>([
      ['ResetTargetLun', (scsi) => scsi.resetTargetLun(ADDRESS)],
      ['ResetChannel', (scsi) => scsi.resetChannel()],
    ])('%s: the disk reports a unit attention', ([, reset]) => {
      using file = new ImageFile(counting(SIZE));
      const [, modern] = TRANSPORTS;
      if (modern === undefined) throw new TypeError('PCI modern is one of them');
      using world = worldWith('specification', modern, file);
      const scsi = world.open(ExtScsiPassThruProtocol);
      const disk = new PassThruDisk(scsi, ADDRESS);
      disk.testUnitReady();
      expect(disk.testUnitReady()).toBeUndefined();
      reset(scsi);
      const sense = disk.testUnitReady();
      expect(sense?.key).toBe(SCSI_SENSE_UNIT_ATTENTION);
      expect((sense?.code ?? 0) & 0xff00).toBe(SCSI_ASC_POWER_ON_OR_RESET);
    });

    test('ResetTargetLun of a unit that is not there', () => {
      using file = new ImageFile(counting(SIZE));
      const [, modern] = TRANSPORTS;
      if (modern === undefined) throw new TypeError('PCI modern is one of them');
      using world = worldWith('specification', modern, file);
      const scsi = world.open(ExtScsiPassThruProtocol);
      expect(statusOf(() => scsi.resetTargetLun(unit(7, 6)))).toBe('EFI_INVALID_PARAMETER');
      expect(statusOf(() => scsi.resetTargetLun(unit(8)))).toBe('EFI_INVALID_PARAMETER');
    });
  },
);
