import type { DevicePath } from '../device-path/device-path.ts';
import type { DevicePathNode } from '../device-path/node.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** What GetNextDevicePathInstance delivers (UEFI §10.5.7). */
export interface NextDevicePathInstance {
  /** The first instance, as a path of its own. */
  readonly instance: DevicePath;
  /** Of that path, in bytes. */
  readonly size: number;
  /** The path behind it; `undefined` if that was the last. */
  readonly next: DevicePath | undefined;
}

/**
 * EFI_DEVICE_PATH_UTILITIES_PROTOCOL (UEFI §10.5). None of these has a status: `undefined` is C's NULL,
 * given and returned. Each function returns new bytes, and does so for malformed ones what it does for NULL
 * unless it says otherwise.
 */
export interface EfiDevicePathUtilities {
  /** In bytes, End Entire node included; 0 for NULL. */
  getDevicePathSize(path: DevicePath | undefined): number;
  /** @returns NULL for NULL */
  duplicateDevicePath(path: DevicePath | undefined): DevicePath | undefined;
  /** NULL is left out: without either, the path of nothing. @returns NULL if one is malformed */
  appendDevicePath(
    first: DevicePath | undefined,
    second: DevicePath | undefined,
  ): DevicePath | undefined;
  /** NULL is left out: without either, the path of nothing. @returns NULL if one is malformed */
  appendDeviceNode(
    path: DevicePath | undefined,
    node: DevicePathNode | undefined,
  ): DevicePath | undefined;
  /** Without a path, the instance alone. @returns NULL without an instance, or if one is malformed */
  appendDevicePathInstance(
    path: DevicePath | undefined,
    instance: DevicePath | undefined,
  ): DevicePath | undefined;
  /** @returns NULL for NULL */
  getNextDevicePathInstance(path: DevicePath | undefined): NextDevicePathInstance | undefined;
  /** @returns false for NULL */
  isDevicePathMultiInstance(path: DevicePath | undefined): boolean;
  /** A node of zeros behind its header. @returns NULL if the length is less than the header's */
  createDeviceNode(type: number, subType: number, length: number): DevicePathNode | undefined;
}

/** By which EFI_DEVICE_PATH_UTILITIES_PROTOCOL is found. */
export const DevicePathUtilitiesProtocol: Protocol<EfiDevicePathUtilities> = defineProtocol(
  'DevicePathUtilities',
  '0379be4e-d706-437d-b037-edb82fb772a4',
);
