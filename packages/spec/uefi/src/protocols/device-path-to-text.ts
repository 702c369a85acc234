import type { DevicePath } from '../device-path/device-path.ts';
import type { DevicePathNode } from '../device-path/node.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/**
 * EFI_DEVICE_PATH_TO_TEXT_PROTOCOL (UEFI §10.6.2). None of these has a status: `undefined` is C's NULL,
 * given and returned; it is also the answer to malformed bytes.
 */
export interface EfiDevicePathToText {
  /**
   * @param displayOnly the shorter form, which does not lead back
   * @param allowShortcuts names for what more than type and sub-type tells
   */
  convertDeviceNodeToText(
    node: DevicePathNode | undefined,
    displayOnly: boolean,
    allowShortcuts: boolean,
  ): string | undefined;
  /** As `convertDeviceNodeToText`; the path of nothing is empty text. */
  convertDevicePathToText(
    path: DevicePath | undefined,
    displayOnly: boolean,
    allowShortcuts: boolean,
  ): string | undefined;
}

/** By which EFI_DEVICE_PATH_TO_TEXT_PROTOCOL is found. */
export const DevicePathToTextProtocol: Protocol<EfiDevicePathToText> = defineProtocol(
  'DevicePathToText',
  '8b843e20-8132-4852-90cc-551a4e4a7f1c',
);
