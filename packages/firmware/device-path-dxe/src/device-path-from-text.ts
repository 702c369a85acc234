import type { DevicePath, DevicePathNode, EfiDevicePathFromText } from '@dxelab/uefi';
import { convertTextToDeviceNode, convertTextToDevicePath, isEfiFailure } from '@dxelab/uefi';
import type { DebugLib } from '@dxelab/uefi-lib';
import { DEBUG_ERROR } from '@dxelab/uefi-lib';

/** How the text is read. */
export interface FromTextOptions {
  /** UefiDevicePathLib.UnclosedEndsPath */
  readonly edk2: boolean;
}

/** EFI_DEVICE_PATH_FROM_TEXT_PROTOCOL (UEFI §10.6.5; MdePkg/Library/UefiDevicePathLib/DevicePathFromText.c). */
export class DevicePathFromText implements EfiDevicePathFromText {
  readonly #debug: DebugLib;
  readonly #options: FromTextOptions;

  constructor(debug: DebugLib, options: FromTextOptions) {
    this.#debug = debug;
    this.#options = options;
  }

  convertTextToDeviceNode(text: string | undefined): DevicePathNode | undefined {
    return this.#read(text, convertTextToDeviceNode);
  }

  convertTextToDevicePath(text: string | undefined): DevicePath | undefined {
    return this.#read(text, convertTextToDevicePath);
  }

  /** NULL is all that C can be told of wrong text; why goes to the debug log. */
  #read(
    text: string | undefined,
    convert: (text: string, options: FromTextOptions) => Uint8Array,
  ): Uint8Array | undefined {
    if (text === undefined) return undefined;
    try {
      return convert(text, this.#options);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      this.#debug.debug(DEBUG_ERROR, caught.message);
      return undefined;
    }
  }
}
