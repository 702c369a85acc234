import type { DevicePathNode } from '@dxelab/uefi';
import {
  convertTextToDeviceNode,
  convertTextToDevicePath,
  usbClassNode,
  usbWwidNode,
} from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { matchHardDrive } from './match-hard-drive.ts';
import { matchHttpBoot } from './match-http-boot.ts';
import type { UsbInterface } from './match-usb.ts';
import { matchUsbClass, matchUsbWwid } from './match-usb.ts';
import { readShortForm } from './short-form.ts';

const path = convertTextToDevicePath;
const node: (text: string) => DevicePathNode = convertTextToDeviceNode;
const GUID = '837dca9e-e874-4d82-b29a-23fe0e23d1e2';

describe('Short forms (UEFI §3.1.2)', () => {
  test.each([
    [`HD(1,GPT,${GUID},0x800,0x1000)/\\a.efi`, 'HardDrive', '', '\\a.efi'],
    ['\\a.efi', 'FilePath', '', ''],
    ['Uri(http://10.0.2.2/a.efi)', 'Uri', '', ''],
    ['UsbClass(0xffff,0xffff,8,0xff,0xff)/HD(1,MBR,1,1,1)', 'UsbClass', '', 'HD(1,MBR,1,1,1)'],
    ['UsbWwid(1,2,0,"abc")', 'UsbWwid', '', ''],
    ['PciRoot(0)/Pci(4,0)/UsbClass()', 'UsbClass', 'PciRoot(0)/Pci(4,0)', ''],
  ])('%s', (text, kind, parent, rest) => {
    const short = readShortForm(path(text));
    expect(short?.kind).toBe(kind);
    expect(short?.parent).toEqual(path(parent));
    expect(short?.rest).toEqual(path(rest));
  });

  test.each([
    '',
    'PciRoot(0)/Pci(4,0)',
    `PciRoot(0)/Pci(4,0)/HD(1,GPT,${GUID},0x800,0x1000)/\\a.efi`,
    'PciRoot(0)/Pci(4,0)/MAC(525400123456,1)/IPv4(0.0.0.0)/Uri()',
  ])('a full path is none: "%s"', (text) => {
    expect(readShortForm(path(text))).toBeUndefined();
  });

  test('a malformed path is EFI_INVALID_PARAMETER', () => {
    expect(() => readShortForm(Uint8Array.of(1, 1, 6, 0))).toThrow('EFI_INVALID_PARAMETER');
  });
});

describe('matchHardDrive: BmMatchPartitionDevicePathNode', () => {
  const gpt = path(`PciRoot(0)/HD(1,GPT,${GUID},0x800,0x1000)`);
  const mbr = path('PciRoot(0)/HD(2,MBR,0x1234,0x800,0x1000)');

  test('number, signature and types must be the same; start and size need not', () => {
    expect(matchHardDrive(gpt, node(`HD(1,GPT,${GUID},0x900,0x2000)`))).toBe(true);
    expect(matchHardDrive(mbr, node('HD(2,MBR,0x1234,0x900,0x2000)'))).toBe(true);
  });

  test.each([
    `HD(2,GPT,${GUID},0x800,0x1000)`,
    'HD(1,GPT,00000000-0000-0000-0000-000000000001,0x800,0x1000)',
    'HD(1,MBR,0x83CA7D9E,0x800,0x1000)',
    'CDROM(0,0x800,0x1000)',
  ])('%s is another one', (text) => {
    expect(matchHardDrive(gpt, node(text))).toBe(false);
  });

  test('what is no partition is never meant', () => {
    expect(matchHardDrive(path('PciRoot(0)'), node('HD(2,MBR,0x1234,0,0)'))).toBe(false);
    expect(matchHardDrive(path(''), node('HD(2,MBR,0x1234,0,0)'))).toBe(false);
  });
});

