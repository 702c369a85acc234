import { diskIoDxe } from '@dxelab/disk-io-dxe';
import { fatDxe } from '@dxelab/fat-dxe';
import { partitionDxe } from '@dxelab/partition-dxe';
import type { EfiFile, EfiHandle, EfiStatus } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  ComponentName2Protocol,
  DiskIoProtocol,
  DriverBindingProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EVT_NOTIFY_SIGNAL,
  SimpleFileSystemProtocol,
  TPL_APPLICATION,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import type { WorldDisk } from '../partition-dxe/disk-world.fixture.ts';
import { DiskWorld, statusOf } from '../partition-dxe/disk-world.fixture.ts';
import { gptDisk } from '../partition-dxe/tables.fixture.ts';
import { floppy } from './floppy.fixture.ts';

describe.each(PROFILES)('FatDxe, %s (UEFI §13.4; a device driver)', (profile) => {
  const world = (): DiskWorld => new DiskWorld(profile, {}, [diskIoDxe, fatDxe]);
  const rootOf = (one: DiskWorld, { handle }: WorldDisk): EfiFile =>
    one.open(handle, SimpleFileSystemProtocol).openVolume();

  /** A file that was written, and not flushed. */
  function unflushed(root: EfiFile): EfiFile {
    const file = root.open('file', 'read-write-create');
    file.write(Uint8Array.of(1, 2, 3));
    return file;
  }

  /** What a new firmware finds in that file. */
  function sizeOnDisk(bytes: Uint8Array): number {
    const one = world();
    const file = rootOf(one, one.connectDisk(bytes.slice())).open('file', 'read');
    return file.getInfo().fileSize;
  }

  test('SimpleFileSystem comes onto the handle of DiskIo, which is held BY_DRIVER', () => {
    const one = world();
    const disk = one.connectDisk(floppy('DXELAB'));
    expect(one.protocolsOn(disk.handle)).toEqual([
      'BlockIo',
      'DevicePath',
      'DiskIo',
      'SimpleFileSystem',
    ]);
    expect(one.opens(disk.handle)).toEqual(['BlockIo 10 DiskIoDxe', 'DiskIo 10 FatDxe']);
    expect(rootOf(one, disk).getFileSystemInfo().volumeLabel).toBe('DXELAB');
  });

  test('Supported: DiskIo can be had BY_DRIVER, and there is BlockIo; no trace is left', () => {
    const one = world();
    const disk = one.connectDisk(new Uint8Array(64 * 512));
    const image = one.image('FatDxe');
    const binding = one.open(image, DriverBindingProtocol);
    const supported = (handle: EfiHandle): EfiStatus => binding.supported(handle);
    expect(binding.version).toBe(0xa);
    expect(supported(disk.handle)).toBe('EFI_SUCCESS');
    expect(one.opens(disk.handle)).toEqual(['BlockIo 10 DiskIoDxe']);
    expect(supported(image)).toBe('EFI_UNSUPPORTED');
    expect(supported(one.connectDisk(floppy()).handle)).toBe('EFI_ALREADY_STARTED');
    one.bs.openProtocol(
      disk.handle,
      DiskIoProtocol,
      one.core.labImage,
      disk.handle,
      EFI_OPEN_PROTOCOL_BY_DRIVER,
    );
    expect(supported(disk.handle)).toBe('EFI_ACCESS_DENIED');
    expect(one.open(image, ComponentName2Protocol).getDriverName('en')).toBe(
      'FAT File System Driver',
    );
  });

  test.each<[string, (bytes: Uint8Array) => void, EfiStatus]>([
    ['no FAT volume', (bytes) => bytes.fill(0), 'EFI_UNSUPPORTED'],
    ['a broken one', (bytes) => bytes.set([1, 0], 22), 'EFI_VOLUME_CORRUPTED'],
  ])('a disk with %s is given back', (_title, damage, status) => {
    const one = world();
    const bytes = floppy();
    damage(bytes);
    const disk = one.connectDisk(bytes);
    const binding = one.open(one.image('FatDxe'), DriverBindingProtocol);
    expect(statusOf(() => binding.start(disk.handle))).toBe(status);
    expect(one.protocolsOn(disk.handle)).toEqual(['BlockIo', 'DevicePath', 'DiskIo']);
    expect(one.opens(disk.handle)).toEqual(['BlockIo 10 DiskIoDxe']);
  });

  test('disconnecting takes the file system away: open handles lose their medium', () => {
    const one = world();
    const disk = one.connectDisk(floppy());
    const root = rootOf(one, disk);
    const file = unflushed(root);
    one.bs.disconnectController(disk.handle, one.image('FatDxe'));
    expect(one.protocolsOn(disk.handle)).toEqual(['BlockIo', 'DevicePath', 'DiskIo']);
    expect(one.opens(disk.handle)).toEqual(['BlockIo 10 DiskIoDxe']);
    expect(statusOf(() => file.read(new Uint8Array(1)))).toBe('EFI_MEDIA_CHANGED');
    expect(statusOf(() => root.open('file', 'read'))).toBe('EFI_MEDIA_CHANGED');
    expect(statusOf(() => file.close())).toBe('EFI_SUCCESS');
    // QUIRK FatDxe.StopLosesUnflushed
    expect(sizeOnDisk(disk.blockIo.bytes)).toBe(profile === 'edk2' ? 0 : 3);
    one.bs.connectController(disk.handle);
    expect(statusOf(() => rootOf(one, disk).open('file', 'read'))).toBe('EFI_SUCCESS');
  });

  test('the driver does not stop while another one holds the file system', () => {
    const one = world();
    const disk = one.connectDisk(floppy());
    const root = rootOf(one, disk);
    one.bs.openProtocol(
      disk.handle,
      SimpleFileSystemProtocol,
      one.core.labImage,
      disk.handle,
      EFI_OPEN_PROTOCOL_BY_DRIVER,
    );
    const binding = one.open(one.image('FatDxe'), DriverBindingProtocol);
    expect(statusOf(() => binding.stop(disk.handle, []))).toBe('EFI_INVALID_PARAMETER');
    expect(one.opens(disk.handle)).toContain('DiskIo 10 FatDxe');
    expect(statusOf(() => root.getInfo())).toBe('EFI_SUCCESS');
  });

  test('a medium that changes: the old handles know, and the new volume is there', () => {
    const one = world();
    const disk = one.connectDisk(floppy('OLD'), { removableMedia: true });
    const root = rootOf(one, disk);
    const { blockIo } = disk;
    blockIo.bytes.set(floppy('NEW'));
    blockIo.media.mediaId = 1;
    one.bs.reinstallProtocolInterface(disk.handle, BlockIoProtocol, blockIo, blockIo);
    expect(statusOf(() => root.readDirectory())).toBe('EFI_MEDIA_CHANGED');
    expect(rootOf(one, disk).getFileSystemInfo().volumeLabel).toBe('NEW');
  });

  test('noticed in the middle of a read: the drivers are stopped and started within it', () => {
    const one = world();
    const disk = one.connectDisk(floppy('OLD'), { removableMedia: true });
    const root = rootOf(one, disk);
    unflushed(root).flush();
    const file = root.open('file', 'read');
    const { blockIo } = disk;
    blockIo.onRequest = () => {
      blockIo.onRequest = () => {};
      blockIo.bytes.set(floppy('NEW'));
      blockIo.media.mediaId = 1;
      one.bs.reinstallProtocolInterface(disk.handle, BlockIoProtocol, blockIo, blockIo);
    };
    expect(statusOf(() => file.read(new Uint8Array(3)))).toBe('EFI_MEDIA_CHANGED');
    expect(statusOf(() => root.open('file', 'read'))).toBe('EFI_MEDIA_CHANGED');
    expect(rootOf(one, disk).getFileSystemInfo().volumeLabel).toBe('NEW');
    expect(one.opens(disk.handle)).toEqual(['BlockIo 10 DiskIoDxe', 'DiskIo 10 FatDxe']);
    // The lock was given back where it was taken.
    expect(one.bs.raiseTpl(TPL_CALLBACK)).toBe(TPL_APPLICATION);
    one.bs.restoreTpl(TPL_APPLICATION);
  });

  test('noticed while a volume is mounted: the inner Start counts', () => {
    const one = world();
    const disk = one.addDisk(floppy('OLD'), { removableMedia: true });
    const { blockIo } = disk;
    let requests = 0;
    blockIo.onRequest = () => {
      requests += 1;
      if (requests !== 1) return;
      blockIo.bytes.set(floppy('NEW'));
      blockIo.media.mediaId = 1;
      one.bs.reinstallProtocolInterface(disk.handle, BlockIoProtocol, blockIo, blockIo);
    };
    one.bs.connectController(disk.handle, undefined, undefined, true);
    // QUIRK FatDxe.StopNeedsFileSystem: there is none to stop yet.
    const found = profile === 'edk2' ? [] : ['DiskIo 10 FatDxe'];
    expect(one.opens(disk.handle)).toEqual(['BlockIo 10 DiskIoDxe', ...found]);
    expect(one.protocolsOn(disk.handle).includes('SimpleFileSystem')).toBe(profile !== 'edk2');
  });

  test('what was not flushed is on the disk before boot services end; QUIRK FatDxe.StopLosesUnflushed: not', () => {
    const one = world();
    const disk = one.connectDisk(floppy());
    unflushed(rootOf(one, disk));
    expect(sizeOnDisk(disk.blockIo.bytes)).toBe(0);
    one.bs.exitBootServices(one.core.labImage, one.bs.getMemoryMap().mapKey);
    expect(sizeOnDisk(disk.blockIo.bytes)).toBe(profile === 'edk2' ? 0 : 3);
  });

  test('callbacks wait until a call on a file is over', () => {
    const one = world();
    const disk = one.connectDisk(floppy());
    const file = unflushed(rootOf(one, disk));
    const order: string[] = [];
    const event = one.bs.createEvent(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => void order.push('callback'),
      undefined,
    );
    disk.blockIo.onRequest = () => {
      one.bs.signalEvent(event);
      order.push('request');
    };
    file.setPosition(0);
    file.read(new Uint8Array(3));
    expect(order).toEqual(['request', 'callback']);
  });
});

