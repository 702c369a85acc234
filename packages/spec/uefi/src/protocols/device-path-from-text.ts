import type { DevicePath } from '../device-path/device-path.ts';
import type { DevicePathNode } from '../device-path/node.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/**
 * EFI_DEVICE_PATH_FROM_TEXT_PROTOCOL (UEFI §10.6.5). None of these has a status: `undefined` is C's NULL,
 * given and returned; it is also the answer to text whose arguments are not what a node's name takes.
 */
export interface EfiDevicePathFromText {
  /** Text without a known name is the name of a file. */
  convertTextToDeviceNode(text: string | undefined): DevicePathNode | undefined;
  /** Empty text is the path of nothing. */
  convertTextToDevicePath(text: string | undefined): DevicePath | undefined;
}

/** By which EFI_DEVICE_PATH_FROM_TEXT_PROTOCOL is found. */
export const DevicePathFromTextProtocol: Protocol<EfiDevicePathFromText> = defineProtocol(
  'DevicePathFromText',
  '05c99a21-c70f-4ad2-8a5f-35df3343f51e',
);
