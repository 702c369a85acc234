import { describe, expect, test } from 'vitest';
import { guid, guidToBytes } from '../../guid.ts';
import { statusOf } from '../../status/status-of.fixture.ts';
import {
  acpiAdrNode,
  acpiExtendedNode,
  acpiNode,
  eisaPnpId,
  pciRootNode,
  pcieRootNode,
} from '../acpi-nodes.ts';
import {
  bmcNode,
  controllerNode,
  memoryMappedNode,
  pccardNode,
  pciNode,
  vendorHardwareNode,
} from '../hardware-nodes.ts';
import { ipv4Node, ipv6Node } from '../ip-nodes.ts';
import {
  bbsNode,
  cdromNode,
  filePathNode,
  firmwareFileNode,
  firmwareVolumeNode,
  hardDriveNode,
  mediaProtocolNode,
  ramDiskNode,
  relativeOffsetRangeNode,
  vendorMediaNode,
} from '../media-nodes.ts';
import {
  atapiNode,
  emmcNode,
  fibreChannelNode,
  logicalUnitNode,
  macAddressNode,
  nvmeNamespaceNode,
  sasExNode,
  sataNode,
  scsiNode,
  sdNode,
  uartNode,
  ufsNode,
  uriNode,
  usbClassNode,
  usbNode,
  usbWwidNode,
  vendorMessagingNode,
  vlanNode,
} from '../messaging-nodes.ts';
import type { DevicePathNode } from '../node.ts';
import { packNode, uint32 } from '../node.ts';
import {
  DEVICE_PATH_MESSAGING_SAS,
  DEVICE_PATH_MESSAGING_UART_FLOW_CONTROL,
  EFI_VIRTUAL_CD_GUID,
  EFI_VT_100_GUID,
} from '../vendor-guids.ts';
import { convertTextToDevicePath } from './device-path-text.ts';
import { convertDeviceNodeToText } from './node-to-text.ts';
import { convertTextToDeviceNode } from './text-to-node.ts';

