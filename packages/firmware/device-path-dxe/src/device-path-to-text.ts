import type { DevicePath, DevicePathNode, EfiDevicePathToText } from '@dxelab/uefi';
import { convertDeviceNodeToText, convertDevicePathToText, isDevicePathValid } from '@dxelab/uefi';
import { nodeAt } from './node-at.ts';

/** How the text is written. */
export interface ToTextOptions {
  /** UefiDevicePathLib.TextLosesFields */
  readonly edk2: boolean;
}

/** EFI_DEVICE_PATH_TO_TEXT_PROTOCOL (UEFI §10.6.2; MdePkg/Library/UefiDevicePathLib/DevicePathToText.c). */
export class DevicePathToText implements EfiDevicePathToText {
  readonly #options: ToTextOptions;

  constructor(options: ToTextOptions) {
    this.#options = options;
  }

  convertDeviceNodeToText(
    node: DevicePathNode | undefined,
    displayOnly: boolean,
    allowShortcuts: boolean,
  ): string | undefined {
    const whole = node === undefined ? undefined : nodeAt(node);
    if (whole === undefined) return undefined;
    return convertDeviceNodeToText(whole, { ...this.#options, displayOnly, allowShortcuts });
  }

  convertDevicePathToText(
    path: DevicePath | undefined,
    displayOnly: boolean,
    allowShortcuts: boolean,
  ): string | undefined {
    if (path === undefined || !isDevicePathValid(path)) return undefined;
    return convertDevicePathToText(path, { ...this.#options, displayOnly, allowShortcuts });
  }
}