test('a file in a partition: GPT, DiskIo, FAT', () => {
  const image = gptDisk(4000, [34, 34 + 2879]);
  image.set(floppy('ESP'), 34 * 512);
  const one = new DiskWorld('specification', {}, [diskIoDxe, partitionDxe, fatDxe]);
  const disk = one.connectDisk(image);
  const [, partition] = one.partitions(disk)[0] ?? [];
  if (partition === undefined) throw new Error('the fixture has a partition');
  expect(one.protocolsOn(partition)).toContain('SimpleFileSystem');
  expect(one.protocolsOn(disk.handle)).not.toContain('SimpleFileSystem');
  const root = one.open(partition, SimpleFileSystemProtocol).openVolume();
  const file = root.open('\\a file with a long name.bin', 'read-write-create');
  const content = Uint8Array.from({ length: 10_000 }, (_, index) => index * 7);
  file.write(content);
  file.close();
  const found = new Uint8Array(10_000);
  const guest = one.bs.allocatePool('EfiBootServicesData', 10_000);
  const again = root.open('A FILE WITH A LONG NAME.BIN', 'read');
  expect(again.read(guest)).toBe(10_000);
  again.setPosition(0);
  expect(again.read(found)).toBe(10_000);
  expect(found).toEqual(content);
});
