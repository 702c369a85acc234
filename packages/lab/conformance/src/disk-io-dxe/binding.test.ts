import { diskIoDxe } from '@dxelab/disk-io-dxe';
import type { EfiHandle, EfiStatus } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  ComponentName2Protocol,
  DiskIoProtocol,
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { DiskWorld, statusOf } from '../partition-dxe/disk-world.fixture.ts';

describe.each(PROFILES)('DiskIoDxe, %s (UEFI §13.7; a device driver)', (profile) => {
  const world = (): DiskWorld => new DiskWorld(profile, {}, [diskIoDxe]);

  test('DiskIo comes onto the handle of BlockIo, which is held BY_DRIVER', () => {
    const one = world();
    const disk = one.connectDisk(new Uint8Array(2048).fill(7));
    expect(one.protocolsOn(disk.handle)).toEqual(['BlockIo', 'DevicePath', 'DiskIo']);
    expect(one.opens(disk.handle)).toEqual(['BlockIo 10 DiskIoDxe']);
    const buffer = new Uint8Array(3);
    one.open(disk.handle, DiskIoProtocol).readDisk(0, 1000, buffer);
    expect([...buffer]).toEqual([7, 7, 7]);
  });

  test('disconnecting leaves the handle as it was', () => {
    const one = world();
    const disk = one.connectDisk(new Uint8Array(2048));
    one.bs.disconnectController(disk.handle);
    expect(one.protocolsOn(disk.handle)).toEqual(['BlockIo', 'DevicePath']);
    expect(one.opens(disk.handle)).toEqual([]);
  });

  test('Supported: BlockIo can be had BY_DRIVER; no trace is left', () => {
    const one = world();
    const disk = one.addDisk(new Uint8Array(2048));
    const image = one.image('DiskIoDxe');
    const driver = one.open(image, DriverBindingProtocol);
    const supported = (handle: EfiHandle): EfiStatus => driver.supported(handle);
    expect(driver.version).toBe(0xa);
    expect(supported(disk.handle)).toBe('EFI_SUCCESS');
    expect(one.opens(disk.handle)).toEqual([]);
    expect(supported(image)).toBe('EFI_UNSUPPORTED');
    const { bs, core } = one;
    const by = EFI_OPEN_PROTOCOL_BY_DRIVER;
    bs.openProtocol(disk.handle, BlockIoProtocol, core.labImage, disk.handle, by);
    expect(supported(disk.handle)).toBe('EFI_ACCESS_DENIED');
    expect(one.open(image, ComponentName2Protocol).getDriverName('en')).toBe(
      'Generic Disk I/O Driver',
    );
  });

  test('a Start that cannot install DiskIo gives BlockIo back', () => {
    const one = world();
    const disk = one.addDisk(new Uint8Array(2048));
    const diskIo = { revision: 1, readDisk: () => {}, writeDisk: () => {} };
    one.bs.installProtocolInterface(disk.handle, DiskIoProtocol, diskIo);
    expect(statusOf(() => one.bs.connectController(disk.handle))).toBe('EFI_NOT_FOUND');
    expect(one.opens(disk.handle)).toEqual([]);
  });

  test('a small read needs memory for a block only as long as it lasts', () => {
    const one = world();
    const disk = one.connectDisk(new Uint8Array(2048));
    const free = (): number =>
      one.bs
        .getMemoryMap()
        .descriptors.filter(({ type }) => type === 'EfiConventionalMemory')
        .reduce((pages, { numberOfPages }) => pages + numberOfPages, 0);
    const diskIo = one.open(disk.handle, DiskIoProtocol);
    diskIo.readDisk(0, 5, new Uint8Array(5));
    const before = free();
    for (let count = 0; count < 100; count += 1) diskIo.writeDisk(0, 5, new Uint8Array(1000));
    expect(free()).toBe(before);
  });
});
