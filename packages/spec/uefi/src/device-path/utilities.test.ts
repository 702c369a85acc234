import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statusOf } from '../status/status-of.fixture.ts';
import { pciRootNode } from './acpi-nodes.ts';
import type { DevicePath } from './device-path.ts';
import { pciNode } from './hardware-nodes.ts';
import { filePathNode } from './media-nodes.ts';
import type { DevicePathNode } from './node.ts';
import { createDeviceNode, packNode } from './node.ts';
import {
  appendDevicePath,
  appendDevicePathInstance,
  appendDevicePathNode,
  devicePath,
  devicePathAfter,
  devicePathInstances,
  devicePathsEqual,
  duplicateDevicePath,
  endDevicePath,
  getDevicePathSize,
  isDevicePathMultiInstance,
  isDevicePathValid,
} from './utilities.ts';
import { devicePathNodes } from './walk.ts';

const END = [0x7f, 0xff, 4, 0];
const root = pciRootNode(0);
const disk = devicePath(root, pciNode(4, 0));

/** Any node that is no end node. */
const anyNode: fc.Arbitrary<DevicePathNode> = fc
  .tuple(
    fc.integer({ min: 0, max: 0x7e }),
    fc.integer({ min: 0, max: 0xff }),
    fc.uint8Array({ maxLength: 40 }),
  )
  .map(([type, subType, payload]) => packNode(type, subType, payload));
const anyPath: fc.Arbitrary<DevicePath> = fc
  .array(anyNode, { maxLength: 5 })
  .map((nodes) => devicePath(...nodes));

describe('EFI_DEVICE_PATH_UTILITIES_PROTOCOL (UEFI §10.5)', () => {
  test('a path is its nodes, packed, and an End Entire node (§10.3.1)', () => {
    const bytes = [2, 1, 12, 0, 0xd0, 0x41, 0x03, 0x0a, 0, 0, 0, 0, 1, 1, 6, 0, 0, 4];
    expect([...disk]).toEqual([...bytes, ...END]);
    expect([...endDevicePath()]).toEqual(END);
  });

  test('GetDevicePathSize counts the End Entire node, and nothing behind it', () => {
    expect(getDevicePathSize(disk)).toBe(22);
    expect(getDevicePathSize(Uint8Array.from([...disk, 9, 9]))).toBe(22);
    expect(getDevicePathSize(Uint8Array.from([1, 1, 3, 0, ...END]))).toBe(0);
  });

  test('CreateDeviceNode makes a node of zeros, of 4 to 65535 bytes', () => {
    expect([...createDeviceNode(3, 10, 6)]).toEqual([3, 10, 6, 0, 0, 0]);
    for (const length of [3, 65536, Number.NaN]) {
      expect(() => createDeviceNode(3, 10, length)).toThrow('EFI_INVALID_PARAMETER');
    }
  });

  test('AppendDevicePath and AppendDeviceNode take nothing for one of the two', () => {
    expect(appendDevicePath(devicePath(root), devicePath(pciNode(4, 0)))).toEqual(disk);
    expect(appendDevicePathNode(devicePath(root), pciNode(4, 0))).toEqual(disk);
    expect(appendDevicePath(undefined, disk)).toEqual(disk);
    expect(appendDevicePathNode(disk, undefined)).toEqual(disk);
    expect([...appendDevicePath(undefined, undefined)]).toEqual(END);
  });

  test('instances are appended, told apart and taken out again', () => {
    const other = devicePath(pciRootNode(1));
    const both = appendDevicePathInstance(appendDevicePathInstance(undefined, disk), other);
    expect(isDevicePathMultiInstance(both)).toBe(true);
    expect(isDevicePathMultiInstance(disk)).toBe(false);
    expect(devicePathInstances(both)).toEqual([disk, other]);
  });

  test('a prefix leaves the rest of the path', () => {
    const file = filePathNode('\\a');
    const path = appendDevicePathNode(disk, file);
    expect(devicePathAfter(disk, path)).toEqual(devicePath(file));
    expect(devicePathAfter(disk, disk)).toEqual(endDevicePath());
    expect(devicePathAfter(path, disk)).toBeUndefined();
    expect(devicePathAfter(devicePath(pciRootNode(1)), disk)).toBeUndefined();
  });

  test('IsDevicePathValid wants a file path to end with a NUL', () => {
    expect(isDevicePathValid(devicePath(filePathNode('\\a')))).toBe(true);
    expect(isDevicePathValid(devicePath(packNode(4, 4, Uint8Array.of(65, 0))))).toBe(false);
    expect(isDevicePathValid(devicePath(packNode(4, 4)))).toBe(false);
  });

  test.each([
    ['nothing at all', []],
    ['no End Entire node', [1, 1, 6, 0, 0, 4]],
    ['a length below the header, behind which all is well', [1, 1, 3, 0, 5, 4, 0, ...END]],
    ['a length of zero, where a walk would stand still', [1, 1, 0, 0, ...END]],
    ['a length beyond the path', [1, 1, 0xff, 0xff, 0, 4, ...END]],
    ['an End Entire node of another length', [0x7f, 0xff, 5, 0, 0]],
    ['half a header', [1, 1, 6]],
  ])('malformed: %s', (_what, bytes) => {
    const path = Uint8Array.from(bytes);
    expect(isDevicePathValid(path)).toBe(false);
    expect(getDevicePathSize(path)).toBe(0);
    expect(isDevicePathMultiInstance(path)).toBe(false);
    for (const service of [duplicateDevicePath, devicePathInstances]) {
      expect(() => service(path)).toThrow('EFI_INVALID_PARAMETER');
    }
    expect(() => devicePathAfter(disk, path)).toThrow('EFI_INVALID_PARAMETER');
  });

  test('property: what was appended is found again', () => {
    fc.assert(
      fc.property(anyPath, anyPath, (first, second) => {
        const whole = appendDevicePath(first, second);
        expect(getDevicePathSize(whole)).toBe(whole.length);
        expect(devicePathAfter(first, whole)).toEqual(second);
        expect(devicePathsEqual(whole, Uint8Array.from([...whole, 1]))).toBe(true);
        expect(devicePathsEqual(whole, first)).toBe(second.length === 4);
        expect(devicePath(...devicePathNodes(whole))).toEqual(whole);
      }),
    );
  });

  test('property: no bytes make a walk hang, or fail with anything but EFI_INVALID_PARAMETER', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const valid = getDevicePathSize(bytes) > 0;
        expect(statusOf(() => duplicateDevicePath(bytes))).toBe(
          valid ? 'EFI_SUCCESS' : 'EFI_INVALID_PARAMETER',
        );
        expect(valid || !isDevicePathValid(bytes)).toBe(true);
      }),
    );
  });
});
