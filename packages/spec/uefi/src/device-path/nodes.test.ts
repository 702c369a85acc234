import { describe, expect, test } from 'vitest';
import { guid } from '../guid.ts';
import {
  acpiAdrNode,
  acpiExtendedNode,
  acpiNvdimmNode,
  eisaPnpId,
  pcieRootNode,
} from './acpi-nodes.ts';
import {
  bmcNode,
  controllerNode,
  memoryMappedNode,
  pccardNode,
  pciNode,
  vendorHardwareNode,
} from './hardware-nodes.ts';
import { ipv4Node, ipv6Node } from './ip-nodes.ts';
import {
  bbsNode,
  cdromNode,
  filePathNode,
  firmwareFileNode,
  firmwareVolumeNode,
  hardDriveNode,
  mediaProtocolNode,
  ramDiskNode,
  readFilePathNode,
  readHardDriveNode,
  relativeOffsetRangeNode,
  vendorMediaNode,
} from './media-nodes.ts';
import {
  atapiNode,
  emmcNode,
  fibreChannelExNode,
  fibreChannelNode,
  i2oNode,
  ieee1394Node,
  logicalUnitNode,
  macAddressNode,
  nvdimmNamespaceNode,
  nvmeNamespaceNode,
  readUsbClassNode,
  readUsbWwidNode,
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
} from './messaging-nodes.ts';
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
} from './network-nodes.ts';
import type { DevicePathNode } from './node.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const A_GUID = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');

