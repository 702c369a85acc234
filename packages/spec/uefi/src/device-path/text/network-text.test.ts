import { describe, expect, test } from 'vitest';
import { guid, guidToBytes } from '../../guid.ts';
import { acpiExtendedNode, acpiNode, acpiNvdimmNode, eisaPnpId } from '../acpi-nodes.ts';
import { ipv4Node, ipv6Node } from '../ip-nodes.ts';
import { filePathNode, hardDriveNode } from '../media-nodes.ts';
import {
  fibreChannelExNode,
  i2oNode,
  ieee1394Node,
  macAddressNode,
  nvdimmNamespaceNode,
} from '../messaging-nodes.ts';
import {
  bluetoothLeNode,
  bluetoothNode,
  dnsNode,
  infinibandNode,
  iscsiNode,
  nvmeOfNamespaceNode,
  restServiceNode,
  vendorRestServiceNode,
  wifiNode,
} from '../network-nodes.ts';
import type { DevicePathNode } from '../node.ts';
import { packNode } from '../node.ts';
import { devicePathNodes } from '../walk.ts';
import { convertTextToDevicePath } from './device-path-text.ts';
import { convertDeviceNodeToText } from './node-to-text.ts';
import { convertTextToDeviceNode } from './text-to-node.ts';

const A_GUID = '837dca9e-e874-4d82-b29a-23fe0e23d1e2';
const NQN = 'nqn.2014-08.org.nvmexpress:test';
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const fromHex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits, 'hex'));
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const NID = fromHex('4eff7f8ed3534e9ba4ecdeea8eab84d7');
const EUI64 = fromHex('00112233445566770000000000000000');
const ipv4 = {
  remoteIpAddress: bytes(10, 0, 2, 2),
  protocol: 6,
  staticIpAddress: 0,
};
const iscsi = {
  targetName: 'iqn.2026-11.example:disk',
  targetPortalGroupTag: 0x12ab,
  lun: fromHex('0000005678000000'),
};
const NOBODY6 = '0000:0000:0000:0000:0000:0000:0000:0000';