describe('USB class and WWID: BmMatchUsbClass, BmMatchUsbWwid', () => {
  const stick: UsbInterface = {
    vendorId: 0x46f4,
    productId: 1,
    device: { deviceClass: 0, subClass: 0, protocol: 0 },
    interfaceNumber: 0,
    interface: { deviceClass: 8, subClass: 6, protocol: 0x50 },
    serialNumbers: ['1-0000:00:04.0-1'],
  };
  const hub: UsbInterface = { ...stick, device: { deviceClass: 9, subClass: 0, protocol: 1 } };

  test('0xFFFF and 0xFF mean any', () => {
    expect(matchUsbClass(stick, usbClassNode(0xffff, 0xffff, 0xff, 0xff, 0xff))).toBe(true);
  });

  test('a device of class 0 is what its interface is', () => {
    expect(matchUsbClass(stick, usbClassNode(0x46f4, 1, 8, 6, 0x50))).toBe(true);
    expect(matchUsbClass(hub, usbClassNode(0x46f4, 1, 8, 6, 0x50))).toBe(false);
    expect(matchUsbClass(hub, usbClassNode(0x46f4, 1, 9, 0, 1))).toBe(true);
  });

  test.each([
    ['vendor', usbClassNode(0x46f5, 1, 8, 6, 0x50)],
    ['product', usbClassNode(0x46f4, 2, 8, 6, 0x50)],
    ['class', usbClassNode(0x46f4, 1, 9, 6, 0x50)],
    ['sub-class', usbClassNode(0x46f4, 1, 8, 7, 0x50)],
    ['protocol', usbClassNode(0x46f4, 1, 8, 6, 0x51)],
    ['kind of node', usbWwidNode(0, 0x46f4, 1, '')],
  ])('another %s is another device', (_what, wanted) => {
    expect(matchUsbClass(stick, wanted)).toBe(false);
  });

  test('a WWID may have the end of the serial number only, in any language', () => {
    const wanted = usbWwidNode(0, 0x46f4, 1, '04.0-1');
    expect(matchUsbWwid(stick, wanted)).toBe(true);
    expect(matchUsbWwid({ ...stick, serialNumbers: ['Eins', 'x04.0-1'] }, wanted)).toBe(true);
    expect(matchUsbWwid({ ...stick, serialNumbers: ['4.0-1', '04.0-12'] }, wanted)).toBe(false);
    expect(matchUsbWwid({ ...stick, serialNumbers: [] }, wanted)).toBe(false);
  });

  test.each([
    ['interface', usbWwidNode(1, 0x46f4, 1, '04.0-1')],
    ['vendor', usbWwidNode(0, 0x46f5, 1, '04.0-1')],
    ['product', usbWwidNode(0, 0x46f4, 2, '04.0-1')],
    ['kind of node', usbClassNode(0x46f4, 1, 8, 6, 0x50)],
  ])('another %s is another device', (_what, wanted) => {
    expect(matchUsbWwid(stick, wanted)).toBe(false);
  });
});

describe('matchHttpBoot: BmMatchHttpBootDevicePath', () => {
  const nic = 'PciRoot(0)/Pci(3,0)/MAC(525400123456,1)';
  const option = path(`${nic}/IPv4(0.0.0.0)/Uri()`);

  test('addresses, URI and DNS servers are filled in on the way', () => {
    expect(matchHttpBoot(option, option)).toBe(true);
    const booted = path(`${nic}/IPv4(10.0.2.2,TCP,DHCP)/Dns(10.0.2.3)/Uri(http://10.0.2.2/a.efi)`);
    expect(matchHttpBoot(option, booted)).toBe(true);
    expect(matchHttpBoot(booted, option)).toBe(true);
  });

  test.each([
    'PciRoot(0)/Pci(3,0)/MAC(525400123457,1)/IPv4(0.0.0.0)/Uri()',
    `${nic}/IPv6(::)/Uri()`,
    `${nic}/IPv4(0.0.0.0)`,
    `${nic}/IPv4(0.0.0.0)/Uri()/RamDisk(0,1,0,${GUID})`,
  ])('%s is another boot', (text) => {
    expect(matchHttpBoot(option, path(text))).toBe(false);
    expect(matchHttpBoot(path(text), option)).toBe(false);
  });
});
