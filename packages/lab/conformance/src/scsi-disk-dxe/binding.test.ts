import type { ScsiLogicalUnit } from '@dxelab/scsi-targets';
import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import type { EfiHandle, EfiStatus } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DiskInfoProtocol,
  EFI_DISK_INFO_SCSI_INTERFACE_GUID,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  ExtScsiPassThruProtocol,
  ScsiIoProtocol,
  guid,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { scsiBusDxe } from '@dxelab/scsi-bus-dxe';
import { scsiDiskDxe } from '@dxelab/scsi-disk-dxe';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioScsiDxe } from '@dxelab/virtio-scsi-dxe';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { ScsiDiskWorld, numbered, statusOf } from './disk-world.fixture.ts';

const disk = (): ScsiDisk => new ScsiDisk({ backend: new MemoryBackend(numbered(2 ** 20)) });

/** The one unit of a world. */
function unitOf(world: ScsiDiskWorld): EfiHandle {
  world.connect();
  return world.only(ScsiIoProtocol);
}

describe.each(PROFILES)('ScsiDiskDxe, %s: Start and Stop (UEFI §11.1)', (profile) => {
  test.each<[string, () => ScsiLogicalUnit]>([
    ['a disk', disk],
    ['a CD-ROM drive', () => new ScsiCdRom({ backend: new MemoryBackend(2 ** 20) })],
    ['an empty CD-ROM drive', () => new ScsiCdRom()],
    ['an empty removable disk', () => new ScsiDisk({ backend: undefined, removable: true })],
  ])('%s: BlockIo and DiskInfo on the handle of its ScsiIo', (_what, make) => {
    const world = new ScsiDiskWorld({ profile, units: make() });
    const unit = unitOf(world);
    expect(world.protocolsOn(unit)).toEqual([
      'BlockIo',
      'DevicePath',
      'DiskInfo',
      'DiskIo',
      'ScsiIo',
    ]);
    expect(world.opens(unit)).toContain('ScsiIo 10 ScsiDiskDxe');
  });

  test('stopped, all is as it was; started again, too', () => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    const unit = unitOf(world);
    const image = world.image('ScsiDiskDxe');
    world.bs.disconnectController(unit, image);
    expect(world.protocolsOn(unit)).toEqual(['DevicePath', 'ScsiIo']);
    expect(world.opens(unit)).toEqual([]);
    world.bs.connectController(unit);
    expect(world.has(BlockIoProtocol)).toBe(true);
  });

  test('a disk in use is not stopped', () => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    const unit = unitOf(world);
    const { bs, core } = world;
    bs.disconnectController(unit, world.image('DiskIoDxe'));
    bs.openProtocol(unit, BlockIoProtocol, core.labImage, unit, EFI_OPEN_PROTOCOL_BY_DRIVER);
    expect(statusOf(() => world.binding('ScsiDiskDxe').stop(unit, []))).toBe(
      'EFI_INVALID_PARAMETER',
    );
    expect(world.opens(unit)).toContain('ScsiIo 10 ScsiDiskDxe');
    bs.closeProtocol(unit, BlockIoProtocol, core.labImage, unit);
    world.binding('ScsiDiskDxe').stop(unit, []);
    expect(world.opens(unit)).toEqual([]);
  });

  test('a BlockIo that is none of its own is not stopped', () => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    const blockIo = world.openDisk();
    const handle = world.bs.installProtocolInterface(undefined, BlockIoProtocol, {
      ...blockIo,
      reset() {},
      readBlocks() {},
      writeBlocks() {},
      flushBlocks() {},
    });
    expect(statusOf(() => world.binding('ScsiDiskDxe').stop(handle, []))).toBe('EFI_DEVICE_ERROR');
  });

  test('Supported: disks and CD-ROMs that nobody has', () => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    const unit = unitOf(world);
    const binding = world.binding('ScsiDiskDxe');
    expect(binding.supported(unit)).toBe('EFI_ALREADY_STARTED');
    world.bs.disconnectController(unit, world.image('ScsiDiskDxe'));
    expect(binding.supported(unit)).toBe('EFI_SUCCESS');
    expect(world.opens(unit)).toEqual([]);
    expect(binding.supported(world.only(ExtScsiPassThruProtocol))).toBe('EFI_UNSUPPORTED');
  });

  test.each<[type: number, expected: EfiStatus]>([
    [0x00, 'EFI_SUCCESS'],
    [0x01, 'EFI_UNSUPPORTED'],
    [0x05, 'EFI_SUCCESS'],
    [0x07, 'EFI_UNSUPPORTED'],
    [0x0e, 'EFI_UNSUPPORTED'],
    [0x1e, profile === 'edk2' ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED'],
    [0x1f, 'EFI_UNSUPPORTED'],
  ])('Supported of device type %d is %s (ScsiDiskDxe.WellKnownUnitsStarted)', (type, expected) => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    const scsiIo = world.open(unitOf(world), ScsiIoProtocol);
    const other = world.bs.installProtocolInterface(undefined, ScsiIoProtocol, {
      ioAlign: 0,
      getDeviceType: () => type,
      getDeviceLocation: () => scsiIo.getDeviceLocation(),
      resetBus() {},
      resetDevice() {},
      executeScsiCommand: (packet) => scsiIo.executeScsiCommand(packet),
    });
    expect(world.binding('ScsiDiskDxe').supported(other)).toBe(expected);
  });

  test('a unit whose channel is not known has no logical blocks (PhysicalChannelStarts)', () => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    const scsiIo = world.open(unitOf(world), ScsiIoProtocol);
    const orphan = world.bs.installProtocolInterface(undefined, ScsiIoProtocol, {
      ioAlign: 0,
      getDeviceType: () => 0,
      getDeviceLocation: () => scsiIo.getDeviceLocation(),
      resetBus() {},
      resetDevice() {},
      executeScsiCommand: (packet) => scsiIo.executeScsiCommand(packet),
    });
    const started = statusOf(() => world.binding('ScsiDiskDxe').start(orphan));
    expect(started).toBe(profile === 'edk2' ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED');
    expect(world.protocolsOn(orphan)).toEqual(['ScsiIo']);
    expect(world.opens(orphan)).toEqual([]);
  });

  test('DiskInfo has INQUIRY data, and nothing else (PI Vol. 5 §15.2)', () => {
    const units = new ScsiDisk({
      backend: new MemoryBackend(2 ** 20),
      vendor: 'ACME',
      product: 'Anvil',
    });
    const world = new ScsiDiskWorld({ profile, units });
    const info = world.open(unitOf(world), DiskInfoProtocol);
    expect(info.interface).toBe(EFI_DISK_INFO_SCSI_INTERFACE_GUID);
    expect(info.inquiry()).toHaveLength(96);
    expect(Buffer.from(info.inquiry()).toString('latin1', 8, 21)).toBe('ACME    Anvil');
    expect(statusOf(() => info.identify())).toBe('EFI_NOT_FOUND');
    expect(statusOf(() => info.senseData())).toBe('EFI_NOT_FOUND');
    expect(statusOf(() => info.whichIde())).toBe('EFI_UNSUPPORTED');
  });

  test('its name is that of EDK II', () => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    expect(scsiDiskDxe.fileGuid).toBe(guid('0a66e322-3740-4cce-ad62-bd172cecca35'));
    expect(world.binding('ScsiDiskDxe').version).toBe(0xa);
  });
});

