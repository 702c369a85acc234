import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guid } from '../../guid.ts';
import { acpiAdrNode, acpiExtendedNode, pciRootNode } from '../acpi-nodes.ts';
import { controllerNode, pciNode, vendorHardwareNode } from '../hardware-nodes.ts';
import { filePathNode, hardDriveNode, ramDiskNode } from '../media-nodes.ts';
import { macAddressNode, uartNode, uriNode, usbWwidNode } from '../messaging-nodes.ts';
import { iscsiNode, nvmeOfNamespaceNode } from '../network-nodes.ts';
import type { DevicePathNode } from '../node.ts';
import { createDeviceNode, packNode } from '../node.ts';
import * as types from '../node-types.ts';
import { convertDeviceNodeToText } from '../text/node-to-text.ts';
import { NODE_TEXTS } from '../text/node-texts.ts';
import type { NodeFields } from './node-fields.ts';
import { readNodeFields, writeNodeFields } from './node-fields.ts';
import { NODE_LAYOUTS } from './node-layouts.ts';

const VENDOR = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

describe('The fields of a node (UEFI §10.3)', () => {
  test.each<[DevicePathNode, NodeFields]>([
    [pciNode(0x1f, 2), { kind: 'Pci', function: 2, device: 0x1f }],
    [controllerNode(7), { kind: 'Controller', controllerNumber: 7 }],
    [pciRootNode(1), { kind: 'Acpi', hid: 0x0a0341d0, uid: 1 }],
    [
      acpiExtendedNode({ hid: 1, uidStr: 'PC00' }),
      { kind: 'AcpiExtended', hid: 1, uid: 0, cid: 0, hidStr: '', uidStr: 'PC00', cidStr: '' },
    ],
    [acpiAdrNode(1, 2), { kind: 'AcpiAdr', adrs: [1, 2] }],
    [
      vendorHardwareNode(VENDOR, bytes(1, 2)),
      { kind: 'VendorHardware', vendor: VENDOR, data: bytes(1, 2) },
    ],
    [
      macAddressNode(bytes(1, 2, 3, 4, 5, 6), 1),
      {
        kind: 'MacAddress',
        macAddress: bytes(1, 2, 3, 4, 5, 6, ...new Uint8Array(26)),
        ifType: 1,
      },
    ],
    [
      uartNode(115200, 8, 1, 1),
      { kind: 'Uart', reserved: 0, baudRate: 115200n, dataBits: 8, parity: 1, stopBits: 1 },
    ],
    [
      usbWwidNode(0, 1, 2, 'Käse'),
      { kind: 'UsbWwid', interfaceNumber: 0, vendorId: 1, productId: 2, serialNumber: 'Käse' },
    ],
    [uriNode('http://a/'), { kind: 'Uri', uri: 'http://a/' }],
    [
      iscsiNode({
        targetName: 'iqn.a',
        targetPortalGroupTag: 1,
        lun: bytes(0, 1, 0, 0, 0, 0, 0, 0),
        loginOptions: 0x800,
      }),
      {
        kind: 'Iscsi',
        networkProtocol: 0,
        loginOptions: 0x800,
        lun: bytes(0, 1, 0, 0, 0, 0, 0, 0),
        targetPortalGroupTag: 1,
        targetName: 'iqn.a',
      },
    ],
    [
      nvmeOfNamespaceNode(3, new Uint8Array(16), 'nqn.ä'),
      { kind: 'NvmeOfNamespace', nidt: 3, nid: new Uint8Array(16), subsystemNqn: 'nqn.ä' },
    ],
    [
      hardDriveNode({
        partitionNumber: 1,
        partitionStart: 2048,
        partitionSize: 2n ** 63n,
        signature: new Uint8Array(16),
        mbrType: 2,
        signatureType: 2,
      }),
      {
        kind: 'HardDrive',
        partitionNumber: 1,
        partitionStart: 2048n,
        partitionSize: 2n ** 63n,
        signature: new Uint8Array(16),
        mbrType: 2,
        signatureType: 2,
      },
    ],
    [filePathNode('\\a.efi'), { kind: 'FilePath', pathName: '\\a.efi' }],
    [
      ramDiskNode(1, 2, VENDOR, 3),
      {
        kind: 'RamDisk',
        startingAddress: 1n,
        endingAddress: 2n,
        diskType: VENDOR,
        instance: 3,
      },
    ],
    [createDeviceNode(0x7f, 0xff, 4), { kind: 'EndEntire' }],
    [packNode(3, 99, bytes(1)), { kind: 'Other', type: 3, subType: 99, data: bytes(1) }],
  ])('%#', (node, fields) => {
    expect(readNodeFields(node)).toEqual(fields);
    expect(writeNodeFields(fields)).toEqual(node);
  });

  test.each<[string, DevicePathNode]>([
    ['a byte too many', packNode(1, 1, bytes(0, 1, 2))],
    ['a byte too few', packNode(1, 1, bytes(0))],
    ['a file path without its NUL', packNode(4, 4, bytes(65, 0))],
    ['a file path with a NUL inside', packNode(4, 4, bytes(0, 0, 65, 0, 0, 0))],
    ['half a character', packNode(3, 16, bytes(0, 0, 0, 0, 0, 0, 65))],
    ['two strings of three', packNode(2, 2, new Uint8Array(14))],
    ['text that is no UTF-8', packNode(3, 34, new Uint8Array(17), bytes(0xff, 0))],
    ['no _ADR', packNode(2, 3)],
  ])('%s: what has not the form of its type is "Other"', (_what, node) => {
    const fields = readNodeFields(node);
    expect(fields.kind).toBe('Other');
    expect(writeNodeFields(fields)).toEqual(node);
  });

  test.each<[string, NodeFields]>([
    ['Pci: device is too wide', { kind: 'Pci', function: 0, device: 256 }],
    ['a GUID that is none', { kind: 'FirmwareFile', fileName: 'nobody' }],
    ['a field of another length', { kind: 'Bluetooth', address: bytes(1) }],
    ['a NUL in a text', { kind: 'FilePath', pathName: 'a\0b' }],
    ['a character of more than 8 bits', { kind: 'Uri', uri: '€' }],
  ])('%s is EFI_INVALID_PARAMETER', (_what, fields) => {
    expect(() => writeNodeFields(fields)).toThrow('EFI_INVALID_PARAMETER');
  });

  test('there is a layout for every type and sub-type that has a constant, and for every text', () => {
    const known = Object.values(NODE_LAYOUTS).map(({ type, subType }) => `${type}/${subType}`);
    expect(new Set(known).size).toBe(known.length);
    const named = NODE_TEXTS.map(({ type, subType }) => `${type}/${subType}`);
    expect(known).toEqual(expect.arrayContaining(named));
    const constants = Object.keys(types).filter((name) => name.endsWith('_DP'));
    expect(known).toHaveLength(constants.length + 2);
  });

  /** Nodes of every kind, with any payload of about the length that they have. */
  const anyNode = fc
    .record({
      layout: fc.constantFrom(...Object.values(NODE_LAYOUTS)),
      payload: fc.uint8Array({ maxLength: 64 }),
    })
    .map(({ layout, payload }) => packNode(layout.type, layout.subType, payload));
  /** Nodes of every kind that have its form. */
  const anyWellFormed = fc
    .record({
      kind: fc.constantFrom(...NODE_TEXTS),
      payload: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    })
    .map(({ kind, payload }) =>
      packNode(kind.type, kind.subType, payload.subarray(0, (kind.length ?? 30) - 4)),
    );

  test('property: binary → fields → binary is the same, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(anyNode, anyWellFormed), (node) => {
        expect(writeNodeFields(readNodeFields(node))).toEqual(node);
      }),
      { numRuns: 1000 },
    );
  });

  test('property: a node that has a text of its own has fields, too', () => {
    fc.assert(
      fc.property(anyWellFormed, (node) => {
        const isGeneric = /^(?:HardwarePath|AcpiPath|Msg|MediaPath|BbsPath)\(/;
        const hasText = !isGeneric.test(convertDeviceNodeToText(node));
        expect(hasText && readNodeFields(node).kind === 'Other').toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
