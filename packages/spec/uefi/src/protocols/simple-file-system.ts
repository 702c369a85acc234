import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';
import type { EfiFile } from './file.ts';

export const EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_REVISION = 0x00010000;

/** EFI_SIMPLE_FILE_SYSTEM_PROTOCOL (UEFI §13.4). */
export interface EfiSimpleFileSystem {
  readonly revision: number;
  /** Opens the root directory. @throws EFI_NO_MEDIA, EFI_MEDIA_CHANGED, EFI_DEVICE_ERROR, EFI_VOLUME_CORRUPTED */
  openVolume(): EfiFile;
}

/** By which EFI_SIMPLE_FILE_SYSTEM_PROTOCOL (UEFI §13.4) is found. */
export const SimpleFileSystemProtocol: Protocol<EfiSimpleFileSystem> = defineProtocol(
  'SimpleFileSystem',
  '964e5b22-6459-11d2-8e39-00a0c969723b',
);
