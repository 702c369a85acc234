import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import type { EfiExtScsiPassThru, EfiHandle, EfiStatus } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EfiError,
  ExtScsiPassThruProtocol,
  ScsiIoProtocol,
  convertTextToDevicePath,
  devicePath,
  guid,
  protocolInterface,
} from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { scsiBusDxe } from '@dxelab/scsi-bus-dxe';
import type { VirtioScsiUnit } from '@dxelab/virtio-devices';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioScsiDxe } from '@dxelab/virtio-scsi-dxe';
import { describe, expect, test } from 'vitest';
import { ScsiDiskWorld, statusOf } from '../scsi-disk-dxe/disk-world.fixture.ts';

const MODULES: readonly DxeModule[] = [scsiBusDxe, virtio10Dxe, virtioScsiDxe];
const disk = (): ScsiDisk => new ScsiDisk({ backend: new MemoryBackend(2 ** 20) });
const FIRST = 'Scsi(0x0,0x0)';
const SECOND = 'Scsi(0x3,0x7)';

const twoUnits = (): readonly VirtioScsiUnit[] => [
  { target: 0, lun: 0, unit: disk() },
  { target: 3, lun: 7, unit: new ScsiCdRom() },
];

/** A world whose channel is there, with nobody on it but ScsiBusDxe, if that. */
function world(profile: Profile, units: readonly VirtioScsiUnit[] = twoUnits()): ScsiDiskWorld {
  return new ScsiDiskWorld({ profile, units, modules: MODULES });
}

/** The channel of a world whose units were taken away again. */
function unscanned(scsi: ScsiDiskWorld): EfiHandle {
  const channel = scsi.connect();
  scsi.bs.disconnectController(channel, scsi.image('ScsiBusDxe'));
  return channel;
}

function handleOf(scsi: ScsiDiskWorld, path: string): EfiHandle {
  const handle = scsi.below(ScsiIoProtocol).get(path);
  if (handle === undefined) throw new TypeError(`${path} is not there`);
  return handle;
}

const paths = (scsi: ScsiDiskWorld): readonly string[] => [...scsi.below(ScsiIoProtocol).keys()];
const SCSI_BUS = ['DevicePath 10 ScsiBusDxe', 'ExtScsiPassThru 10 ScsiBusDxe'];

