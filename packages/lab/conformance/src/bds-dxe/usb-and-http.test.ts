import {
  BlockIoProtocol,
  convertDevicePathToText,
  convertTextToDevicePath,
  DevicePathProtocol,
  EfiError,
  LoadFileProtocol,
  protocolInterface,
  usbClassNode,
  UsbIoProtocol,
  usbWwidNode,
} from '@dxelab/uefi';
import type { DevicePath, EfiUsbIo } from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { BootWorld } from '../boot/boot-world.fixture.ts';
import { bootFileOf, demoDisk } from '../boot/demo-disk.fixture.ts';
import type { Running } from '../boot/programs.fixture.ts';
import { application, driver } from '../boot/programs.fixture.ts';
import { flash, option, ordered, stored } from './boot-variables.fixture.ts';
import { RamDisk } from '../partition-dxe/ram-disk.fixture.ts';

const HOST = 'PciRoot(0x0)/Pci(0x9,0x0)';
const FILE = '\\EFI\\BOOT\\BOOTX64.EFI';
const path = convertTextToDevicePath;

/** A stick at a port of a host that there is not: a disk, and what USB says of it. */
function stick({ bs, libraries }: Running, port: number, serialNumber: string): void {
  const usbIo: EfiUsbIo = {
    usbGetDeviceDescriptor: () => ({
      deviceClass: 0,
      deviceSubClass: 0,
      deviceProtocol: 0,
      idVendor: 0x46f4,
      idProduct: port,
      strManufacturer: 1,
      strProduct: 2,
      strSerialNumber: 3,
    }),
    usbGetInterfaceDescriptor: () => ({
      interfaceNumber: 0,
      interfaceClass: 8,
      interfaceSubClass: 6,
      interfaceProtocol: 0x50,
    }),
    usbGetStringDescriptor(_langId, stringId) {
      const text = [undefined, 'Maker', 'Stick  of it', serialNumber][stringId];
      if (text === undefined) throw new EfiError('EFI_NOT_FOUND', 'there is no such string');
      return text;
    },
    usbGetSupportedLanguages: () => [0x409],
  };
  bs.installMultipleProtocolInterfaces(
    undefined,
    protocolInterface(DevicePathProtocol, path(`${HOST}/USB(0x${port},0x0)`)),
    protocolInterface(UsbIoProtocol, usbIo),
    protocolInterface(BlockIoProtocol, new RamDisk(libraries.ram, demoDisk())),
  );
}

const sticks: DxeModule = driver((running) => {
  stick(running, 1, '0001-A');
  stick(running, 2, '0002-A');
});

/** Where the image of an option with this path came from. */
function bootedFrom(profile: Profile, devicePath: DevicePath, drivers = [sticks]): string {
  const standIn = application(() => {});
  const bootOptions = [{ description: 'short', devicePath }];
  const world = new BootWorld({ profile, slots: {}, standIn, drivers, bootOptions });
  world.bootTo('stopped');
  const booted = world.attempts.find(({ description }) => description === 'short');
  return booted?.status === 'EFI_SUCCESS' ? booted.devicePath : 'nowhere';
}

/** The path of the boot file on the stick at a port. */
function bootFileAt(port: number): RegExp {
  return new RegExp(`/Pci\\(0x9,0x0\\)/USB\\(0x${port},0x0\\)/HD.*BOOTX64\\.EFI$`);
}

const short = (node: Uint8Array, behind = ''): DevicePath =>
  Uint8Array.from([...node, ...path(behind)]);

describe.each(PROFILES)('Short forms of USB devices (UEFI §3.1.2), %s', (profile) => {
  test.each<[string, DevicePath, number]>([
    ['any device of a class', short(usbClassNode(0xffff, 0xffff, 8, 6, 0x50)), 1],
    ['one of a product', short(usbClassNode(0x46f4, 2, 0xff, 0xff, 0xff)), 2],
    ['with a file', short(usbClassNode(0x46f4, 2, 0xff, 0xff, 0xff), FILE), 2],
    ['one with a serial number', short(usbWwidNode(0, 0x46f4, 2, '02-A')), 2],
  ])('%s', (_what, devicePath, port) => {
    expect(bootedFrom(profile, devicePath)).toMatch(bootFileAt(port));
  });

  test.each<[string, DevicePath]>([
    ['no device of the class', short(usbClassNode(0xffff, 0xffff, 9, 0xff, 0xff))],
    ['another serial number', short(usbWwidNode(0, 0x46f4, 2, '01-A'))],
    ['another host', path('PciRoot(0x0)/Pci(0x8,0x0)/UsbClass(0xFFFF,0xFFFF,0x8,0x6,0x50)')],
  ])('%s is none', (_what, devicePath) => {
    expect(bootedFrom(profile, devicePath)).toBe('nowhere');
  });

  test('behind a host, only its devices', () => {
    const devicePath = path(`${HOST}/UsbClass(0xFFFF,0x2,0xFF,0xFF,0xFF)`);
    expect(bootedFrom(profile, devicePath)).toMatch(bootFileAt(2));
  });
});

