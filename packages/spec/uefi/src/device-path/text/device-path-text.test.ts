import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guid, guidToBytes } from '../../guid.ts';
import { statusOf } from '../../status/status-of.fixture.ts';
import { pciRootNode } from '../acpi-nodes.ts';
import { pciNode } from '../hardware-nodes.ts';
import { filePathNode, hardDriveNode } from '../media-nodes.ts';
import { uartNode } from '../messaging-nodes.ts';
import { packNode } from '../node.ts';
import { appendDevicePathInstance, devicePath } from '../utilities.ts';
import { convertDevicePathToText, convertTextToDevicePath } from './device-path-text.ts';
import { convertDeviceNodeToText } from './node-to-text.ts';
import { NODE_TEXTS } from './node-texts.ts';

const A_GUID = '837dca9e-e874-4d82-b29a-23fe0e23d1e2';
const gpt = hardDriveNode({
  partitionNumber: 1,
  partitionStart: 0x800,
  partitionSize: 0x1f000,
  signature: guidToBytes(guid(A_GUID)),
  mbrType: 2,
  signatureType: 2,
});
describe('A path and its text (UEFI §10.6.2 to §10.6.5)', () => {
  const disk = devicePath(pciRootNode(0), pciNode(0x1f, 2), gpt, filePathNode('\\a.efi'));
  const both = appendDevicePathInstance(disk, devicePath(pciRootNode(1)));

  test('a slash stands between nodes, a comma between instances', () => {
    const text = `PciRoot(0x0)/Pci(0x1f,0x2)/HD(1,GPT,${A_GUID},0x800,0x1f000)/\\a.efi,PciRoot(0x1)`;
    expect(convertDevicePathToText(both)).toBe(text);
    expect(convertTextToDevicePath(text)).toEqual(both);
  });

  test('the path of nothing is empty text', () => {
    expect(convertDevicePathToText(devicePath())).toBe('');
    expect(convertTextToDevicePath('')).toEqual(devicePath());
  });

  test('QUIRK: EDK II writes upper-case digits and ",/" between instances; both are read', () => {
    const text = convertDevicePathToText(both, { edk2: true });
    expect(text).toBe(
      `PciRoot(0x0)/Pci(0x1F,0x2)/HD(1,GPT,${A_GUID.toUpperCase()},0x800,0x1F000)/\\a.efi,/PciRoot(0x1)`,
    );
    expect(convertTextToDevicePath(text)).toEqual(both);
  });

  test('QUIRK: EDK II writes the 0 of a UART as DEFAULT, which reads as 115200', () => {
    expect(convertDeviceNodeToText(uartNode(0, 0, 1, 1), { edk2: true })).toBe(
      'Uart(DEFAULT,DEFAULT,N,1)',
    );
  });

  const kinds = NODE_TEXTS.map(({ type, subType, length = 0, minimumLength = 4 }) => ({
    type,
    subType,
    length: Math.max(length, minimumLength),
  }));
  /** Nodes of every kind, of their length and of others, with any payload. */
  const anyNode = fc
    .record({
      kind: fc.constantFrom(...kinds, { type: 4, subType: 4, length: 20 }),
      payload: fc.uint8Array({ minLength: 80, maxLength: 80 }),
      extra: fc.oneof(fc.constant(0), fc.integer({ min: -4, max: 20 })),
    })
    .map(({ kind, payload, extra }) =>
      packNode(kind.type, kind.subType, payload.subarray(0, Math.max(0, kind.length - 4 + extra))),
    );

  test('property: every well-formed path comes back from its text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyNode, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (instances, allowShortcuts) => {
          const [first = devicePath(), ...others] = instances.map((nodes) => devicePath(...nodes));
          const path = others.reduce(appendDevicePathInstance, first);
          const text = convertDevicePathToText(path, { allowShortcuts });
          expect(convertTextToDevicePath(text)).toEqual(path);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('property: no node fails to be written, in any form', () => {
    fc.assert(
      fc.property(anyNode, fc.boolean(), fc.boolean(), (node, displayOnly, edk2) => {
        const text = convertDeviceNodeToText(node, { displayOnly, edk2, allowShortcuts: true });
        expect(typeof text).toBe('string');
      }),
      { numRuns: 1000 },
    );
  });

  test('property: no text fails with anything but EFI_INVALID_PARAMETER', () => {
    const names = NODE_TEXTS.map(({ name }) => name);
    const argument = fc.oneof(
      fc.constantFrom('', '0x0', '1', 'GPT', 'MBR', A_GUID, '"', '(', ')', ',', '::', '1.2.3.4'),
      fc.string({ maxLength: 5 }),
    );
    const named = fc
      .tuple(fc.constantFrom(...names, 'Path', 'Msg'), fc.array(argument, { maxLength: 7 }))
      .map(([name, args]) => `${name}(${args.join(',')})`);
    fc.assert(
      fc.property(fc.array(fc.oneof(named, fc.string())), (nodes) => {
        expect(['EFI_SUCCESS', 'EFI_INVALID_PARAMETER']).toContain(
          statusOf(() => convertTextToDevicePath(nodes.join('/'))),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('property: no bytes fail to be written with anything but EFI_INVALID_PARAMETER', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (path) => {
        expect(['EFI_SUCCESS', 'EFI_INVALID_PARAMETER']).toContain(
          statusOf(() => convertDevicePathToText(path)),
        );
      }),
    );
  });
});
