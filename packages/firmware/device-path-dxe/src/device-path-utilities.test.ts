import type { DevicePath } from '@dxelab/uefi';
import {
  appendDevicePathInstance,
  convertTextToDevicePath,
  endDevicePath,
  pciNode,
  pciRootNode,
} from '@dxelab/uefi';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DevicePathUtilities } from './device-path-utilities.ts';

const utilities = new DevicePathUtilities();
const path = convertTextToDevicePath;
const ROOT = path('PciRoot(0x0)');
const DISK = path('PciRoot(0x0)/Pci(0x4,0x0)');
const OTHER = path('PciRoot(0x1)');
/** A file path without its NUL, no End node, a length of nothing. */
const MALFORMED: readonly DevicePath[] = [
  [4, 4, 6, 0, 65, 0, 0x7f, 0xff, 4, 0],
  [1, 1, 6, 0, 0, 4],
  [1, 1, 0, 0, 0x7f, 0xff, 4, 0],
].map((bytes) => Uint8Array.from(bytes));

describe('EFI_DEVICE_PATH_UTILITIES_PROTOCOL (UEFI §10.5)', () => {
  test('§10.5.2 GetDevicePathSize: 0 for NULL', () => {
    expect(utilities.getDevicePathSize(DISK)).toBe(22);
    expect(utilities.getDevicePathSize(undefined)).toBe(0);
  });

  test('§10.5.3 DuplicateDevicePath: NULL for NULL, else a path of its own', () => {
    const copy = utilities.duplicateDevicePath(DISK);
    expect(copy).toEqual(DISK);
    copy?.fill(0);
    expect(DISK[0]).toBe(2);
    expect(utilities.duplicateDevicePath(undefined)).toBeUndefined();
  });

  test('§10.5.4 AppendDevicePath: whichever is NULL is left out', () => {
    expect(utilities.appendDevicePath(ROOT, path('Pci(0x4,0x0)'))).toEqual(DISK);
    expect(utilities.appendDevicePath(undefined, DISK)).toEqual(DISK);
    expect(utilities.appendDevicePath(DISK, undefined)).toEqual(DISK);
    expect(utilities.appendDevicePath(undefined, undefined)).toEqual(endDevicePath());
  });

  test('§10.5.5 AppendDeviceNode: whichever is NULL is left out', () => {
    expect(utilities.appendDeviceNode(ROOT, pciNode(4, 0))).toEqual(DISK);
    expect(utilities.appendDeviceNode(undefined, pciRootNode(0))).toEqual(ROOT);
    expect(utilities.appendDeviceNode(DISK, undefined)).toEqual(DISK);
    expect(utilities.appendDeviceNode(undefined, undefined)).toEqual(endDevicePath());
  });

  test('§10.5.5 AppendDeviceNode takes the node, and not what stands behind it', () => {
    expect(utilities.appendDeviceNode(undefined, DISK)).toEqual(ROOT);
    for (const node of [
      [1, 1, 3, 0],
      [1, 1, 9, 0, 0, 0],
      [1, 1],
      [1, 1, 8, 0, 0x7f, 0xff],
    ]) {
      expect(utilities.appendDeviceNode(ROOT, Uint8Array.from(node))).toBeUndefined();
    }
  });

  test('§10.5.6 AppendDevicePathInstance: NULL without an instance, the instance without a path', () => {
    const both = appendDevicePathInstance(DISK, OTHER);
    expect(utilities.appendDevicePathInstance(DISK, OTHER)).toEqual(both);
    expect(utilities.appendDevicePathInstance(undefined, OTHER)).toEqual(OTHER);
    expect(utilities.appendDevicePathInstance(DISK, undefined)).toBeUndefined();
    expect(utilities.appendDevicePathInstance(undefined, undefined)).toBeUndefined();
  });

  test('§10.5.7 GetNextDevicePathInstance goes from instance to instance', () => {
    const all = [DISK, OTHER, ROOT].reduce(appendDevicePathInstance);
    const found: DevicePath[] = [];
    for (let left: DevicePath | undefined = all; left !== undefined;) {
      const next = utilities.getNextDevicePathInstance(left);
      if (next === undefined) throw new Error('expected an instance');
      expect(next.size).toBe(next.instance.length);
      found.push(next.instance);
      left = next.next;
    }
    expect(found).toEqual([DISK, OTHER, ROOT]);
    expect(utilities.getNextDevicePathInstance(undefined)).toBeUndefined();
  });

  test('§10.5.8 CreateDeviceNode: NULL for a length below that of the header', () => {
    expect(utilities.createDeviceNode(1, 1, 6)).toEqual(Uint8Array.of(1, 1, 6, 0, 0, 0));
    expect(utilities.createDeviceNode(1, 1, 3)).toBeUndefined();
  });

  test('§10.5.9 IsDevicePathMultiInstance: FALSE for NULL', () => {
    expect(utilities.isDevicePathMultiInstance(appendDevicePathInstance(DISK, OTHER))).toBe(true);
    expect(utilities.isDevicePathMultiInstance(DISK)).toBe(false);
    expect(utilities.isDevicePathMultiInstance(undefined)).toBe(false);
  });

  test.each(MALFORMED)('what is malformed is answered as NULL: %s', (bad) => {
    expect(utilities.getDevicePathSize(bad)).toBe(0);
    expect(utilities.duplicateDevicePath(bad)).toBeUndefined();
    expect(utilities.appendDevicePath(bad, DISK)).toBeUndefined();
    expect(utilities.appendDevicePath(DISK, bad)).toBeUndefined();
    expect(utilities.appendDeviceNode(bad, pciNode(0, 0))).toBeUndefined();
    expect(utilities.appendDevicePathInstance(bad, DISK)).toBeUndefined();
    expect(utilities.appendDevicePathInstance(DISK, bad)).toBeUndefined();
    expect(utilities.getNextDevicePathInstance(bad)).toBeUndefined();
    expect(utilities.isDevicePathMultiInstance(bad)).toBe(false);
  });

  test('property: whatever the bytes, what comes back is NULL or well-formed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const answers = [
          utilities.duplicateDevicePath(bytes),
          utilities.appendDevicePath(bytes, DISK),
          utilities.appendDeviceNode(DISK, bytes),
          utilities.appendDevicePathInstance(DISK, bytes),
          utilities.getNextDevicePathInstance(bytes)?.instance,
        ];
        for (const answer of answers) {
          expect(utilities.getDevicePathSize(answer)).toBe(answer?.length ?? 0);
        }
      }),
    );
  });
});
