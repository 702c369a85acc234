import { EfiError } from '@dxelab/uefi';
import { ATTRIBUTE_DIRECTORY } from '../layout/directory-record.ts';
import { cleanName } from '../layout/name-rules.ts';
import type { FatNode } from './fat-node.ts';
import type { FatVolume } from './fat-volume.ts';

/** Of a full path with drive letter and NUL, in UTF-16 units (FAT specification, "Long File Name Limits"). */
const MAX_PATH_LENGTH = 260;

/** Where a path leads: to a node, or to the directory in which the last name is missing. */
export interface Located {
  readonly node: FatNode;
  /** The name that `node` has no entry for. */
  readonly missing: string | undefined;
}

/**
 * Follows a path from a node. FatPkg/EnhancedFatDxe/DirectoryManage.c: FatLocateOFile.
 * @param attributes what a missing file would be created with
 * @throws EFI_INVALID_PARAMETER, EFI_NOT_FOUND, EFI_VOLUME_CORRUPTED
 */
export function locate(
  volume: FatVolume,
  start: FatNode,
  path: string,
  attributes: number,
): Located {
  const absolute = path.startsWith('\\');
  const directoryIntended = path.endsWith('\\');
  let node = absolute ? volume.tree.root : start;
  const relative = absolute ? path.slice(1) : path;
  judgePath(path, 2 + node.pathLength + 1 + relative.length + 1);
  const components = splitPath(relative, volume.policy.doubleSeparatorEndsPath);
  for (const [index, component] of components.entries()) {
    if (component === '.') continue;
    if (component === '..') {
      node = parentOf(node, path);
      continue;
    }
    const name = cleanName(component);
    if (name === undefined) {
      throw new EfiError('EFI_INVALID_PARAMETER', `"${path}": no file can be named "${component}"`);
    }
    const entry = node.isDirectory ? node.directory.find(name) : undefined;
    if (entry === undefined) {
      judgeMissing(node, path, name, index === components.length - 1);
      if (directoryIntended && (attributes & ATTRIBUTE_DIRECTORY) === 0) {
        throw new EfiError(
          'EFI_INVALID_PARAMETER',
          `"${path}" names a directory, attributes say a file`,
        );
      }
      return { node, missing: name };
    }
    node = volume.tree.child(node, entry);
  }
  if (directoryIntended && !node.isDirectory) {
    throw new EfiError('EFI_NOT_FOUND', `"${path}" names a directory, ${node.path} is a file`);
  }
  return { node, missing: undefined };
}

/** Separators in a row count as one; for EDK II one that follows the leading one ends the path. */
function splitPath(relative: string, doubleSeparatorEnds: boolean): string[] {
  if (doubleSeparatorEnds && relative.startsWith('\\')) return [];
  return relative.split('\\').filter((component) => component !== '');
}

function judgePath(path: string, length: number): void {
  if (path === '') throw new EfiError('EFI_INVALID_PARAMETER', 'the file name is empty');
  if (length > MAX_PATH_LENGTH) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `"${path}": a full path has at most ${MAX_PATH_LENGTH} characters, this one ${length}`,
    );
  }
}

function parentOf(node: FatNode, path: string): FatNode {
  if (node.parent === undefined) {
    throw new EfiError('EFI_INVALID_PARAMETER', `"${path}" leads above the root`);
  }
  return node.parent;
}

function judgeMissing(node: FatNode, path: string, name: string, isLast: boolean): void {
  if (!node.isDirectory) {
    throw new EfiError('EFI_NOT_FOUND', `"${path}": ${node.path} is a file, not a directory`);
  }
  if (!isLast) throw new EfiError('EFI_NOT_FOUND', `"${path}": ${node.path} has no "${name}"`);
}
