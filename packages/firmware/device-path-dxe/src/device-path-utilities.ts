import type {
  DevicePath,
  DevicePathNode,
  EfiDevicePathUtilities,
  NextDevicePathInstance,
} from '@dxelab/uefi';
import {
  appendDevicePath,
  appendDevicePathInstance,
  createDeviceNode,
  devicePath,
  devicePathInstances,
  duplicateDevicePath,
  endDevicePath,
  getDevicePathSize,
  isDevicePathMultiInstance,
  isDevicePathValid,
  isEfiFailure,
} from '@dxelab/uefi';
import { nodeAt } from './node-at.ts';

/**
 * EFI_DEVICE_PATH_UTILITIES_PROTOCOL (UEFI §10.5; MdePkg/Library/UefiDevicePathLib/DevicePathUtilities.c).
 * What a malformed path does the standard leaves open; EDK II answers NULL, as for a path that is none.
 */
export class DevicePathUtilities implements EfiDevicePathUtilities {
  getDevicePathSize(path: DevicePath | undefined): number {
    return path !== undefined && isDevicePathValid(path) ? getDevicePathSize(path) : 0;
  }

  duplicateDevicePath(path: DevicePath | undefined): DevicePath | undefined {
    return path !== undefined && isDevicePathValid(path) ? duplicateDevicePath(path) : undefined;
  }

  appendDevicePath(
    first: DevicePath | undefined,
    second: DevicePath | undefined,
  ): DevicePath | undefined {
    const parts = [first ?? endDevicePath(), second ?? endDevicePath()] as const;
    return parts.every(isDevicePathValid) ? appendDevicePath(...parts) : undefined;
  }

  appendDeviceNode(
    path: DevicePath | undefined,
    node: DevicePathNode | undefined,
  ): DevicePath | undefined {
    if (node === undefined) return this.appendDevicePath(path, undefined);
    const whole = nodeAt(node);
    return whole && this.appendDevicePath(path, devicePath(whole));
  }

  appendDevicePathInstance(
    path: DevicePath | undefined,
    instance: DevicePath | undefined,
  ): DevicePath | undefined {
    if (instance === undefined || !isDevicePathValid(instance)) return undefined;
    if (path !== undefined && !isDevicePathValid(path)) return undefined;
    return appendDevicePathInstance(path, instance);
  }

  getNextDevicePathInstance(path: DevicePath | undefined): NextDevicePathInstance | undefined {
    if (path === undefined || !isDevicePathValid(path)) return undefined;
    const [instance = endDevicePath(), second, ...others] = devicePathInstances(path);
    const next = second && others.reduce<DevicePath>(appendDevicePathInstance, second);
    return { instance, size: instance.length, next };
  }

  isDevicePathMultiInstance(path: DevicePath | undefined): boolean {
    return path !== undefined && isDevicePathValid(path) && isDevicePathMultiInstance(path);
  }

  createDeviceNode(type: number, subType: number, length: number): DevicePathNode | undefined {
    try {
      return createDeviceNode(type, subType, length);
    } catch (caught) {
      if (isEfiFailure(caught)) return undefined;
      throw caught;
    }
  }
}