describe.each(PROFILES)('ScsiBusDxe, %s: Start and Stop (UEFI §11.1)', (profile) => {
  test('a handle for each unit: device path and ScsiIo', () => {
    const scsi = world(profile);
    scsi.connect();
    expect(paths(scsi)).toEqual([FIRST, SECOND]);
    for (const [path, type] of [
      [FIRST, 0],
      [SECOND, 5],
    ] as const) {
      const handle = handleOf(scsi, path);
      expect(scsi.protocolsOn(handle)).toEqual(['DevicePath', 'ScsiIo']);
      expect(scsi.open(handle, ScsiIoProtocol).getDeviceType()).toBe(type);
    }
    const { lun, target } = scsi.open(handleOf(scsi, SECOND), ScsiIoProtocol).getDeviceLocation();
    expect([target[0], lun]).toEqual([3, 7]);
    expect(scsi.findings).toEqual([]);
  });

  test('the channel is held BY_DRIVER, and BY_CHILD_CONTROLLER for each unit', () => {
    const scsi = world(profile);
    const channel = scsi.connect();
    const children = ['ExtScsiPassThru 8 ScsiBusDxe', 'ExtScsiPassThru 8 ScsiBusDxe'];
    expect(scsi.opens(channel).filter((open) => open.endsWith('ScsiBusDxe'))).toEqual([
      ...SCSI_BUS,
      ...children,
    ]);
  });

  test('disconnected, nothing is left; connected again, all is there', () => {
    const scsi = world(profile);
    const channel = unscanned(scsi);
    expect(paths(scsi)).toEqual([]);
    expect(scsi.opens(channel).filter((open) => open.endsWith('ScsiBusDxe'))).toEqual([]);
    scsi.bs.connectController(channel);
    expect(paths(scsi)).toEqual([FIRST, SECOND]);
  });

  test('an End node: the driver starts, and looks for nothing (UEFI §7.3.12)', () => {
    const scsi = world(profile);
    const channel = unscanned(scsi);
    scsi.bs.connectController(channel, undefined, devicePath());
    expect(paths(scsi)).toEqual([]);
    expect(scsi.opens(channel).filter((open) => open.endsWith('ScsiBusDxe'))).toEqual(SCSI_BUS);
    scsi.bs.connectController(channel);
    expect(paths(scsi)).toEqual([FIRST, SECOND]);
  });

  test('a SCSI node: one unit; then the other; then both again do no harm', () => {
    const scsi = world(profile);
    const channel = unscanned(scsi);
    const connect = (path?: string): void => {
      const remaining = path === undefined ? undefined : convertTextToDevicePath(path);
      scsi.bs.connectController(channel, undefined, remaining);
    };
    connect(SECOND);
    expect(paths(scsi)).toEqual([SECOND]);
    connect(FIRST);
    connect(SECOND);
    expect(paths(scsi)).toEqual([SECOND, FIRST]);
    connect();
    expect(paths(scsi)).toEqual([SECOND, FIRST]);
  });

  test('a node that is none of the channel is not supported', () => {
    const scsi = world(profile);
    const channel = unscanned(scsi);
    const binding = scsi.binding('ScsiBusDxe');
    const supported = (path: string): EfiStatus =>
      binding.supported(channel, convertTextToDevicePath(path));
    expect(supported('Pci(0x1,0x0)')).toBe('EFI_UNSUPPORTED');
    expect(supported('Scsi(0x0,0x7)')).toBe('EFI_SUCCESS');
    expect(supported('Scsi(0x1000,0x0)')).toBe('EFI_NOT_FOUND');
    expect(binding.supported(scsi.image('ScsiBusDxe'))).toBe('EFI_UNSUPPORTED');
    expect(scsi.opens(channel).filter((open) => open.endsWith('ScsiBusDxe'))).toEqual([]);
  });

  test('a unit in use stays, and so does the channel', () => {
    const scsi = world(profile);
    const channel = scsi.connect();
    const handle = handleOf(scsi, FIRST);
    const { bs, core } = scsi;
    bs.openProtocol(handle, ScsiIoProtocol, core.labImage, handle, EFI_OPEN_PROTOCOL_BY_DRIVER);
    expect(statusOf(() => bs.disconnectController(channel, scsi.image('ScsiBusDxe')))).not.toBe(
      'EFI_SUCCESS',
    );
    expect(paths(scsi)).toEqual([FIRST]);
    expect(scsi.opens(channel).filter((open) => open.endsWith('ScsiBusDxe'))).toEqual([
      ...SCSI_BUS,
      'ExtScsiPassThru 8 ScsiBusDxe',
    ]);
    bs.closeProtocol(handle, ScsiIoProtocol, core.labImage, handle);
    bs.disconnectController(channel, scsi.image('ScsiBusDxe'));
    expect(paths(scsi)).toEqual([]);
  });

  test('one child of several is stopped', () => {
    const scsi = world(profile);
    const channel = scsi.connect();
    scsi.bs.disconnectController(channel, scsi.image('ScsiBusDxe'), handleOf(scsi, FIRST));
    expect(paths(scsi)).toEqual([SECOND]);
    scsi.bs.connectController(channel);
    expect(paths(scsi)).toEqual([SECOND, FIRST]);
  });

  test('a unit whose device path is taken gets no second handle', () => {
    const scsi = world(profile);
    const channel = unscanned(scsi);
    const above = scsi.open(channel, DevicePathProtocol);
    const taken = new Uint8Array([...above.subarray(0, -4), ...convertTextToDevicePath(FIRST)]);
    scsi.bs.installProtocolInterface(undefined, DevicePathProtocol, taken);
    scsi.bs.connectController(channel);
    expect(paths(scsi)).toEqual([SECOND]);
  });

  test('an empty channel is managed, and has no children', () => {
    const scsi = world(profile, []);
    const channel = scsi.connect();
    expect(paths(scsi)).toEqual([]);
    expect(scsi.opens(channel).filter((open) => open.endsWith('ScsiBusDxe'))).toEqual(SCSI_BUS);
  });

  test('a unit that is plugged later is found by the next connect', () => {
    const scsi = world(profile);
    const channel = scsi.connect();
    scsi.device.plug(0, 3, disk());
    scsi.bs.connectController(channel);
    expect(paths(scsi)).toEqual([FIRST, SECOND, 'Scsi(0x0,0x3)']);
    expect(scsi.findings).toEqual([]);
  });

  test('Stop refuses to let go of a channel with units, and of handles that are none', () => {
    const scsi = world(profile);
    const channel = scsi.connect();
    const binding = scsi.binding('ScsiBusDxe');
    expect(statusOf(() => binding.stop(channel, []))).toBe('EFI_DEVICE_ERROR');
    expect(statusOf(() => binding.stop(channel, [channel]))).toBe('EFI_DEVICE_ERROR');
    expect(paths(scsi)).toEqual([FIRST, SECOND]);
  });

  test('a Start that runs out of resources leaves nothing behind', () => {
    const scsi = world(profile);
    const real = scsi.open(unscanned(scsi), ExtScsiPassThruProtocol);
    const poor: EfiExtScsiPassThru = {
      mode: real.mode,
      passThru: (address, packet) => real.passThru(address, packet),
      getNextTargetLun: (previous) => real.getNextTargetLun(previous),
      buildDevicePath: (address) => {
        if (address.lun === 7) throw new EfiError('EFI_OUT_OF_RESOURCES', 'no memory for a node');
        return real.buildDevicePath(address);
      },
      getTargetLun: (node) => real.getTargetLun(node),
      resetChannel: () => real.resetChannel(),
      resetTargetLun: (address) => real.resetTargetLun(address),
      getNextTarget: (previous) => real.getNextTarget(previous),
    };
    const channel = scsi.bs.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(DevicePathProtocol, convertTextToDevicePath('PciRoot(0x0)/Pci(0x9,0x0)')),
      protocolInterface(ExtScsiPassThruProtocol, poor),
    );
    const start = statusOf(() => scsi.binding('ScsiBusDxe').start(channel));
    expect(start).toBe('EFI_OUT_OF_RESOURCES');
    expect(scsi.has(ScsiIoProtocol)).toBe(false);
    expect(scsi.opens(channel)).toEqual([]);
  });

  test('a channel without a device path is not started', () => {
    const scsi = world(profile);
    const real = scsi.open(unscanned(scsi), ExtScsiPassThruProtocol);
    const bare = scsi.bs.installProtocolInterface(undefined, ExtScsiPassThruProtocol, real);
    expect(statusOf(() => scsi.binding('ScsiBusDxe').start(bare))).toBe('EFI_UNSUPPORTED');
    expect(scsi.opens(bare)).toEqual([]);
  });

  test('its name is that of EDK II', () => {
    const scsi = world(profile);
    const { fileGuid, name } = scsiBusDxe;
    expect([name, fileGuid]).toEqual(['ScsiBusDxe', guid('0167ccc4-d0f7-4f21-a3ef-9e64b7cdce8b')]);
    expect(scsi.binding('ScsiBusDxe').version).toBe(0xa);
  });
});

