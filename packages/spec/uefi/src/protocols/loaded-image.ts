import type { PhysicalAddress } from '../address.ts';
import type { DevicePath } from '../device-path/device-path.ts';
import type { EfiHandle } from '../handle.ts';
import type { EfiMemoryType } from '../memory-type.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';
import type { EfiSystemTable } from '../services/system-table.ts';

export const EFI_LOADED_IMAGE_PROTOCOL_REVISION = 0x1000;

/** EFI_LOADED_IMAGE_PROTOCOL (UEFI §9.1). */
export interface EfiLoadedImage {
  readonly revision: number;
  /** Whoever loaded it; the boot manager takes itself out, because it is none. */
  parentHandle: EfiHandle | undefined;
  /** The image's own face of the system table. */
  readonly systemTable: EfiSystemTable;
  readonly deviceHandle: EfiHandle | undefined;
  readonly filePath: DevicePath | undefined;
  /** Set by whoever starts the image, before it does. */
  loadOptions: Uint8Array;
  readonly imageBase: PhysicalAddress;
  /** In bytes. */
  readonly imageSize: number;
  readonly imageCodeType: EfiMemoryType;
  readonly imageDataType: EfiMemoryType;
  /** Set by an image that can be unloaded; throws an EfiError if it refuses. */
  unload: ((imageHandle: EfiHandle) => void) | undefined;
}

/** By which EFI_LOADED_IMAGE_PROTOCOL (UEFI §9.1) is found. */
export const LoadedImageProtocol: Protocol<EfiLoadedImage> = defineProtocol(
  'LoadedImage',
  '5b1b31a1-9562-11d2-8e3f-00a0c969723b',
);

/** The path that an image was loaded from (UEFI §9.2). */
export const LoadedImageDevicePathProtocol: Protocol<DevicePath | null> = defineProtocol(
  'LoadedImageDevicePath',
  'bc62157e-3e33-4fec-9920-2d3b36d750df',
);
