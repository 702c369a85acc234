import { ComponentName2Protocol, EFI_OPEN_PROTOCOL_BY_DRIVER, RngProtocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioRngDxe } from '@dxelab/virtio-rng-dxe';
import { describe, expect, test } from 'vitest';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';
import { RngWorld } from './rng-world.fixture.ts';

const DRIVER = 'VirtioRngDxe';

/** A world in which the transport runs, and the driver does not. */
function transportOnly(profile: (typeof PROFILES)[number]): RngWorld {
  const world = new RngWorld({ profile });
  world.connectRoot(false);
  world.binding('Virtio10Dxe').start(world.function);
  return world;
}

/** How many agents have the virtio device of the function open as its driver. */
function drivers(world: VirtioWorld): number {
  return world.bs
    .openProtocolInformation(world.function, VirtioDeviceProtocol)
    .filter(({ attributes }) => attributes === EFI_OPEN_PROTOCOL_BY_DRIVER).length;
}

describe.each(PROFILES)('the driver binding of VirtioRngDxe, %s (UEFI §11.1)', (profile) => {
  test('says who it is', () => {
    const world = new RngWorld({ profile });
    const name = world.bs.handleProtocol(world.image(DRIVER), ComponentName2Protocol);
    expect(name.getDriverName('en')).toBe('Virtio Random Number Generator Driver');
    expect(() => name.getControllerName(world.core.labImage, undefined, 'en')).toThrow(
      'EFI_UNSUPPORTED',
    );
    expect(world.binding(DRIVER).version).toBe(0x10);
  });

  test('supports a virtio entropy device that nobody drives, and leaves no trace', () => {
    const world = transportOnly(profile);
    const supported = () => world.binding(DRIVER).supported(world.function);
    expect(world.during(() => expect(supported()).toBe('EFI_SUCCESS'))).toEqual([]);
    expect(drivers(world)).toBe(0);
    world.binding(DRIVER).start(world.function);
    expect([supported(), drivers(world)]).toEqual(['EFI_ALREADY_STARTED', 1]);
  });

  test('does not support a disk, nor what is no virtio device', () => {
    const disk = new VirtioBlk({ backend: new MemoryBackend(4096) });
    const world = new VirtioWorld(new VirtioPciModern(disk), {
      profile,
      modules: [virtio10Dxe, virtioRngDxe],
    });
    world.connectRoot();
    const driver = world.binding(DRIVER);
    expect(driver.supported(world.function)).toBe('EFI_UNSUPPORTED');
    expect(driver.supported(world.core.labImage)).toBe('EFI_UNSUPPORTED');
    expect([drivers(world), world.has(RngProtocol)]).toEqual([0, false]);
  });

  test('a Start that cannot install its protocol gives everything back', () => {
    const world = transportOnly(profile);
    const other = new RngWorld({ profile }).open();
    world.bs.installProtocolInterface(world.function, RngProtocol, other);
    const before = world.freePages();
    expect(() => world.binding(DRIVER).start(world.function)).toThrow('EFI_INVALID_PARAMETER');
    expect([drivers(world), world.freePages()]).toEqual([0, before]);
    expect(() => world.binding(DRIVER).stop(world.function, [])).toThrow('EFI_DEVICE_ERROR');
    expect(world.openOnly(RngProtocol)).toBe(other);
  });
});
