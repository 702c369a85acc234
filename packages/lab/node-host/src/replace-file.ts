import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { HostError } from './host-error.ts';

/**
 * Puts new content in the place of a file: whatever interrupts it leaves the old file whole or the new
 * one. Permissions stay, and a symbolic link goes on pointing where it did.
 * @throws HostError that names the file
 */
export function replaceFile(path: string, content: Uint8Array): void {
  try {
    const { target, mode } = placeOf(path);
    // beside it, because a file is only renamed within its file system
    const draft = `${target}.${process.pid}.new`;
    try {
      writeDurably(draft, content, mode);
      renameSync(draft, target);
    } catch (caught) {
      rmSync(draft, { force: true });
      throw caught;
    }
    syncFolder(dirname(target));
  } catch (caught) {
    // The file itself need not be there.
    if (isMissing(caught))
      throw new HostError(`${path}: there is no such folder`, { cause: caught });
    throw HostError.about(path, caught);
  }
}

function isMissing(caught: unknown): boolean {
  return caught instanceof Error && 'code' in caught && caught.code === 'ENOENT';
}

const USUAL_MODE = 0o644;

function placeOf(path: string): { readonly target: string; readonly mode: number } {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    return { target: path, mode: USUAL_MODE };
  }
  const target = realpathSync(path);
  return { target, mode: statSync(target).mode };
}

function writeDurably(path: string, content: Uint8Array, mode: number): void {
  const file = openSync(path, 'wx', mode);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The new name is on the disk, too. A host that cannot sync folders does it when it likes. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (caught) {
    if (!(caught instanceof Error && 'code' in caught)) throw caught;
  }
}