describe('a unit that is named, and is not there (ScsiBusDxe.MissingChildForgiven)', () => {
  test.each<[Profile, EfiStatus, readonly string[]]>([
    ['specification', 'EFI_NOT_FOUND', []],
    ['edk2', 'EFI_SUCCESS', SCSI_BUS],
  ])('%s: Start is %s, open are %o', (profile, status, open) => {
    const scsi = world(profile);
    const channel = unscanned(scsi);
    const missing = convertTextToDevicePath('Scsi(0x1,0x1)');
    expect(statusOf(() => scsi.binding('ScsiBusDxe').start(channel, missing))).toBe(status);
    expect(scsi.opens(channel).filter((each) => each.endsWith('ScsiBusDxe'))).toEqual(open);
  });
});

describe('the largest channel (ScsiBusDxe.ProbesEveryLun)', () => {
  const corners = (): readonly VirtioScsiUnit[] => [
    { target: 0, lun: 0, unit: disk() },
    { target: 40, lun: 255, unit: disk() },
    { target: 40, lun: 256, unit: disk() },
    { target: 255, lun: 16383, unit: disk() },
  ];

  test('specification: 256 targets with 16384 LUNs each are asked which they have', () => {
    const scsi = world('specification', corners());
    scsi.connect();
    expect(paths(scsi)).toEqual([
      'Scsi(0x0,0x0)',
      'Scsi(0x28,0xff)',
      'Scsi(0x28,0x100)',
      'Scsi(0xff,0x3fff)',
    ]);
  });

  test('edk2: every LUN that OVMF allows is asked, which are 256', () => {
    const scsi = world('edk2', corners());
    scsi.connect();
    expect(paths(scsi)).toEqual(['Scsi(0x0,0x0)']);
  });

  test('ten LUNs of one target', () => {
    const units = Array.from({ length: 10 }, (_, lun) => ({ target: 2, lun, unit: disk() }));
    const scsi = new ScsiDiskWorld({ units });
    scsi.connect();
    expect(scsi.below(BlockIoProtocol).size).toBe(10);
    expect(scsi.has(ExtScsiPassThruProtocol)).toBe(true);
  });
});
