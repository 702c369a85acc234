import type { ScsiLogicalUnit } from '@dxelab/scsi-targets';
import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import type {
  EfiExtScsiPassThru,
  EfiExtScsiPassThruMode,
  EfiHandle,
  EfiStatus,
} from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  DiskInfoProtocol,
  EFI_DISK_INFO_SCSI_INTERFACE_GUID,
  EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_LOGICAL,
  EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_PHYSICAL,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  ExtScsiPassThruProtocol,
  ScsiIoProtocol,
  convertTextToDevicePath,
  guid,
  protocolInterface,
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

/** A unit, and the operation codes that it gets. */
class CommandLog {
  readonly world: ScsiDiskWorld;
  #codes: string[] = [];

  constructor(profile: Profile, units: ScsiLogicalUnit) {
    this.world = new ScsiDiskWorld({
      profile,
      units,
      modules: [scsiBusDxe, scsiDiskDxe, virtio10Dxe, virtioScsiDxe],
      scsi: {
        maxTarget: 0,
        maxLun: 0,
        response: ({ cdb }) => {
          const [code = 0, second = 0, third = 0] = cdb;
          const page = code === 0x12 && second === 1 ? `.${third.toString(16)}` : '';
          this.#codes.push(`${code.toString(16).padStart(2, '0')}${page}`);
          return undefined;
        },
      },
    });
  }

  /** From power-on until the unit is a disk. */
  start(): string {
    this.world.connectRoot();
    return this.#take();
  }

  /** Of one read, one write and a flush. */
  use(): string {
    const blockIo = this.world.openOnly(BlockIoProtocol);
    const { blockSize, mediaId, readOnly } = blockIo.media;
    const block = new Uint8Array(blockSize);
    blockIo.readBlocks(mediaId, 0, block);
    if (!readOnly) blockIo.writeBlocks(mediaId, 0, block);
    blockIo.flushBlocks();
    return this.#take();
  }

  #take(): string {
    const codes = this.#codes.join(' ');
    this.#codes = [];
    return codes;
  }
}

describe('the commands of a start and of its use; the second 00 follows a unit attention', () => {
  const backend = (): MemoryBackend => new MemoryBackend(2 ** 20);

  test.each<[what: string, make: () => ScsiLogicalUnit, profile: Profile, string, string]>([
    ['a disk', disk, 'specification', 'a0 12 12 12.0 12.b0 00 00 25 9e 5a', '28 2a 35'],
    ['a disk', disk, 'edk2', '12 1a 12 12.0 12.b0 00 03 25 5a', '28 2a'],
    [
      'a removable disk',
      () => new ScsiDisk({ backend: backend(), removable: true }),
      'specification',
      'a0 12 12 12.0 12.b0 00 00 25 9e 5a',
      '00 28 00 2a 35',
    ],
    [
      'a removable disk',
      () => new ScsiDisk({ backend: backend(), removable: true }),
      'edk2',
      '12 1a 12 12.0 12.b0 00 03 25 5a',
      '00 03 5a 28 00 03 5a 2a',
    ],
    [
      'a CD-ROM',
      () => new ScsiCdRom({ backend: backend() }),
      'specification',
      'a0 12 12 00 00 25',
      '00 28',
    ],
    [
      'a CD-ROM',
      () => new ScsiCdRom({ backend: backend() }),
      'edk2',
      '12 12 00 00 03 25',
      '00 03 28',
    ],
  ])('%s', (_what, make, profile, start, use) => {
    const log = new CommandLog(profile, make());
    expect(log.start()).toBe(start);
    expect(log.use()).toBe(use);
  });
});

/** The channel of a world once more, with other properties, and its units if there are any. */
function otherChannel(world: ScsiDiskWorld, mode: Partial<EfiExtScsiPassThruMode>): EfiHandle {
  const channel = world.open(world.connect(), ExtScsiPassThruProtocol);
  world.bs.disconnectController(world.only(ExtScsiPassThruProtocol), world.image('ScsiBusDxe'));
  const other: EfiExtScsiPassThru = {
    mode: { ...channel.mode, ...mode },
    passThru: (address, packet) => channel.passThru(address, packet),
    getNextTargetLun: (previous) => channel.getNextTargetLun(previous),
    buildDevicePath: (address) => channel.buildDevicePath(address),
    getTargetLun: (node) => channel.getTargetLun(node),
    resetChannel: () => channel.resetChannel(),
    resetTargetLun: (address) => channel.resetTargetLun(address),
    getNextTarget: (previous) => channel.getNextTarget(previous),
  };
  const handle = world.bs.installMultipleProtocolInterfaces(
    undefined,
    protocolInterface(DevicePathProtocol, convertTextToDevicePath('PciRoot(0x0)/Pci(0x9,0x0)')),
    protocolInterface(ExtScsiPassThruProtocol, other),
  );
  world.bs.connectController(handle, undefined, undefined, true);
  return handle;
}

describe.each(PROFILES)('other channels, %s (UEFI §15.7.1)', (profile) => {
  test.each<[attributes: string, value: number, disks: boolean]>([
    ['physical', EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_PHYSICAL, false],
    ['logical', EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_LOGICAL, true],
  ])('of %s units: there are units, and disks: %s', (_attributes, attributes, disks) => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    otherChannel(world, { attributes });
    expect(world.has(ScsiIoProtocol)).toBe(true);
    expect(world.has(BlockIoProtocol)).toBe(disks);
  });

  test('one whose adapter has the id of a target: that one is skipped', () => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    otherChannel(world, { adapterId: 0 });
    expect(world.has(ScsiIoProtocol)).toBe(false);
  });

  test('the alignment that it asks for is that of its disks', () => {
    const world = new ScsiDiskWorld({ profile, units: disk() });
    otherChannel(world, { ioAlign: 64 });
    expect(world.openOnly(BlockIoProtocol).media.ioAlign).toBe(64);
  });
});
