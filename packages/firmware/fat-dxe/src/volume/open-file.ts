import type { EfiFileMode } from '@dxelab/uefi';
import {
  EFI_FILE_DIRECTORY,
  EFI_FILE_READ_ONLY,
  EFI_FILE_VALID_ATTR,
  EfiError,
} from '@dxelab/uefi';
import { createFile } from './change-file.ts';
import type { FatNode } from './fat-node.ts';
import type { FatVolume } from './fat-volume.ts';
import { locate } from './locate.ts';

/**
 * What Open asks of its parameters before it looks at anything else (FatPkg/EnhancedFatDxe/Open.c: FatOpenEx).
 * @throws EFI_INVALID_PARAMETER
 */
export function judgeOpen(mode: EfiFileMode, attributes: number): void {
  if (mode !== 'read' && mode !== 'read-write' && mode !== 'read-write-create') {
    throw new EfiError('EFI_INVALID_PARAMETER', `there is no mode ${String(mode)}`);
  }
  if (mode !== 'read-write-create') return;
  if ((attributes & (EFI_FILE_READ_ONLY | ~EFI_FILE_VALID_ATTR)) !== 0) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `attributes 0x${attributes.toString(16)}: a file can be created with those of 0x36`,
    );
  }
}

/**
 * Finds or creates what a path names. The attributes matter only for what is created. Open.c: FatOFileOpen.
 * @throws EFI_NOT_FOUND, EFI_ACCESS_DENIED, what `locate` throws, what `createFile` throws
 */
export function openFile(
  volume: FatVolume,
  start: FatNode,
  path: string,
  mode: EfiFileMode,
  attributes: number,
): FatNode {
  // What is not to be created has no attributes that could speak against a directory.
  const creates = mode === 'read-write-create' || volume.policy.missingDirectoryInvalid;
  const intended = creates ? attributes : EFI_FILE_DIRECTORY;
  const { node, missing } = locate(volume, start, path, intended);
  if (missing !== undefined) {
    if (mode === 'read-write-create') return createFile(volume, node, missing, attributes);
    throw new EfiError('EFI_NOT_FOUND', `"${path}": ${node.path} has no "${missing}"`);
  }
  const isProtected = (node.record.attributes & EFI_FILE_READ_ONLY) !== 0 && !node.isDirectory;
  if (isProtected && mode !== 'read') {
    throw new EfiError('EFI_ACCESS_DENIED', `${node.path} is read-only`);
  }
  // A directory that cannot be read is better known now than at its first entry.
  if (node.isDirectory) node.directory.find('.');
  volume.finishCall();
  return node;
}
