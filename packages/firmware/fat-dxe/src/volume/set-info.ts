import type { EfiFileInfoChange, EfiTime } from '@dxelab/uefi';
import {
  EFI_FILE_DIRECTORY,
  EFI_FILE_READ_ONLY,
  EFI_FILE_VALID_ATTR,
  EfiError,
} from '@dxelab/uefi';
import type { DirectoryRecord } from '../layout/directory-record.ts';
import { ATTRIBUTE_ARCHIVE } from '../layout/directory-record.ts';
import { isFatTime, isZeroTime, toFatDate, toFatTime } from '../layout/fat-time.ts';
import { renameFile } from './change-file.ts';
import type { FatNode } from './fat-node.ts';
import type { FatVolume } from './fat-volume.ts';
import { locate } from './locate.ts';
import { extendFile, judgeFileSize, truncateFile } from './resize-file.ts';

/** A new name and the directory in which it is to be. */
interface Destination {
  readonly directory: FatNode;
  readonly name: string;
}

/**
 * SetInfo with an EFI_FILE_INFO. Everything is judged before anything is done, so that a refusal changes
 * nothing. FatPkg/EnhancedFatDxe/Info.c: FatSetFileInfo.
 * @param readOnly whether the handle is: then only attributes may change
 * @throws EFI_ACCESS_DENIED, EFI_INVALID_PARAMETER, EFI_VOLUME_FULL, EFI_UNSUPPORTED, and what `locate` throws
 */
export function setFileInfo(
  volume: FatVolume,
  node: FatNode,
  change: EfiFileInfoChange,
  readOnly: boolean,
): void {
  const { record } = node;
  if (node.parent === undefined) throw denied('the root directory has no information to set');
  const isProtected = readOnly || (record.attributes & EFI_FILE_READ_ONLY) !== 0;
  const times = judgeTimes(volume, record, change, isProtected);
  const attributes = judgeAttributes(node, change.attribute);
  const destination = judgeName(volume, node, change.fileName, attributes, isProtected);
  const size = judgeSize(node, change.fileSize, isProtected);

  volume.commit();
  const rename = (): void => {
    if (destination !== undefined)
      renameFile(volume, node, destination.directory, destination.name);
  };
  if (size > record.size) extendFile(volume, node, size, rename);
  else rename();
  if (size < record.size) truncateFile(volume, node, size);
  const archive = destination === undefined ? 0 : ATTRIBUTE_ARCHIVE;
  record.attributes = (record.attributes & ~EFI_FILE_VALID_ATTR) | attributes | archive;
  Object.assign(record, times);
  volume.touch(node);
  volume.commit();
}

function judgeTimes(
  volume: FatVolume,
  record: DirectoryRecord,
  change: EfiFileInfoChange,
  isProtected: boolean,
): Partial<DirectoryRecord> {
  const times: Partial<DirectoryRecord> = {};
  const create = judgeTime(change.createTime, 'creation');
  const modify = judgeTime(change.modificationTime, 'modification');
  const access = judgeTime(change.lastAccessTime, 'last access');
  if (create !== undefined) {
    times.createDate = toFatDate(create);
    times.createTime = toFatTime(create);
  }
  if (modify !== undefined) {
    times.modifyDate = toFatDate(modify);
    times.modifyTime = toFatTime(modify);
  }
  if (access !== undefined && !volume.policy.accessTimeIgnored) {
    times.accessDate = toFatDate(access);
  }
  if (!isProtected) return times;
  const differs =
    (times.createDate ?? record.createDate) !== record.createDate ||
    (times.createTime ?? record.createTime) !== record.createTime ||
    (times.modifyDate ?? record.modifyDate) !== record.modifyDate ||
    (times.modifyTime ?? record.modifyTime) !== record.modifyTime ||
    (times.accessDate ?? record.accessDate) !== record.accessDate;
  if (differs && !volume.policy.readOnlyTimesIgnored) {
    throw denied('the file is read-only: its times cannot be set');
  }
  return {};
}

/** Zeros in all fields are C's way to leave a time as it is. */
function judgeTime(time: EfiTime | undefined, which: string): EfiTime | undefined {
  if (time === undefined || isZeroTime(time)) return undefined;
  if (!isFatTime(time)) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `${which} time: expected one from 1980 on, found ${time.year}-${time.month}-${time.day} ${time.hour}:${time.minute}:${time.second}`,
    );
  }
  return time;
}

function judgeAttributes(node: FatNode, attribute: number | undefined): number {
  const present = node.record.attributes & EFI_FILE_VALID_ATTR;
  if (attribute === undefined) return present;
  if ((attribute & ~EFI_FILE_VALID_ATTR) !== 0) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `attributes 0x${attribute.toString(16)} are not all within 0x${EFI_FILE_VALID_ATTR.toString(16)}`,
    );
  }
  if (((attribute ^ present) & EFI_FILE_DIRECTORY) !== 0) {
    throw denied(`${node.path} cannot change between file and directory`);
  }
  return attribute;
}

/** `undefined` when the name stays. A relative name counts from the directory that the file is in. */
function judgeName(
  volume: FatVolume,
  node: FatNode,
  fileName: string | undefined,
  attributes: number,
  isProtected: boolean,
): Destination | undefined {
  const { parent } = node;
  if (fileName === undefined || parent === undefined) return undefined;
  const found = locate(volume, parent, fileName, attributes);
  const name = found.missing ?? otherCase(volume, node, found.node, fileName);
  if (name === undefined) {
    if (found.node === node) return undefined;
    throw denied(`${found.node.path} is already there`);
  }
  const directory = found.missing === undefined ? parent : found.node;
  if (isInside(directory, node)) throw denied(`${node.path} cannot move into itself`);
  if (node.isOpenBelow) throw denied(`${node.path} cannot be renamed: a file below it is open`);
  if (isProtected) throw denied(`${node.path} is read-only: it cannot be renamed`);
  return { directory, name };
}

/** A name that leads to the file itself, and yet is written otherwise; EDK II leaves that as it is. */
function otherCase(
  volume: FatVolume,
  node: FatNode,
  found: FatNode,
  fileName: string,
): string | undefined {
  const name = fileName.slice(fileName.lastIndexOf('\\') + 1);
  if (found !== node || volume.policy.caseOnlyRenameIgnored) return undefined;
  return name !== node.name && name.toUpperCase() === node.name.toUpperCase() ? name : undefined;
}

function isInside(directory: FatNode, node: FatNode): boolean {
  for (let above: FatNode | undefined = directory; above !== undefined; above = above.parent) {
    if (above === node) return true;
  }
  return false;
}

function judgeSize(node: FatNode, fileSize: number | undefined, isProtected: boolean): number {
  const { size } = node.record;
  if (node.isDirectory) {
    if (fileSize === undefined || fileSize === node.stream.capacity()) return size;
    throw denied(`${node.path} is a directory: its size cannot be set`);
  }
  if (fileSize === undefined || fileSize === size) return size;
  if (isProtected) throw denied(`${node.path} is read-only: its size cannot be set`);
  if (!Number.isInteger(fileSize) || fileSize < 0) {
    throw new EfiError('EFI_INVALID_PARAMETER', `a file's size cannot be ${fileSize}`);
  }
  judgeFileSize(fileSize);
  return fileSize;
}

function denied(message: string): EfiError {
  return new EfiError('EFI_ACCESS_DENIED', message);
}