describe('A node of a network and its text (UEFI §10.6.1.6)', () => {
  test.each<[string, DevicePathNode]>([
    ['NvdimmAcpiAdr(0x1)', acpiNvdimmNode(1)],
    [
      'FibreEx(0x123456789abcdef0,0xabcdef1234567890)',
      fibreChannelExNode(fromHex('123456789abcdef0'), fromHex('abcdef1234567890')),
    ],
    ['I1394(00de48234567abcd)', ieee1394Node(0x00de48234567abcdn)],
    ['I2O(0x1234abcd)', i2oNode(0x1234abcd)],
    [
      `Infiniband(0xa,${A_GUID},0x4d2,0x162e,0xabcd)`,
      infinibandNode({
        resourceFlags: 10,
        portGid: guidToBytes(guid(A_GUID)),
        serviceId: 1234,
        targetPortId: 5678,
        deviceId: 0xabcd,
      }),
    ],
    [
      'iSCSI(iqn.2026-11.example:disk,0x12ab,0x0000005678000000,CRC32C,None,CHAP_BI,TCP)',
      iscsiNode({ ...iscsi, loginOptions: 2 }),
    ],
    [
      'iSCSI(iqn.2026-11.example:disk,0x12ab,0x0000005678000000,None,CRC32C,CHAP_UNI,TCP)',
      iscsiNode({ ...iscsi, loginOptions: 0x1008 }),
    ],
    [
      'iSCSI(iqn.2026-11.example:disk,0x12ab,0x0000005678000000,None,None,None,reserved)',
      iscsiNode({ ...iscsi, loginOptions: 0x800, networkProtocol: 1 }),
    ],
    ['Bluetooth(001320f5fa77)', bluetoothNode(fromHex('001320f5fa77'))],
    ['BluetoothLE(001320f5fa77,0x1)', bluetoothLeNode(fromHex('001320f5fa77'), 1)],
    ["Wi-Fi(It's a SSID)", wifiNode(ascii("It's a SSID"))],
    ['Dns()', dnsNode()],
    [
      'Dns(192.168.22.100,192.168.22.101)',
      dnsNode(bytes(192, 168, 22, 100), bytes(192, 168, 22, 101)),
    ],
    [`Dns(${NOBODY6})`, dnsNode(new Uint8Array(16))],
    [`NVDIMM(${A_GUID})`, nvdimmNamespaceNode(guid(A_GUID))],
    ['RestService(0x1,0x2)', restServiceNode(1, 2)],
    [`RestService(0xff,0x1,${A_GUID})`, vendorRestServiceNode(1, guid(A_GUID))],
    [`RestService(0xff,0x1,${A_GUID},0102)`, vendorRestServiceNode(1, guid(A_GUID), bytes(1, 2))],
    [`NVMEoF(${NQN},0011223344556677)`, nvmeOfNamespaceNode(1, EUI64, NQN)],
    [`NVMEoF(${NQN},4eff7f8ed3534e9ba4ecdeea8eab84d7)`, nvmeOfNamespaceNode(2, NID, NQN)],
    [
      `NVMEoF(${NQN}-Käse,urn:uuid:4eff7f8e-d353-4e9b-a4ec-deea8eab84d7)`,
      nvmeOfNamespaceNode(3, NID, `${NQN}-Käse`),
    ],
    [
      'IPv4(10.0.2.2:3260,TCP,DHCP,0.0.0.0:80,0.0.0.0,0.0.0.0)',
      ipv4Node({ ...ipv4, localPort: 80, remotePort: 3260 }),
    ],
    [
      `IPv6([fe80:0000:0000:0000:0000:0000:0000:0001]:443,UDP,Static,${NOBODY6},0x0,${NOBODY6})`,
      ipv6Node({
        remoteIpAddress: fromHex('fe800000000000000000000000000001'),
        remotePort: 443,
        protocol: 17,
        ipAddressOrigin: 0,
        prefixLength: 0,
      }),
    ],
  ])('%s', (text, node) => {
    expect(convertDeviceNodeToText(node)).toBe(text);
    expect(convertTextToDeviceNode(text)).toEqual(node);
  });

  test.each<[string, DevicePathNode]>([
    ['an iSCSI name without its NUL', packNode(3, 19, new Uint8Array(14), ascii('iqn'))],
    ['digests that have no keyword', iscsiNode({ ...iscsi, loginOptions: 3 })],
    [
      'a network protocol that is not defined',
      iscsiNode({ ...iscsi, loginOptions: 0, networkProtocol: 9 }),
    ],
    ['an SSID with octets behind a NUL', wifiNode(bytes(65, 0, 66))],
    ['an empty SSID', wifiNode(bytes())],
    ['an IPv4 address of 16 bytes', packNode(3, 31, bytes(0), new Uint8Array(16).fill(1))],
    ['half an address', packNode(3, 31, bytes(0), new Uint8Array(8))],
    ['an identifier of no known type', nvmeOfNamespaceNode(4, NID, NQN)],
    ['an EUI-64 with bytes behind it', nvmeOfNamespaceNode(1, NID, NQN)],
    ['an NQN that is no UTF-8', packNode(3, 34, bytes(2), NID, bytes(0xff, 0))],
    ['an NQN without its NUL', packNode(3, 34, bytes(2), NID, bytes(65))],
    ['a REST service with more than its fields', packNode(3, 33, bytes(1, 2, 3))],
    ['a vendor REST service without its GUID', packNode(3, 33, bytes(0xff, 1))],
    ['a MAC address of more than 6 bytes', macAddressNode(bytes(1, 2, 3, 4, 5, 6, 7), 1)],
    [
      'a whole disk that has a place',
      hardDriveNode({
        partitionNumber: 0,
        partitionStart: 1,
        partitionSize: 2,
        signature: new Uint8Array(16),
        mbrType: 2,
        signatureType: 2,
      }),
    ],
  ])('%s takes the generic form, so that it comes back', (_what, node) => {
    const text = convertDeviceNodeToText(node);
    expect(text).toMatch(/^(?:Msg|MediaPath)\(/);
    expect(convertTextToDeviceNode(text)).toEqual(node);
  });

  test.each([
    ['FibreEx(0x12,0x0)', 'expected 16 hexadecimal digits'],
    ['I1394(0xACDE48234567ABCD)', 'expected 16 hexadecimal digits'],
    ['iSCSI()', 'expected a target name, found nothing'],
    ['iSCSI(a,1,0x0000000000000000,SHA)', 'expected None, CRC32C or a number'],
    ['Bluetooth(0013)', 'a field of 6 bytes, not 2'],
    [`Wi-Fi(${'a'.repeat(33)})`, 'an SSID of 33 > 32 octets'],
    ['Dns(1.2.3.4,::)', 'a field of 4 bytes, not 16'],
    ['Dns(1.2.3.4,)', 'expected an IP address, found nothing'],
    ['RestService(255,1)', 'expected a GUID, found nothing'],
    ['NVMEoF(nqn,urn:uuid:0011223344556677)', 'a namespace identifier is'],
    [`NVMEoF(${'ä'.repeat(112)},0011223344556677)`, 'a subsystem NQN of 224 > 223 bytes'],
    ['NVMEoF(\ud800,0011223344556677)', 'half a surrogate pair'],
    ['IPv4(10.0.2.2:65536)', '65536 is no unsigned value of 2 bytes'],
    ['IPv6(fe80::1:80:[1])', 'is no group of an IPv6 address'],
  ])('%s is EFI_INVALID_PARAMETER, which says why', (text, why) => {
    expect(() => convertTextToDeviceNode(text)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => convertTextToDeviceNode(text)).toThrow(why);
  });

  test('no DNS server has an address of 5 bytes', () => {
    expect(() => dnsNode(new Uint8Array(5))).toThrow('EFI_INVALID_PARAMETER');
  });

  test('the NVMe-oF example of §10.3.4.32, byte by byte', () => {
    const text =
      'NVMEoF(nqn.1991-05.org.uefi:nvmeoftarget-nvmeofdisk-target,urn:uuid:4eff7f8e-d353-4e9b-a4ec-deea8eab84d7)';
    const nqn = 'nqn.1991-05.org.uefi:nvmeoftarget-nvmeofdisk-target\0';
    const node = convertTextToDeviceNode(text);
    expect(node).toEqual(packNode(3, 34, bytes(3), NID, ascii(nqn)));
    // 20 + n by the specification's table, 21 + n by its offsets and by its example
    expect(node.length).toBe(21 + nqn.length);
  });

  test('the iSCSI example of §10.3.4.20: AuthMethod_None is 0x800, and a NUL ends the name', () => {
    const node = convertTextToDeviceNode(
      'iSCSI(iqn.1991-05.com.microsoft:iscsitarget-iscsidisk-target,0x1,0x0000000000000000,None,None,None,TCP)',
    );
    expect(node.length).toBe(0x49);
    expect([...node.subarray(4, 18)]).toEqual([0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect(node.at(-1)).toBe(0);
  });
});

describe('Root bridges with a _UID of letters (UEFI §10.6.1.6)', () => {
  const [pci, pcie] = [eisaPnpId(0x0a03), eisaPnpId(0x0a08)];

  test.each<[string, DevicePathNode]>([
    ['PciRoot(PC00)', acpiExtendedNode({ hid: pci, uidStr: 'PC00' })],
    ['PciRoot(0x7)', acpiExtendedNode({ cid: pci, uid: 7 })],
    ['PcieRoot(PC00)', acpiExtendedNode({ hid: pcie, cid: pci, uidStr: 'PC00' })],
    ['PcieRoot(0x1)', acpiExtendedNode({ cid: pcie, uid: 1 })],
  ])('%s: for display only', (text, node) => {
    expect(convertDeviceNodeToText(node, { displayOnly: true })).toBe(text);
    expect(convertDeviceNodeToText(node)).toMatch(/^AcpiEx\(/);
  });
});

describe('QUIRK: as EDK II writes and reads (MdePkg/Library/UefiDevicePathLib)', () => {
  const edk2 = { edk2: true };

  test.each<[string, DevicePathNode]>([
    ['AcpiPath(4,01000000)', acpiNvdimmNode(1)],
    ['Msg(33,0102)', restServiceNode(1, 2)],
    ['Acpi(0x00000001,0x0)', acpiNode(1, 0)],
    ['AcpiExp(PNP0A03,0x0,PC00)', acpiExtendedNode({ hid: eisaPnpId(0x0a03), uidStr: 'PC00' })],
    ['BluetoothLE(001320F5FA77,0x01)', bluetoothLeNode(fromHex('001320f5fa77'), 1)],
    [
      'IPv4(10.0.2.2,TCP,DHCP,0.0.0.0,0.0.0.0,0.0.0.0)',
      ipv4Node({ ...ipv4, localPort: 80, remotePort: 3260 }),
    ],
  ])('%s', (text, node) => {
    expect(convertDeviceNodeToText(node, edk2)).toBe(text);
  });

  test('nodes younger than its tables are files to it', () => {
    for (const text of [
      `NVDIMM(${A_GUID})`,
      'RestService(1,2)',
      'NvdimmAcpiAdr(1)',
      'NVMEoF(a,b)',
    ]) {
      expect(convertTextToDeviceNode(text, edk2)).toEqual(filePathNode(text));
    }
  });

  test('a parenthesis that is not closed ends the path', () => {
    const text = 'PciRoot(0x0)/Pci(0x1,0x0/Scsi(0x0,0x0)';
    expect([...devicePathNodes(convertTextToDevicePath(text, edk2))]).toHaveLength(1);
    expect(() => convertTextToDevicePath(text)).toThrow('EFI_INVALID_PARAMETER');
  });
});
