import type { EfiFileInfo } from '@dxelab/uefi';
import { EFI_FILE_VALID_ATTR } from '@dxelab/uefi';
import type { DirectoryRecord } from '../layout/directory-record.ts';
import { ATTRIBUTE_DIRECTORY } from '../layout/directory-record.ts';
import { fromFatTime } from '../layout/fat-time.ts';

/**
 * EFI_FILE_INFO of a record. FatPkg/EnhancedFatDxe/DirectoryManage.c: FatGetDirEntInfo.
 * @param clusterSize in bytes
 * @param directorySize what a directory occupies, in bytes
 */
export function fileInfo(
  name: string,
  record: DirectoryRecord,
  clusterSize: number,
  directorySize: () => number,
): EfiFileInfo {
  const isDirectory = (record.attributes & ATTRIBUTE_DIRECTORY) !== 0;
  const physicalSize = isDirectory
    ? directorySize()
    : Math.ceil(record.size / clusterSize) * clusterSize;
  return {
    fileSize: isDirectory ? physicalSize : record.size,
    physicalSize,
    createTime: fromFatTime(record.createDate, record.createTime),
    lastAccessTime: fromFatTime(record.accessDate),
    modificationTime: fromFatTime(record.modifyDate, record.modifyTime),
    attribute: record.attributes & EFI_FILE_VALID_ATTR,
    fileName: name,
  };
}
