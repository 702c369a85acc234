import {
  ComponentName2Protocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  PciIoProtocol,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { describe, expect, test } from 'vitest';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';
import { LegacyFunction } from './legacy-function.fixture.ts';

const DRIVER = 'VirtioPciDeviceDxe';

/** A world in which the function is enumerated, and the driver not connected. */
function enumerated(profile: Profile): VirtioWorld {
  const modules = [virtioPciDeviceDxe];
  const world = new VirtioWorld(new LegacyFunction(), { modules, profile });
  world.connectRoot(false);
  return world;
}

/** Who has opened PciIo as a driver. */
function drivers({ bs, function: func }: VirtioWorld): readonly unknown[] {
  return bs
    .openProtocolInformation(func, PciIoProtocol)
    .filter(({ attributes }) => attributes === EFI_OPEN_PROTOCOL_BY_DRIVER);
}

function attributesOf({ bs, core, function: func }: VirtioWorld): number {
  const how = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
  return bs.openProtocol(func, PciIoProtocol, core.labImage, undefined, how).getAttributes();
}

describe.each(PROFILES)('the driver binding of VirtioPciDeviceDxe, %s (UEFI §11.1)', (profile) => {
  test('says who it is', () => {
    const world = enumerated(profile);
    const name = world.bs.handleProtocol(world.image(DRIVER), ComponentName2Protocol);
    expect(name.getDriverName('en')).toBe('Virtio PCI Driver');
    expect(world.binding(DRIVER).version).toBe(0x10);
  });

  test('supports a function that nobody drives, and leaves no trace', () => {
    const world = enumerated(profile);
    const { bs, core, function: func } = world;
    const supported = () => world.binding(DRIVER).supported(func);
    expect(world.during(() => expect(supported()).toBe('EFI_SUCCESS'))).toEqual([]);
    expect(drivers(world)).toEqual([]);
    bs.openProtocol(func, PciIoProtocol, core.labImage, func, EFI_OPEN_PROTOCOL_BY_DRIVER);
    expect(supported()).toBe('EFI_ACCESS_DENIED');
    bs.closeProtocol(func, PciIoProtocol, core.labImage, func);
    world.binding(DRIVER).start(func);
    expect(supported()).toBe('EFI_ALREADY_STARTED');
  });

  test('Start enables the decoding of ports and bus mastering, and Stop restores what was', () => {
    const world = enumerated(profile);
    const before = attributesOf(world);
    world.binding(DRIVER).start(world.function);
    // through PciIo's DMA the function can be given addresses of 64 bits
    expect(attributesOf(world)).toBe(before | (profile === 'edk2' ? 0x500 : 0x8500));
    world.binding(DRIVER).stop(world.function, []);
    expect(attributesOf(world)).toBe(before);
    expect(drivers(world)).toEqual([]);
  });

  test('a Start that cannot install the protocol gives everything back', () => {
    const world = enumerated(profile);
    const before = attributesOf(world);
    const stranger: VirtioDevice = Object.create(null);
    world.bs.installProtocolInterface(world.function, VirtioDeviceProtocol, stranger);
    expect(() => world.binding(DRIVER).start(world.function)).toThrow('EFI_INVALID_PARAMETER');
    expect(attributesOf(world)).toBe(before);
    expect(drivers(world)).toEqual([]);
  });

  test('Stop leaves a VirtioDevice of somebody else alone', () => {
    const world = enumerated(profile);
    const stranger: VirtioDevice = Object.create(null);
    world.bs.installProtocolInterface(world.function, VirtioDeviceProtocol, stranger);
    expect(() => world.binding(DRIVER).stop(world.function, [])).toThrow('EFI_DEVICE_ERROR');
    expect(world.openOnly(VirtioDeviceProtocol)).toBe(stranger);
  });

  test('can be stopped and started again', () => {
    const world = enumerated(profile);
    for (let round = 0; round < 3; round += 1) {
      world.bs.connectController(world.function);
      expect(world.openOnly(VirtioDeviceProtocol).getQueueNumMax()).toBe(8);
      world.bs.disconnectController(world.function);
      expect(world.has(VirtioDeviceProtocol)).toBe(false);
    }
  });
});
