import {
  convertDevicePathToText,
  convertTextToDevicePath,
  LOAD_OPTION_ACTIVE,
  loadOptionName,
  readLoadOption,
  readLoadOptionOrder,
  writeLoadOption,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { Efivarfs, missingEfibootmgr } from './efibootmgr.fixture.ts';

const missing = missingEfibootmgr();
const GUID = '837dca9e-e874-4d82-b29a-23fe0e23d1e2';

/** Nodes of which libefivar and the specification think alike, but for how a number is written. */
const PATHS = [
  'PciRoot(0x0)/Pci(0x1f,0x2)',
  'PcieRoot(0x1)/Pci(0x1c,0x0)/Pci(0x0,0x0)',
  'PcCard(0x1)',
  'MemoryMapped(0xb,0xfee00000,0xffffffffffffffff)',
  `VenHw(${GUID})`,
  `VenHw(${GUID},003e000a00000000)`,
  'Ctrl(0x1)',
  'BMC(0x1,0xca2)',
  'Floppy(0x0)',
  'Keyboard(0x0)',
  'Serial(0x1)/Uart(115200,8,N,1)',
  'Acpi(0x12345678,0x0)',
  'AcpiAdr(0x80010300,0x1)',
  'USB(0x1,0x0)',
  `VenMsg(${GUID},0102)`,
  'VenPcAnsi()',
  'VenVt100()',
  'VenVt100Plus()',
  'VenUtf8()',
  'DebugPort()',
  'MAC(525400123456,0x1)',
  'UsbHub(0xffff,0xffff,0x0,0x1)',
  'Unit(0x1)',
  'Sata(0x0,0xffff,0x0)',
  'Vlan(5)',
  'Uri(http://10.0.2.2/boot.efi)',
  'UFS(0x0,0xc4)',
  'SD(0x0)',
  'eMMC(0x1)',
  'Dns(192.168.22.100)',
  `NVDIMM(${GUID})`,
  `HD(1,GPT,${GUID},0x800,0x1f000)`,
  'HD(5,MBR,0x1234cdab,0x3f,0x1000)',
  'CDROM(0x0,0x14,0x4)',
  `VenMedia(${GUID})`,
  `Media(${GUID})`,
  `FvFile(${GUID})`,
  'Offset(0x1000,0x1fff)',
  'VirtualDisk(0x1000,0x1fff,0x0)',
  'VirtualCD(0x1000,0x1fff,0x0)',
  'BBS(HD,disk,0x1)',
  'HardwarePath(9,0102)',
  'Msg(99,ff)',
];

/** Every argument that is a number as a number, whichever way it is written. */
function numbersAlike(text: string): string {
  return text.replaceAll(/(?<=[(,])(?:0x[0-9a-f]+|\d+)(?=[,)])/g, (number) => `${BigInt(number)}`);
}

function option(text: string, description: string): Uint8Array {
  return writeLoadOption({
    attributes: LOAD_OPTION_ACTIVE,
    description,
    filePathList: [convertTextToDevicePath(text)],
    optionalData: new Uint8Array(0),
  });
}

describe.skipIf(missing !== undefined)(`efibootmgr and libefivar ${missing ?? ''}`, () => {
  test('read our device paths as we do (UEFI §10.6.1.6)', () => {
    using efivarfs = new Efivarfs();
    efivarfs.write('BootOrder', writeLoadOptionOrder([0]));
    for (const [number, text] of PATHS.entries()) {
      efivarfs.write(loadOptionName('Boot', number), option(text, `path ${number}`));
    }
    const lines = efivarfs.efibootmgr('-v').matchAll(/^Boot[0-9A-F]{4}\* path \d+\t(.*)$/gm);
    const theirs = Array.from(lines, ([, text = '']) => numbersAlike(text));
    const ours = PATHS.map((text) => {
      const shortest = { allowShortcuts: true };
      return numbersAlike(convertDevicePathToText(convertTextToDevicePath(text), shortest));
    });
    expect(theirs).toEqual(ours);
  });

  test('read our load options, their order, and what comes next (§3.1.3, §3.3)', () => {
    using efivarfs = new Efivarfs();
    const path = `HD(1,GPT,${GUID},0x800,0x1f000)/\\EFI\\BOOT\\BOOTX64.EFI`;
    efivarfs.write('Boot001F', option(path, 'Test'));
    efivarfs.write('Boot0002', option('\\a.efi', 'Zwei'));
    efivarfs.write('BootOrder', writeLoadOptionOrder([2, 0x1f]));
    efivarfs.write('BootNext', writeLoadOptionOrder([0x1f]));
    efivarfs.write('BootCurrent', writeLoadOptionOrder([2]));
    efivarfs.write('Timeout', writeLoadOptionOrder([5]));
    const told = efivarfs.efibootmgr('-v');
    for (const line of [
      'BootNext: 001F',
      'BootCurrent: 0002',
      'Timeout: 5 seconds',
      'BootOrder: 0002,001F',
      'Boot0002* Zwei\tFile(\\a.efi)',
      `Boot001F* Test\tHD(1,GPT,${GUID},0x800,0x1f000)/File(\\EFI\\BOOT\\BOOTX64.EFI)`,
    ]) {
      expect(told).toContain(`${line}\n`);
    }
  });

  test('write what we read: order, next, timeout, and an option that is no longer active', () => {
    using efivarfs = new Efivarfs();
    const bytes = option('PciRoot(0x0)/Pci(0x2,0x0)', 'disk');
    efivarfs.write('Boot0001', bytes);
    efivarfs.write('Boot0002', bytes);
    efivarfs.write('BootOrder', writeLoadOptionOrder([1]));
    efivarfs.efibootmgr('-o', '2,1');
    efivarfs.efibootmgr('-n', '2');
    efivarfs.efibootmgr('-t', '300');
    efivarfs.efibootmgr('-A', '-b', '1');
    expect(readLoadOptionOrder(efivarfs.read('BootOrder')).value).toEqual([2, 1]);
    expect(readLoadOptionOrder(efivarfs.read('BootNext')).value).toEqual([2]);
    expect(readLoadOptionOrder(efivarfs.read('Timeout')).value).toEqual([300]);
    const { value } = readLoadOption(bytes);
    expect(readLoadOption(efivarfs.read('Boot0001')).value).toEqual({ ...value, attributes: 0 });
  });
});