const A_GUID = '837dca9e-e874-4d82-b29a-23fe0e23d1e2';
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const gpt = hardDriveNode({
  partitionNumber: 1,
  partitionStart: 0x800,
  partitionSize: 0x1f000,
  signature: guidToBytes(guid(A_GUID)),
  mbrType: 2,
  signatureType: 2,
});
const mbr = hardDriveNode({
  partitionNumber: 5,
  partitionStart: 63,
  partitionSize: 0x1000,
  signature: bytes(0xab, 0xcd, 0x34, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  mbrType: 1,
  signatureType: 1,
});
const ipv4 = ipv4Node({
  remoteIpAddress: bytes(10, 0, 2, 2),
  protocol: 6,
  staticIpAddress: 1,
  localIpAddress: bytes(10, 0, 2, 15),
  gatewayIpAddress: bytes(10, 0, 2, 1),
  subnetMask: bytes(255, 255, 255, 0),
});
const ipv6 = ipv6Node({
  remoteIpAddress: bytes(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
  protocol: 17,
  ipAddressOrigin: 1,
  prefixLength: 64,
});
const zeros6 = '0000:0000:0000:0000:0000:0000:0000:0000';
const sasData = (topology: number): Uint8Array =>
  bytes(
    0,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0x50,
    2,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    topology & 0xff,
    topology >> 8,
    3,
    0,
  );

describe('A node and its text (UEFI §10.6.1.6)', () => {
  test.each<[string, DevicePathNode]>([
    ['Pci(0x1f,0x2)', pciNode(0x1f, 2)],
    ['PcCard(0x1)', pccardNode(1)],
    [
      'MemoryMapped(0xb,0xfee00000,0xffffffffffffffff)',
      memoryMappedNode(11, 0xfee00000, 2n ** 64n - 1n),
    ],
    [`VenHw(${A_GUID})`, vendorHardwareNode(A_GUID)],
    [
      `VenHw(${A_GUID},003e000a00000000)`,
      vendorHardwareNode(A_GUID, bytes(0, 0x3e, 0, 0x0a, 0, 0, 0, 0)),
    ],
    ['Ctrl(0x1)', controllerNode(1)],
    ['BMC(0x1,0xca2)', bmcNode(1, 0xca2)],
    ['PciRoot(0x0)', pciRootNode(0)],
    ['PcieRoot(0x1)', pcieRootNode(1)],
    ['Floppy(0x0)', acpiNode(eisaPnpId(0x0604), 0)],
    ['Keyboard(0x0)', acpiNode(eisaPnpId(0x0301), 0)],
    ['Serial(0x1)', acpiNode(eisaPnpId(0x0501), 1)],
    ['ParallelPort(0x0)', acpiNode(eisaPnpId(0x0401), 0)],
    ['Acpi(PNP0C0A,0x2)', acpiNode(eisaPnpId(0x0c0a), 2)],
    ['Acpi(0x12345678,0x0)', acpiNode(0x12345678, 0)],
    [
      'AcpiEx(PNP0A08,PNP0A03,0x0,,,)',
      acpiExtendedNode({ hid: eisaPnpId(0x0a08), cid: eisaPnpId(0x0a03) }),
    ],
    [
      'AcpiEx(0x0,0x0,0x7,HIDX,CIDX,UIDX)',
      acpiExtendedNode({ uid: 7, hidStr: 'HIDX', uidStr: 'UIDX', cidStr: 'CIDX' }),
    ],
    ['AcpiAdr(0x80010300,0x1)', acpiAdrNode(0x80010300, 1)],
    ['Ata(Secondary,Master,0x0)', atapiNode(1, 0, 0)],
    ['Scsi(0x2,0x3)', scsiNode(2, 3)],
    ['Fibre(0x5000000000000001,0x2)', fibreChannelNode(0x5000000000000001n, 2)],
    ['USB(0x1,0x0)', usbNode(1, 0)],
    ['UsbClass(0xffff,0xffff,0x9,0x0,0x1)', usbClassNode(0xffff, 0xffff, 9, 0, 1)],
    ['UsbWwid(0x46f4,0x1,0x0,"QEMU, 1")', usbWwidNode(0, 0x46f4, 1, 'QEMU, 1')],
    [`VenMsg(${A_GUID},0102)`, vendorMessagingNode(A_GUID, bytes(1, 2))],
    [
      'SasEx(0x0000000000000150,0x0000000000000200,0x3,SATA,External,Expanded,0x5)',
      sasExNode(bytes(0, 0, 0, 0, 0, 0, 1, 0x50), bytes(0, 0, 0, 0, 0, 0, 2, 0), 0x0472, 3),
    ],
    [
      'SasEx(0x0000000000000000,0x0000000000000000,0x0,NoTopology,0,0,0)',
      sasExNode(new Uint8Array(8), new Uint8Array(8), 0, 0),
    ],
    [
      'SasEx(0x0000000000000000,0x0000000000000000,0x0,0x83,0,0,0)',
      sasExNode(new Uint8Array(8), new Uint8Array(8), 0x83, 0),
    ],
    ['MAC(525400123456,0x1)', macAddressNode(bytes(0x52, 0x54, 0, 0x12, 0x34, 0x56), 1)],
    ['IPv4(10.0.2.2,TCP,Static,10.0.2.15,10.0.2.1,255.255.255.0)', ipv4],
    [
      `IPv6(fe80:0000:0000:0000:0000:0000:0000:0001,UDP,StatelessAutoConfigure,${zeros6},0x40,${zeros6})`,
      ipv6,
    ],
    ['Uart(115200,8,N,1)', uartNode(115200, 8, 1, 1)],
    ['Uart(0,0,D,D)', uartNode(0, 0, 0, 0)],
    ['Unit(0x1)', logicalUnitNode(1)],
    ['Sata(0x0,0xffff,0x0)', sataNode(0, 0xffff, 0)],
    ['Vlan(5)', vlanNode(5)],
    ['NVMe(0x1,00-11-22-33-44-55-66-77)', nvmeNamespaceNode(1, 0x0011223344556677n)],
    ['Uri(http://10.0.2.2/boot.efi)', uriNode('http://10.0.2.2/boot.efi')],
    ['Uri()', uriNode('')],
    ['UFS(0x0,0xc4)', ufsNode(0, 0xc4)],
    ['SD(0x0)', sdNode(0)],
    ['eMMC(0x1)', emmcNode(1)],
    [`HD(1,GPT,${A_GUID},0x800,0x1f000)`, gpt],
    ['HD(5,MBR,0x1234cdab,0x3f,0x1000)', mbr],
    [
      'HD(2,0,0,0x3f,0x1000)',
      hardDriveNode({
        partitionNumber: 2,
        partitionStart: 63,
        partitionSize: 4096,
        signature: new Uint8Array(16),
        mbrType: 0,
        signatureType: 0,
      }),
    ],
    ['CDROM(0x0,0x14,0x4)', cdromNode(0, 20, 4)],
    [`VenMedia(${A_GUID})`, vendorMediaNode(A_GUID)],
    ['\\EFI\\BOOT\\BOOTX64.EFI', filePathNode('\\EFI\\BOOT\\BOOTX64.EFI')],
    ['\\Käse (1).efi', filePathNode('\\Käse (1).efi')],
    [`Media(${A_GUID})`, mediaProtocolNode(A_GUID)],
    [`FvFile(${A_GUID})`, firmwareFileNode(A_GUID)],
    [`Fv(${A_GUID})`, firmwareVolumeNode(A_GUID)],
    ['Offset(0x1000,0x1fff)', relativeOffsetRangeNode(0x1000, 0x1fff)],
    ['VirtualCD(0x1000,0x1fff,0x0)', ramDiskNode(0x1000, 0x1fff, EFI_VIRTUAL_CD_GUID, 0)],
    [`RamDisk(0x1000,0x1fff,0x1,${A_GUID})`, ramDiskNode(0x1000, 0x1fff, A_GUID, 1)],
    ['BBS(HD,disk,0x1)', bbsNode(2, 1, 'disk')],
    ['BBS(0x80,,0x0)', bbsNode(0x80, 0, '')],
  ])('%s', (text, node) => {
    expect(convertDeviceNodeToText(node)).toBe(text);
    expect(convertTextToDeviceNode(text)).toEqual(node);
  });

  test.each<[string, DevicePathNode]>([
    ['HardwarePath(9,0102)', packNode(1, 9, bytes(1, 2))],
    ['AcpiPath(200)', packNode(2, 200)],
    ['Msg(19,ff)', packNode(3, 19, bytes(0xff))],
    ['MediaPath(99)', packNode(4, 99)],
    ['BbsPath(2)', packNode(5, 2)],
    ['Path(6,7,08)', packNode(6, 7, bytes(8))],
  ])('%s: a node without a name', (text, node) => {
    expect(convertDeviceNodeToText(node)).toBe(text);
    expect(convertTextToDeviceNode(text)).toEqual(node);
  });

  test.each<[string, string, DevicePathNode]>([
    ['a PCI node of another length', 'HardwarePath(1,0002ff)', packNode(1, 1, bytes(0, 2, 0xff))],
    ['a comma in a file name', 'MediaPath(4,61002c0062000000)', filePathNode('a,b')],
    ['a file named like a node', 'MediaPath(4,530044002800310029000000)', filePathNode('SD(1)')],
    ['a slash in a file name', 'MediaPath(4,2f000000)', filePathNode('/')],
    ['a file name without its NUL', 'MediaPath(4,6100)', packNode(4, 4, bytes(0x61, 0))],
    ['a URI that looks like a name', 'Msg(24,5572693d61)', uriNode('Uri=a')],
    ['a parity without a letter', 'Msg(14,000000000100000000000000000900)', uartNode(1, 0, 9, 0)],
  ])('%s takes the generic form, so that it comes back', (_what, text, node) => {
    expect(convertDeviceNodeToText(node)).toBe(text);
    expect(convertTextToDeviceNode(text)).toEqual(node);
  });

  test.each<[string, DevicePathNode]>([
    ['VenVt100()', vendorMessagingNode(EFI_VT_100_GUID)],
    [
      'UartFlowCtrl(XonXoff)',
      vendorMessagingNode(DEVICE_PATH_MESSAGING_UART_FLOW_CONTROL, uint32(2)),
    ],
    [
      'SAS(0x5000000000000001,0x2,0x3,SAS,Internal,Direct,0,0x0)',
      vendorMessagingNode(DEVICE_PATH_MESSAGING_SAS, sasData(1)),
    ],
    ['UsbHub(0xffff,0xffff,0x0,0x1)', usbClassNode(0xffff, 0xffff, 9, 0, 1)],
    ['UsbIrdaBridge(0xffff,0xffff,0x1)', usbClassNode(0xffff, 0xffff, 254, 2, 1)],
    ['AcpiExp(PNP0A03,0x0,PCI0)', acpiExtendedNode({ hid: eisaPnpId(0x0a03), uidStr: 'PCI0' })],
  ])('%s: only where shortcuts are allowed, read anywhere', (text, node) => {
    expect(convertDeviceNodeToText(node, { allowShortcuts: true })).toBe(text);
    expect(convertDeviceNodeToText(node)).not.toBe(text);
    expect(convertTextToDeviceNode(text)).toEqual(node);
  });

  test.each<[string, DevicePathNode]>([
    [`HD(1,GPT,${A_GUID})`, gpt],
    ['CDROM(0x0)', cdromNode(0, 20, 4)],
    ['Ata(0x0)', atapiNode(1, 0, 0)],
    ['IPv4(10.0.2.2)', ipv4],
    ['BBS(HD,disk)', bbsNode(2, 1, 'disk')],
    ['AcpiEx(HIDX,0x0,UIDX)', acpiExtendedNode({ hidStr: 'HIDX', uidStr: 'UIDX' })],
    ['a,b', filePathNode('a,b')],
  ])('%s: for display only', (text, node) => {
    expect(convertDeviceNodeToText(node, { displayOnly: true })).toBe(text);
  });

  test.each<[string, DevicePathNode]>([
    ['PciRoot()', pciRootNode(0)],
    ['Pci(31,2)', pciNode(31, 2)],
    ['Pci(0X1F,0x2)', pciNode(31, 2)],
    ['Sata(1)', sataNode(1, 0xffff, 0)],
    ['Uart(DEFAULT,DEFAULT,D,D)', uartNode(115200, 8, 0, 0)],
    ['IPv6(fe80::1,UDP,StatelessAutoConfigure,::,64,::)', ipv6],
    ['IPv6(fe80::1,UDP,StatelessAutoConfigure,::,::,64)', ipv6],
    ['SD()', sdNode(0)],
    ['Offset(0xFF, 0xFFFF)', relativeOffsetRangeNode(0xff, 0xffff)],
    ['BMC(0x00,0xca2))', bmcNode(0, 0xca2)],
    [`HD(1,GPT,${A_GUID.toUpperCase()},0x800,0x1F000)`, gpt],
    [
      'AcpiEx(PNP0A08,CID=PNP0A03)',
      acpiExtendedNode({ hid: eisaPnpId(0x0a08), cid: eisaPnpId(0x0a03) }),
    ],
    [
      'AcpiEx(UIDSTR=PC00,HID=PNP0A08)',
      acpiExtendedNode({ hid: eisaPnpId(0x0a08), uidStr: 'PC00' }),
    ],
    ['Pci(Function=0x2,Device=0x1f)', pciNode(31, 2)],
    ['Sata(1,LUN=2)', sataNode(1, 0xffff, 2)],
    ['UsbHub(SubClass=0,1)', usbClassNode(0xffff, 0xffff, 9, 0, 1)],
    ['Uri(http://a/?Uri=b)', uriNode('http://a/?Uri=b')],
    ['Unknown(0x1)', filePathNode('Unknown(0x1)')],
    ['Pci', filePathNode('Pci')],
  ])('%s is read, too', (text, node) => {
    expect(convertTextToDeviceNode(text)).toEqual(node);
  });

  test.each([
    ['Pci(0x1)', 'argument 2: expected a number, found nothing'],
    ['Pci(0x1,0x0,0x0)', 'expected 2 arguments, found 3'],
    ['Pci(one,0x0)', 'argument 1: expected a number, found "one"'],
    ['Pci(0x100,0x0)', '256 is no unsigned value of 1 bytes'],
    ['Pci(0x1,0x0', 'expected ")" at the end'],
    ['HD(1,GPT,1234)', 'expected a GUID, found "1234"'],
    ['HD(1,APM,0)', 'expected MBR, GPT or a number, found "APM"'],
    ['HD(1,0,5)', 'no signature'],
    ['HD(1)', 'expected a GUID, found'],
    ['Pci(0x1,Device=0x2)', 'argument Device is given twice'],
    ['Pci(Slot=0x1,0x0)', 'argument 1: expected a number, found "Slot=0x1"'],
    ['MAC(5254,1)', 'a MAC address of interface type 1 has 6 bytes, not 2'],
    ['BMC(0x00,0xca2)))', 'expected a number'],
    [`VenHw(${A_GUID},abc)`, 'expected pairs of hexadecimal digits'],
    ['Acpi(PNP,0)', 'expected an EISA id'],
    ['IPv4(10.0.0.256)', 'expected an IPv4 address'],
    ['IPv6(1::2::3)', 'expected an IPv6 address'],
    ['NVMe(1,00-11)', 'an EUI-64 is eight pairs'],
    ['Path(127,255)', 'an end node is not written as text'],
    ['Path(256,1)', '256 is no unsigned value'],
  ])('%s is EFI_INVALID_PARAMETER, which says why', (text, why) => {
    expect(statusOf(() => convertTextToDevicePath(text))).toBe('EFI_INVALID_PARAMETER');
    expect(() => convertTextToDevicePath(text)).toThrow(why);
  });
});
