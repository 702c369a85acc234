import {
  acpiNvdimmNode,
  appendDevicePathInstance,
  devicePath,
  filePathNode,
  pciNode,
  pciRootNode,
  uartNode,
} from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_ERROR } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { DevicePathFromText } from './device-path-from-text.ts';
import { DevicePathToText } from './device-path-to-text.ts';

const DISK = devicePath(pciRootNode(0), pciNode(0x1f, 2));
const BOTH = appendDevicePathInstance(DISK, devicePath(uartNode(0, 8, 1, 1)));

describe('EFI_DEVICE_PATH_TO_TEXT_PROTOCOL (UEFI §10.6.2)', () => {
  const toText = new DevicePathToText({ edk2: false });

  test('§10.6.3 ConvertDeviceNodeToText: NULL for NULL', () => {
    expect(toText.convertDeviceNodeToText(pciNode(0x1f, 2), false, false)).toBe('Pci(0x1f,0x2)');
    expect(toText.convertDeviceNodeToText(undefined, false, false)).toBeUndefined();
  });

  test('§10.6.3 ConvertDeviceNodeToText takes the node, and not what stands behind it', () => {
    expect(toText.convertDeviceNodeToText(DISK, false, false)).toBe('PciRoot(0x0)');
    for (const bytes of [[], [1, 1, 3, 0], [1, 1, 6, 0]]) {
      const node = Uint8Array.from(bytes);
      expect(toText.convertDeviceNodeToText(node, false, false)).toBeUndefined();
    }
  });

  test('§10.6.4 ConvertDevicePathToText: NULL for NULL and for a malformed path', () => {
    expect(toText.convertDevicePathToText(BOTH, false, false)).toBe(
      'PciRoot(0x0)/Pci(0x1f,0x2),Uart(0,8,N,1)',
    );
    expect(toText.convertDevicePathToText(devicePath(), false, false)).toBe('');
    expect(toText.convertDevicePathToText(undefined, false, false)).toBeUndefined();
    expect(toText.convertDevicePathToText(DISK.subarray(0, -1), false, false)).toBeUndefined();
  });

  test('DisplayOnly and AllowShortcuts choose the form', () => {
    const comma = devicePath(filePathNode('a,b'));
    expect(toText.convertDevicePathToText(comma, false, false)).toBe(
      'MediaPath(4,61002c0062000000)',
    );
    expect(toText.convertDevicePathToText(comma, true, false)).toBe('a,b');
  });

  test('QUIRK UefiDevicePathLib.TextLosesFields', () => {
    const edk2 = new DevicePathToText({ edk2: true });
    expect(edk2.convertDevicePathToText(BOTH, false, false)).toBe(
      'PciRoot(0x0)/Pci(0x1F,0x2),/Uart(DEFAULT,8,N,1)',
    );
    expect(edk2.convertDeviceNodeToText(filePathNode('a,b'), false, false)).toBe('a,b');
    expect(edk2.convertDeviceNodeToText(acpiNvdimmNode(1), false, false)).toBe(
      'AcpiPath(4,01000000)',
    );
  });
});

describe('EFI_DEVICE_PATH_FROM_TEXT_PROTOCOL (UEFI §10.6.5)', () => {
  const log: [number, string][] = [];
  const debug: DebugLib = {
    debug: (level, message) => log.push([level, message]),
    assert() {},
  };
  const fromText = new DevicePathFromText(debug, { edk2: false });

  test('§10.6.5.2 ConvertTextToDeviceNode: NULL for NULL', () => {
    expect(fromText.convertTextToDeviceNode('Pci(0x1f,0x2)')).toEqual(pciNode(0x1f, 2));
    expect(fromText.convertTextToDeviceNode('\\a.efi')).toEqual(filePathNode('\\a.efi'));
    expect(fromText.convertTextToDeviceNode(undefined)).toBeUndefined();
  });

  test('§10.6.5.3 ConvertTextToDevicePath: NULL for NULL', () => {
    expect(fromText.convertTextToDevicePath('PciRoot(0)/Pci(31,2),Uart(0,8,N,1)')).toEqual(BOTH);
    expect(fromText.convertTextToDevicePath('')).toEqual(devicePath());
    expect(fromText.convertTextToDevicePath(undefined)).toBeUndefined();
  });

  test('text that is wrong is NULL, and the debug log says why', () => {
    expect(fromText.convertTextToDeviceNode('Pci(one,two)')).toBeUndefined();
    expect(fromText.convertTextToDevicePath('PciRoot(0)/Pci(one')).toBeUndefined();
    expect(log.map(([level]) => level)).toEqual([DEBUG_ERROR, DEBUG_ERROR]);
    expect(log[0]?.[1]).toContain('argument 1: expected a number, found "one"');
  });

  test('QUIRK UefiDevicePathLib.UnclosedEndsPath', () => {
    const edk2 = new DevicePathFromText(debug, { edk2: true });
    expect(edk2.convertTextToDevicePath('PciRoot(0)/Pci(one')).toEqual(devicePath(pciRootNode(0)));
    expect(edk2.convertTextToDeviceNode('NvdimmAcpiAdr(1)')).toEqual(
      filePathNode('NvdimmAcpiAdr(1)'),
    );
  });
});