describe.each(PROFILES)('Boot over HTTP (UEFI §3.1.2, §24.7), %s', (profile) => {
  const NIC = 'PciRoot(0x0)/Pci(0x3,0x0)/MAC(525400123456,0x1)';
  const DEVICE = `${NIC}/IPv4(0.0.0.0,TCP,DHCP,0.0.0.0,0.0.0.0,0.0.0.0)/Uri()`;

  /** A device that loads this file over HTTP, and notes what it was asked for. */
  function http(asked: string[], content: Uint8Array | undefined): DxeModule {
    return driver(({ bs }) => {
      bs.installMultipleProtocolInterfaces(
        undefined,
        protocolInterface(DevicePathProtocol, path(DEVICE)),
        protocolInterface(LoadFileProtocol, {
          loadFile(filePath, bootPolicy) {
            asked.push(`${convertDevicePathToText(filePath)} ${bootPolicy}`);
            if (content === undefined) throw new EfiError('EFI_NOT_FOUND', 'error 404');
            return content;
          },
        }),
      );
    });
  }

  test('a URI alone is asked of each device that loads files', () => {
    const asked: string[] = [];
    const drivers = [http(asked, bootFileOf(demoDisk()))];
    const devicePath = path('Uri(http://10.0.2.2/a.efi)');
    expect(path(bootedFrom(profile, devicePath, drivers))).toEqual(path(DEVICE));
    expect(asked[0]).toBe('Uri(http://10.0.2.2/a.efi) true');
  });

  test('a path with another address and a URI is that of the device', () => {
    const asked: string[] = [];
    const devicePath = path(`${NIC}/IPv4(10.0.2.2,TCP,DHCP)/Uri(http://10.0.2.2/b.efi)`);
    const drivers = [http(asked, bootFileOf(demoDisk()))];
    expect(path(bootedFrom(profile, devicePath, drivers))).toEqual(path(DEVICE));
    expect(asked[0]).toContain('http://10.0.2.2/b.efi');
  });

  test('its own path loads what it has', () => {
    const asked: string[] = [];
    const drivers = [http(asked, bootFileOf(demoDisk()))];
    expect(path(bootedFrom(profile, path(DEVICE), drivers))).toEqual(path(DEVICE));
    expect(asked[0]).toBe(' true');
  });

  test('a device that loads nothing is none', () => {
    const devicePath = path('Uri(http://10.0.2.2/a.efi)');
    expect(bootedFrom(profile, devicePath, [http([], undefined)])).toBe('nowhere');
  });

  test('another network card is none', () => {
    const devicePath = path('PciRoot(0x0)/Pci(0x4,0x0)/MAC(525400123456,0x1)/IPv4(0.0.0.0)/Uri()');
    const drivers = [http([], bootFileOf(demoDisk()))];
    expect(bootedFrom(profile, devicePath, drivers)).toBe('nowhere');
  });
});

describe('Options that EDK II makes of such devices', () => {
  const NIC = 'PciRoot(0x0)/Pci(0x3,0x0)/MAC(5254001234AB,0x1)';

  test('by what they say of themselves, or by their paths', () => {
    const loaders = driver(({ bs }) => {
      for (const place of [
        NIC,
        `${NIC}/IPv4(0.0.0.0)`,
        `${NIC}/Vlan(5)/IPv6(::)/Uri()`,
        'Ata(0,0)/\\tool.efi',
      ]) {
        bs.installMultipleProtocolInterfaces(
          undefined,
          protocolInterface(DevicePathProtocol, path(place)),
          protocolInterface(LoadFileProtocol, { loadFile: () => new Uint8Array(0) }),
        );
      }
    });
    const variables = flash(ordered('Boot', option('PciRoot(0x9)')));
    const drivers = [sticks, loaders];
    new BootWorld({ profile: 'edk2', slots: {}, drivers, variables }).boot();
    const described = [2, 3, 4, 5, 6, 7].map((number) =>
      Buffer.from(stored(variables, `Boot000${number}`) ?? new Uint8Array(0)).toString(
        'utf16le',
        6,
      ),
    );
    const names = described.map((text) => text.split('\0')[0]);
    expect(names).toEqual([
      'UEFI Maker Stick of it 0001-A',
      'UEFI Maker Stick of it 0002-A',
      'UEFI PXEv4 (MAC:5254001234AB)',
      'UEFI PXEv4 (MAC:5254001234AB) 2',
      'UEFI HTTPv6 (MAC:5254001234AB VLAN5)',
      'UEFI \\tool.efi',
    ]);
  });
});
