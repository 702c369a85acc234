import type { DevicePath } from '../device-path/device-path.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_LOAD_FILE_PROTOCOL: files from where there is no file system, such as a network (UEFI §13.1). */
export interface EfiLoadFile {
  /**
   * A whole file; C asks for its size first.
   * @param filePath what lies behind the device, or a full path for a boot over HTTP
   * @param bootPolicy whether the boot manager asks, which takes whatever file the device offers
   * @throws EFI_UNSUPPORTED, EFI_INVALID_PARAMETER, EFI_NO_MEDIA, EFI_DEVICE_ERROR, EFI_NO_RESPONSE, EFI_NOT_FOUND,
   *   EFI_ABORTED; a RAM disk in place of a file (EFI_WARN_FILE_SYSTEM) is not modelled
   */
  loadFile(filePath: DevicePath, bootPolicy: boolean): Uint8Array;
}

/** By which EFI_LOAD_FILE_PROTOCOL (UEFI §13.1) is found. */
export const LoadFileProtocol: Protocol<EfiLoadFile> = defineProtocol(
  'LoadFile',
  '56ec3091-954c-11d2-8e3f-00a0c969723b',
);
