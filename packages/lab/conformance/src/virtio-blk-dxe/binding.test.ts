import { BlockIoProtocol, ComponentName2Protocol, EFI_OPEN_PROTOCOL_BY_DRIVER } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { VirtioPciModern } from '@dxelab/virtio-devices';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import { describe, expect, test } from 'vitest';
import { ThreeQueues } from '../virtio10-dxe/three-queues.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';
import { BlkWorld } from './blk-world.fixture.ts';

/** The drivers that have the virtio device of the function open. */
function drivers(world: VirtioWorld): readonly (string | undefined)[] {
  return world.bs
    .openProtocolInformation(world.function, VirtioDeviceProtocol)
    .filter(({ attributes }) => attributes === EFI_OPEN_PROTOCOL_BY_DRIVER)
    .map(({ agentHandle }) => agentHandle && world.core.nameOf(agentHandle));
}

/** A world in which the transport runs, and the disk's driver does not. */
function transportOnly(options: ConstructorParameters<typeof BlkWorld>[0] = {}): BlkWorld {
  const world = new BlkWorld(options);
  world.connectRoot(false);
  world.binding('Virtio10Dxe').start(world.function);
  return world;
}

describe.each(PROFILES)('the driver binding of VirtioBlkDxe, %s (UEFI §11.1)', (profile) => {
  test('says who it is', () => {
    const world = new BlkWorld({ profile });
    const name = (driver: string): string =>
      world.bs.handleProtocol(world.image(driver), ComponentName2Protocol).getDriverName('en');
    expect(name('VirtioBlkDxe')).toBe('Virtio Block Driver');
    expect(name('Virtio10Dxe')).toBe('Virtio 1.0 PCI Driver');
    expect(world.binding('VirtioBlkDxe').version).toBe(0x10);
    // before VirtioPciDeviceDxe where both can drive a device
    expect(world.binding('Virtio10Dxe').version).toBe(profile === 'edk2' ? 0x10 : 0x11);
  });

  test('supports a virtio block device that nobody drives, and leaves no trace', () => {
    const world = transportOnly({ profile });
    const supported = () => world.binding('VirtioBlkDxe').supported(world.function);
    expect(world.during(() => expect(supported()).toBe('EFI_SUCCESS'))).toEqual([]);
    expect(drivers(world)).toEqual([]);

    const { labImage } = world.core;
    const attributes = EFI_OPEN_PROTOCOL_BY_DRIVER;
    const { bs, function: func } = world;
    bs.openProtocol(func, VirtioDeviceProtocol, labImage, func, attributes);
    expect(supported()).toBe('EFI_ACCESS_DENIED');
    bs.closeProtocol(func, VirtioDeviceProtocol, labImage, func);
    world.binding('VirtioBlkDxe').start(func);
    expect(supported()).toBe('EFI_ALREADY_STARTED');
  });

  test('does not support another device type, nor what is no virtio device', () => {
    const world = new VirtioWorld(new VirtioPciModern(new ThreeQueues()), {
      profile,
      modules: [virtio10Dxe, virtioBlkDxe],
    });
    world.connectRoot();
    const driver = world.binding('VirtioBlkDxe');
    expect(driver.supported(world.function)).toBe('EFI_UNSUPPORTED');
    expect(driver.supported(world.core.labImage)).toBe('EFI_UNSUPPORTED');
    expect(drivers(world)).toEqual([]);
  });

  test('a Start that fails gives everything back, and leaves FAILED', () => {
    const world = transportOnly({ profile, blk: { claimedCapacity: 0n } });
    const before = world.freePages();
    const accesses = world.during(() => {
      expect(() => world.binding('VirtioBlkDxe').start(world.function)).toThrow('EFI_UNSUPPORTED');
    });
    expect(accesses.at(-1)).toBe('W8 common+14 = 83');
    expect(drivers(world)).toEqual([]);
    expect(world.freePages()).toBe(before);
    expect(world.has(BlockIoProtocol)).toBe(false);
  });

  test('a Start that cannot install BlockIo gives everything back', () => {
    const world = transportOnly({ profile });
    const other = new BlkWorld({ profile }).open();
    world.bs.installProtocolInterface(world.function, BlockIoProtocol, other);
    const before = world.freePages();
    expect(() => world.binding('VirtioBlkDxe').start(world.function)).toThrow(
      'EFI_INVALID_PARAMETER',
    );
    expect(drivers(world)).toEqual([]);
    expect(world.freePages()).toBe(before);
  });

  test('Stop leaves a BlockIo of somebody else alone', () => {
    const world = transportOnly({ profile });
    const other = new BlkWorld({ profile }).open();
    world.bs.installProtocolInterface(world.function, BlockIoProtocol, other);
    expect(() => world.binding('VirtioBlkDxe').stop(world.function, [])).toThrow(
      'EFI_DEVICE_ERROR',
    );
    expect(world.openOnly(BlockIoProtocol)).toBe(other);
  });
});