/** The operation codes that a unit gets from power-on until it is a disk. */
function commandsOfStart(profile: Profile, units: ScsiLogicalUnit): string {
  const codes: string[] = [];
  const world = new ScsiDiskWorld({
    profile,
    units,
    modules: [scsiBusDxe, scsiDiskDxe, virtio10Dxe, virtioScsiDxe],
    scsi: {
      maxTarget: 0,
      maxLun: 0,
      response: ({ cdb }) => {
        const [code = 0, second = 0, third = 0] = cdb;
        const page = code === 0x12 && second === 1 ? `.${third.toString(16)}` : '';
        codes.push(`${code.toString(16).padStart(2, '0')}${page}`);
        return undefined;
      },
    },
  });
  world.connectRoot();
  return codes.join(' ');
}

describe('the commands of a start, the second TEST UNIT READY after a unit attention', () => {
  test('a disk', () => {
    expect(commandsOfStart('specification', disk())).toBe('a0 12 12 12.0 12.b0 00 00 25 9e 5a');
    expect(commandsOfStart('edk2', disk())).toBe('12 1a 12 12.0 12.b0 00 03 25 5a');
  });

  test('a CD-ROM', () => {
    const cd = (): ScsiCdRom => new ScsiCdRom({ backend: new MemoryBackend(2 ** 20) });
    expect(commandsOfStart('specification', cd())).toBe('a0 12 12 00 00 25');
    expect(commandsOfStart('edk2', cd())).toBe('12 12 00 00 03 25');
  });
});
