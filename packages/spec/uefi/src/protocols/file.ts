import type { HostBuffer } from '../buffer.ts';
import type { EfiTime } from '../time.ts';

/** EFI_FILE_PROTOCOL.Open's modes (UEFI §13.5.2), as a set of words. */
export type EfiFileMode = 'read' | 'read-write' | 'read-write-create';

/** EFI_FILE attributes (UEFI §13.5.2). */
export const EFI_FILE_READ_ONLY = 0x01;
export const EFI_FILE_HIDDEN = 0x02;
export const EFI_FILE_SYSTEM = 0x04;
export const EFI_FILE_RESERVED = 0x08;
export const EFI_FILE_DIRECTORY = 0x10;
export const EFI_FILE_ARCHIVE = 0x20;
export const EFI_FILE_VALID_ATTR = 0x37;

/** EFI_FILE_INFO (UEFI §13.5.16). */
export interface EfiFileInfo {
  /** In bytes. */
  readonly fileSize: number;
  /** What the file occupies on the volume, in bytes. */
  readonly physicalSize: number;
  readonly createTime: EfiTime;
  readonly lastAccessTime: EfiTime;
  readonly modificationTime: EfiTime;
  readonly attribute: number;
  readonly fileName: string;
}

/** EFI_FILE_SYSTEM_INFO (UEFI §13.5.17). */
export interface EfiFileSystemInfo {
  readonly readOnly: boolean;
  /** In bytes. */
  readonly volumeSize: number;
  /** In bytes. */
  readonly freeSpace: number;
  /** In bytes: the cluster. */
  readonly blockSize: number;
  readonly volumeLabel: string;
}

/** What of an EFI_FILE_INFO SetInfo is to change; what is absent stays. */
export type EfiFileInfoChange = Partial<Omit<EfiFileInfo, 'physicalSize'>>;

/** EFI_FILE_PROTOCOL (UEFI §13.5). Every member throws EFI_MEDIA_CHANGED or EFI_NO_MEDIA when it must. */
export interface EfiFile {
  readonly revision: number;
  /**
   * Opens a file relative to this one; `\` separates and, in front, means the root.
   * @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER, EFI_ACCESS_DENIED, EFI_WRITE_PROTECTED,
   *   EFI_VOLUME_FULL, EFI_VOLUME_CORRUPTED, EFI_DEVICE_ERROR, EFI_OUT_OF_RESOURCES
   */
  open(fileName: string, mode: EfiFileMode, attributes?: number): EfiFile;
  close(): void;
  /** Closes and deletes; EFI_WARN_DELETE_FAILURE is returned if the file is still there. */
  delete(): 'EFI_SUCCESS' | 'EFI_WARN_DELETE_FAILURE';
  /**
   * Reads from the position; returns how many bytes were read, fewer only at the end of the file.
   * @throws EFI_UNSUPPORTED on a directory (see `readDirectory`), EFI_DEVICE_ERROR, EFI_VOLUME_CORRUPTED
   */
  read(buffer: HostBuffer): number;
  /** Read on a directory: the next entry, `undefined` after the last. @throws EFI_UNSUPPORTED on a file */
  readDirectory(): EfiFileInfo | undefined;
  /**
   * Writes all of the buffer at the position; returns its length.
   * @throws EFI_UNSUPPORTED, EFI_WRITE_PROTECTED, EFI_ACCESS_DENIED, EFI_VOLUME_FULL, EFI_DEVICE_ERROR
   */
  write(buffer: HostBuffer): number;
  /** In bytes. @throws EFI_UNSUPPORTED on a directory */
  getPosition(): number;
  /** @param position in bytes; `'end'` for the all-ones that mean the end of the file. @throws EFI_UNSUPPORTED */
  setPosition(position: number | 'end'): void;
  getInfo(): EfiFileInfo;
  getFileSystemInfo(): EfiFileSystemInfo;
  /** @throws EFI_ACCESS_DENIED, EFI_WRITE_PROTECTED, EFI_VOLUME_FULL, EFI_INVALID_PARAMETER */
  setInfo(change: EfiFileInfoChange): void;
  /** @throws EFI_ACCESS_DENIED, EFI_WRITE_PROTECTED */
  setVolumeLabel(label: string): void;
  /** @throws EFI_ACCESS_DENIED, EFI_WRITE_PROTECTED, EFI_DEVICE_ERROR */
  flush(): void;
}