describe('Device path nodes (UEFI §10.3.2 to §10.3.6)', () => {
  test.each<[string, DevicePathNode, number, number, number]>([
    ['PCI', pciNode(0x1f, 2), 1, 1, 6],
    ['PCCARD', pccardNode(1), 1, 2, 5],
    ['memory mapped', memoryMappedNode(11, 0, 0xfff), 1, 3, 24],
    ['vendor hardware', vendorHardwareNode(A_GUID, new Uint8Array(8)), 1, 4, 28],
    ['controller', controllerNode(1), 1, 5, 8],
    ['BMC', bmcNode(1, 0xca2), 1, 6, 13],
    ['PCI Express root', pcieRootNode(0), 2, 1, 12],
    ['ACPI extended', acpiExtendedNode({ uidStr: 'ab' }), 2, 2, 21],
    ['ACPI _ADR', acpiAdrNode(0x80010300, 1), 2, 3, 12],
    ['ACPI NVDIMM', acpiNvdimmNode(1), 2, 4, 8],
    ['ATAPI', atapiNode(0, 1, 0), 3, 1, 8],
    ['SCSI', scsiNode(2, 3), 3, 2, 8],
    ['Fibre Channel', fibreChannelNode(1n << 63n, 0), 3, 3, 24],
    ['IEEE 1394', ieee1394Node(1), 3, 4, 16],
    ['USB', usbNode(1, 0), 3, 5, 6],
    ['I2O', i2oNode(1), 3, 6, 8],
    [
      'Infiniband',
      infinibandNode({
        resourceFlags: 1,
        portGid: new Uint8Array(16),
        serviceId: 1,
        targetPortId: 2,
        deviceId: 3,
      }),
      3,
      9,
      48,
    ],
    ['vendor messaging', vendorMessagingNode(A_GUID), 3, 10, 20],
    ['MAC', macAddressNode(new Uint8Array(6), 1), 3, 11, 37],
    [
      'IPv4',
      ipv4Node({ remoteIpAddress: new Uint8Array(4), protocol: 6, staticIpAddress: 1 }),
      3,
      12,
      27,
    ],
    [
      'IPv6',
      ipv6Node({
        remoteIpAddress: new Uint8Array(16),
        protocol: 6,
        ipAddressOrigin: 0,
        prefixLength: 64,
      }),
      3,
      13,
      60,
    ],
    ['UART', uartNode(115200, 8, 1, 1), 3, 14, 19],
    ['USB class', usbClassNode(0xffff, 0xffff, 8, 0xff, 0xff), 3, 15, 11],
    ['USB WWID', usbWwidNode(0, 1, 2, 'abc'), 3, 16, 16],
    ['logical unit', logicalUnitNode(1), 3, 17, 5],
    ['SATA', sataNode(0, 0xffff, 0), 3, 18, 10],
    [
      'iSCSI',
      iscsiNode({
        targetName: 'iqn',
        targetPortalGroupTag: 1,
        lun: new Uint8Array(8),
        loginOptions: 0,
      }),
      3,
      19,
      22,
    ],
    ['VLAN', vlanNode(5), 3, 20, 6],
    ['Fibre Channel Ex', fibreChannelExNode(new Uint8Array(8), new Uint8Array(8)), 3, 21, 24],
    ['SAS ex', sasExNode(new Uint8Array(8), new Uint8Array(8), 0, 1), 3, 22, 24],
    ['NVMe', nvmeNamespaceNode(1, 0), 3, 23, 16],
    ['URI', uriNode('http://a/b'), 3, 24, 14],
    ['UFS', ufsNode(0, 1), 3, 25, 6],
    ['SD', sdNode(0), 3, 26, 5],
    ['Bluetooth', bluetoothNode(new Uint8Array(6)), 3, 27, 10],
    ['Wi-Fi', wifiNode(new Uint8Array(4)), 3, 28, 36],
    ['eMMC', emmcNode(0), 3, 29, 5],
    ['BluetoothLE', bluetoothLeNode(new Uint8Array(6), 1), 3, 30, 11],
    ['DNS', dnsNode(new Uint8Array(4), new Uint8Array(4)), 3, 31, 37],
    ['NVDIMM namespace', nvdimmNamespaceNode(A_GUID), 3, 32, 20],
    ['REST service', restServiceNode(1, 2), 3, 33, 6],
    ['vendor REST service', vendorRestServiceNode(1, A_GUID, new Uint8Array(3)), 3, 33, 25],
    ['NVMe-oF', nvmeOfNamespaceNode(3, new Uint8Array(16), 'nqn'), 3, 34, 25],
    ['CD-ROM', cdromNode(0, 20, 4), 4, 2, 24],
    ['vendor media', vendorMediaNode(A_GUID), 4, 3, 20],
    ['file path', filePathNode('\\EFI'), 4, 4, 14],
    ['media protocol', mediaProtocolNode(A_GUID), 4, 5, 20],
    ['firmware file', firmwareFileNode(A_GUID), 4, 6, 20],
    ['firmware volume', firmwareVolumeNode(A_GUID), 4, 7, 20],
    ['relative offset range', relativeOffsetRangeNode(0, 1), 4, 8, 24],
    ['RAM disk', ramDiskNode(0, 1, A_GUID, 0), 4, 9, 38],
    ['BBS', bbsNode(2, 0, 'hd'), 5, 1, 11],
  ])('%s: type, sub-type and length', (_name, node, type, subType, length) => {
    expect([...node.subarray(0, 4)]).toEqual([type, subType, length, 0]);
    expect(node.length).toBe(length);
  });

  test('§10.3.2.1: a PCI node has the function before the device', () => {
    expect([...pciNode(0x1f, 2).subarray(4)]).toEqual([2, 0x1f]);
  });

  test('§10.3.3: an EISA id has the product in its high word', () => {
    expect(eisaPnpId(0x0a03)).toBe(0x0a0341d0);
  });

  test('a vendor node carries its GUID in memory order, and its data', () => {
    const data = Uint8Array.of(0, 0x3e, 0, 0x0a, 0, 0, 0, 0);
    expect(hex(vendorHardwareNode(A_GUID, data))).toBe(
      '01041c009eca7d8374e8824db29a23fe0e23d1e2003e000a00000000',
    );
  });

  test('§10.3.5.1: a hard drive node gives back its fields, 64-bit blocks too', () => {
    const drive = {
      partitionNumber: 1,
      partitionStart: 2048n,
      partitionSize: (1n << 64n) - 1n,
      signature: Uint8Array.from({ length: 16 }, (_, index) => index),
      mbrType: 2,
      signatureType: 2,
    };
    const node = hardDriveNode(drive);
    expect(node.length).toBe(42);
    expect(readHardDriveNode(node)).toEqual(drive);
    expect(readHardDriveNode(node.subarray(0, 41))).toBeUndefined();
    expect(readHardDriveNode(cdromNode(0, 0, 0))).toBeUndefined();
  });

  test('§10.3.5.4: a file path node gives back its name, up to the NUL', () => {
    expect(readFilePathNode(filePathNode('\\EFI\\Käse.efi'))).toBe('\\EFI\\Käse.efi');
    expect(readFilePathNode(filePathNode('a\0b'))).toBe('a');
    expect(readFilePathNode(pciNode(0, 0))).toBeUndefined();
  });

  test('§10.3.4.9: a USB class node gives back its fields', () => {
    const fields = {
      vendorId: 0xffff,
      productId: 1,
      deviceClass: 8,
      deviceSubClass: 6,
      deviceProtocol: 0x50,
    };
    const node = usbClassNode(0xffff, 1, 8, 6, 0x50);
    expect(readUsbClassNode(node)).toEqual(fields);
    expect(readUsbClassNode(node.subarray(0, 10))).toBeUndefined();
    expect(readUsbClassNode(usbNode(1, 0))).toBeUndefined();
  });

  test('§10.3.4.7: a USB WWID node gives back its fields, with or without a NUL', () => {
    const fields = { interfaceNumber: 1, vendorId: 2, productId: 3, serialNumber: 'Käse' };
    expect(readUsbWwidNode(usbWwidNode(1, 2, 3, 'Käse'))).toEqual(fields);
    expect(readUsbWwidNode(usbWwidNode(1, 2, 3, 'Käse\0'))).toEqual(fields);
    expect(readUsbWwidNode(usbWwidNode(1, 2, 3, '').subarray(0, 9))).toBeUndefined();
    expect(readUsbWwidNode(usbNode(1, 0))).toBeUndefined();
  });

  test.each([
    () => pciNode(256, 0),
    () => pciNode(-1, 0),
    () => scsiNode(0x10000, 0),
    () => controllerNode(0.5),
    () => fibreChannelNode(1n << 64n, 0),
    () => acpiAdrNode(),
    () => macAddressNode(new Uint8Array(33), 1),
    () => uriNode('€'),
    () => uriNode('x'.repeat(65532)),
    () => sasExNode(new Uint8Array(7), new Uint8Array(8), 0, 0),
  ])('what does not fit is EFI_INVALID_PARAMETER: %s', (build) => {
    expect(build).toThrow('EFI_INVALID_PARAMETER');
  });
});
