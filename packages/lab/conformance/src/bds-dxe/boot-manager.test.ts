import {
  BlockIoProtocol,
  convertDevicePathToText,
  convertTextToDevicePath,
  DevicePathProtocol,
  EFI_EVENT_GROUP_AFTER_READY_TO_BOOT,
  EFI_EVENT_GROUP_READY_TO_BOOT,
  EVT_NOTIFY_SIGNAL,
  LoadedImageDevicePathProtocol,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { BootWorld, virtioDisk } from '../boot/boot-world.fixture.ts';
import { application, driver } from '../boot/programs.fixture.ts';

const DISK = 'PciRoot(0x0)/Pci(0x2,0x0)';
const option = (path: string) => ({
  description: path,
  devicePath: convertTextToDevicePath(path),
});

describe.each(PROFILES)('BDS, %s', (profile) => {
  test('says twice that it is ready to boot, before each attempt (UEFI §7.1.2)', () => {
    const told: string[] = [];
    const listener = driver(({ bs }) => {
      const listen = (what: string, group: string): void => {
        bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, () => told.push(what), undefined, group);
      };
      listen('after', EFI_EVENT_GROUP_AFTER_READY_TO_BOOT);
      listen('ready', EFI_EVENT_GROUP_READY_TO_BOOT);
    });
    const loader = application(() => told.push('loader'));
    const bootOptions = [option('PciRoot(0x7)/\\none.efi'), option(DISK)];
    new BootWorld({ profile, standIn: loader, drivers: [listener], bootOptions }).boot();
    expect(told).toEqual(['ready', 'after', 'ready', 'after', 'loader']);
  });

  test('finds a file on the volumes of a disk without a file system (§3.5.1)', () => {
    const from: string[] = [];
    const loader = application(({ bs, imageHandle }) => {
      const path = bs.handleProtocol(imageHandle, LoadedImageDevicePathProtocol);
      if (path !== null) from.push(convertDevicePathToText(path));
    });
    const bootOptions = [option(`${DISK}/\\EFI\\BOOT\\BOOTX64.EFI`)];
    const world = new BootWorld({ profile, standIn: loader, bootOptions });
    world.boot();
    expect(from[0]).toMatch(
      /^PciRoot\(0x0\)\/Pci\(0x2,0x0\)\/HD\(1,.*\)\/\\EFI\\BOOT\\BOOTX64\.EFI$/,
    );
  });

  test('a hard drive that is connected already is found without connecting all others (§3.1.2)', () => {
    const seen: string[][] = [];
    const loader = application(({ bs }) => {
      const handles = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: BlockIoProtocol });
      const paths = handles.map((handle) => bs.handleProtocol(handle, DevicePathProtocol));
      seen.push(paths.map((path) => convertDevicePathToText(path)));
    });
    const other = 'PciRoot(0x0)/Pci(0x3,0x0)';
    const partition = 'HD(1,GPT,64e1ab00-0000-4000-8000-0000000000e5,0x800,0x17df)';
    const bootOptions = [option(`${other}/\\none.efi`), option(partition)];
    const slots = { '02.0': virtioDisk(), '03.0': virtioDisk() };
    new BootWorld({ profile, standIn: loader, slots, bootOptions }).boot();
    // What the first loader saw: when it has returned, everything is tried.
    const [disks = []] = seen;
    expect(disks).toContain(`${other}/${partition}`);
    expect(disks.filter((path) => path.startsWith(DISK))).toEqual([]);
  });
});
