import { describe, expect, test } from 'vitest';
import type { EfiBootServices, EfiSystemTable } from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES,
  EVT_NOTIFY_SIGNAL,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  EVT_TIMER,
  efiStatusOf,
  SimpleTextOutputProtocol,
  TPL_CALLBACK,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import { BootServicesEnded } from '@dxelab/dxe-core';
import { PROFILES } from '@dxelab/uefi-lib';
import { BootWorld, OPTIONS_AS_WRITTEN, virtioDisk } from './boot-world.fixture.ts';
import {
  application,
  bootOs,
  KERNEL,
  KERNEL_TEXT,
  osLoader,
  readFile,
} from './programs.fixture.ts';

const ESP = 'PciRoot(0x0)/Pci(0x2,0x0)/HD(1,GPT,64e1ab00-0000-4000-8000-0000000000e5,0x800,0x17df)';

describe.each(PROFILES)('the demonstration disk and a loader, %s', (profile) => {
  test('from the GPT through the FAT volume to the end of boot services', () => {
    const world = new BootWorld({ profile, standIn: osLoader });
    expect(world.boot()).toMatchObject({
      kind: 'boot-services-exited',
      details: { image: 'BOOTX64.EFI', fileName: '\\EFI\\BOOT\\BOOTX64.EFI' },
    });
    expect(world.console).toBe(KERNEL_TEXT);
    // what ships has VIRTIO_DEVICE_PROTOCOL alone
    const queueAccess = profile === 'specification' ? 'VirtioQueueAccess ' : '';
    expect(world.deviceTree.filter((line) => line.startsWith('PciRoot'))).toEqual([
      'PciRoot(0x0): PciRootBridgeIo DevicePath | PciBusDxe',
      'PciRoot(0x0)/Pci(0x0,0x0): PciIo DevicePath | ',
      `PciRoot(0x0)/Pci(0x2,0x0): DiskIo BlockIo ${queueAccess}VirtioDevice PciIo DevicePath | PartitionDxe DiskIoDxe VirtioBlkDxe Virtio10Dxe`,
      `${ESP}: SimpleFileSystem DiskIo EfiSystemPartition PartitionInfo BlockIo DevicePath | FatDxe DiskIoDxe`,
    ]);
    expect(world.findings).toEqual([]);
    // The only thing that a driver could not do: to find partitions in the partition.
    expect(world.startFailures).toEqual([
      'PartitionDxe: EFI_NOT_FOUND: no GPT, no El Torito boot catalog and no MBR',
    ]);
    expect(world.core.bootServicesEndedBy).toBe('BOOTX64.EFI');
  });

  test('afterwards every virtio device is reset and no device touches RAM (UEFI §7.4.6)', () => {
    const slots = {
      '02.0': virtioDisk(undefined, { latency: 200_000 }),
      '03.0': virtioDisk(undefined, { latency: 3_000_000 }),
      '04.0': virtioDisk(),
    };
    const world = new BootWorld({ profile, standIn: osLoader, slots });
    world.bootTo('boot-services-exited');
    expect(world.deviceStatuses).toEqual([0, 0, 0]);
    const before = world.dmaAccesses;
    expect(before).toBeGreaterThan(0);
    const { events } = world.machine.bus;
    while (events.next < Infinity) events.runNext();
    expect(world.dmaAccesses).toBe(before);
  });

  test('boot services are gone, also through a reference that was kept, and so are the consoles', () => {
    let kept: { readonly bs: EfiBootServices; readonly table: EfiSystemTable } | undefined;
    let console: EfiSystemTable['conOut'];
    const loader = application((running) => {
      const { bs, systemTable } = running;
      kept = { bs, table: systemTable };
      console = systemTable.conOut;
      bootOs(running);
      expect(() => bs.getMemoryMap()).toThrow(BootServicesEnded);
      expect(() => bs.allocatePool('EfiLoaderData', 1)).toThrow(
        'BOOTX64.EFI called AllocatePool after BOOTX64.EFI had ended boot services',
      );
      expect(() => bs.exitBootServices(running.imageHandle, 0)).toThrow(BootServicesEnded);
      expect(systemTable.conOut).toBeUndefined();
      expect(systemTable.stdErr).toBeUndefined();
      expect(systemTable.consoleOutHandle).toBeUndefined();
    });
    const world = new BootWorld({ profile, standIn: loader });
    expect(world.boot()).toMatchObject({ kind: 'boot-services-exited' });
    // now that the world has ended, everything is its end
    expect(() => kept?.bs.getMemoryMap()).toThrow(
      expect.objectContaining({ kind: 'boot-services-exited' }),
    );
    expect(() => console?.outputString('x')).toThrow(
      expect.objectContaining({ kind: 'boot-services-exited' }),
    );
    expect(kept?.table.conOut).toBeUndefined();
  });

  test('between ExitBootServices and its return a loader lives on: it reaches the machine, no services', () => {
    const loader = application(({ bs, imageHandle, libraries }) => {
      const { address } = bs.allocatePool('EfiLoaderData', 8);
      bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
      libraries.ram.writeUint32(address, 0x1234);
      expect(libraries.ram.readUint32(address)).toBe(0x1234);
    });
    new BootWorld({ profile, standIn: loader }).bootTo('boot-services-exited');
  });

  test('who asked to hear of it hears once, before it and at it, in the order of levels (§7.1.2)', () => {
    const heard: string[] = [];
    const loader = application(({ bs, imageHandle }) => {
      const note = (text: string) => () => void heard.push(text);
      const create = bs.createEvent.bind(bs);
      create(EVT_SIGNAL_EXIT_BOOT_SERVICES, TPL_CALLBACK, note('exit, callback'), undefined);
      create(EVT_SIGNAL_EXIT_BOOT_SERVICES, TPL_NOTIFY, note('exit, notify'), undefined);
      bs.createEventEx(
        EVT_NOTIFY_SIGNAL,
        TPL_CALLBACK,
        note('before'),
        undefined,
        EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES,
      );
      const { mapKey } = bs.getMemoryMap();
      expect(() => bs.exitBootServices(imageHandle, mapKey + 1)).toThrow('EFI_INVALID_PARAMETER');
      expect(heard).toEqual(['before']);
      bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
    });
    new BootWorld({ profile, standIn: loader }).bootTo('boot-services-exited');
    expect(heard).toEqual(['before', 'exit, notify', 'exit, callback']);
  });

  test('no timer fires once boot services have ended', () => {
    let ticks = 0;
    const loader = application(({ bs, imageHandle, libraries }) => {
      const timer = bs.createEvent(
        EVT_TIMER | EVT_NOTIFY_SIGNAL,
        TPL_NOTIFY,
        () => ticks++,
        undefined,
      );
      bs.setTimer(timer, 'TimerPeriodic', 100_000);
      bs.stall(35_000);
      expect(ticks).toBeGreaterThan(0);
      bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
      const before = ticks;
      for (let access = 0; access < 2_000_000; access++) libraries.ram.readUint8(0x1000);
      expect(ticks).toBe(before);
    });
    new BootWorld({ profile, standIn: loader }).bootTo('boot-services-exited');
  });

  test('a stale map key is EFI_INVALID_PARAMETER, and the loader gets a new one (§7.4.6)', () => {
    const statuses: unknown[] = [];
    const loader = application(({ bs, imageHandle }) => {
      let { mapKey } = bs.getMemoryMap();
      bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 3);
      try {
        bs.exitBootServices(imageHandle, mapKey);
      } catch (caught) {
        statuses.push(efiStatusOf(caught));
        ({ mapKey } = bs.getMemoryMap());
        bs.exitBootServices(imageHandle, mapKey);
      }
    });
    const world = new BootWorld({ profile, standIn: loader });
    world.bootTo('boot-services-exited');
    expect(statuses).toEqual(['EFI_INVALID_PARAMETER']);
    expect(world.deviceStatuses).toEqual([0]);
  });

  test('a stale map key that is not handled is a failed option, and the devices stay alive', () => {
    const loader = application(({ bs, imageHandle }) => {
      bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey - 1);
    });
    const world = new BootWorld({ profile, quirks: OPTIONS_AS_WRITTEN, standIn: loader });
    expect(world.boot()).toMatchObject({ kind: 'stopped', message: 'nothing is left to boot' });
    expect(world.attempts).toMatchObject([
      { status: 'EFI_INVALID_PARAMETER', devicePath: `${ESP}/\\EFI\\BOOT\\BOOTX64.EFI` },
    ]);
    expect(world.deviceStatuses).toEqual([15]);
  });

  test('a loader that returns without ending boot services has failed nobody: the attempt succeeded', () => {
    const world = new BootWorld({
      profile,
      quirks: OPTIONS_AS_WRITTEN,
      standIn: application(() => {}),
    });
    expect(world.boot()).toMatchObject({ kind: 'stopped' });
    expect(world.attempts).toMatchObject([{ status: 'EFI_SUCCESS', reason: '' }]);
    expect(world.dmaAccesses).toBeGreaterThan(0);
  });

  test('the console and the file that the loader opens are those of the firmware (§4.3, §9.1)', () => {
    const loader = application((running) => {
      const { bs, systemTable, imageHandle } = running;
      const [consoleHandle] = bs.locateHandleBuffer({
        type: 'ByProtocol',
        protocol: SimpleTextOutputProtocol,
      });
      expect(systemTable.consoleOutHandle).toBe(consoleHandle);
      systemTable.conOut?.outputString('Zß水𐀀\r\n');
      expect(Buffer.from(readFile(running, KERNEL)).toString()).toContain('operating system');
      bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
    });
    const world = new BootWorld({ profile, standIn: loader });
    world.bootTo('boot-services-exited');
    expect(world.console).toBe('Zß水𐀀\r\n');
  });
});
