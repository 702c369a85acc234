import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { OpenDisk } from '@dxelab/scenario';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { FileBackend } from './file-backend.ts';
import { HostError } from './host-error.ts';

const SECTOR = 512;
const GZIP = [0x1f, 0x8b];

/**
 * Opens a raw disk image. One that is compressed with gzip is unpacked into memory and cannot be
 * written.
 * @param writable whether what is written goes to the file
 * @throws HostError that names the file, what was expected and what came
 */
export function openDisk(path: string, writable: boolean): OpenDisk {
  const disk = open(path, writable);
  const { size } = disk.backend;
  if (size > 0 && size % SECTOR === 0) return disk;
  disk.close();
  throw new HostError(
    size === 0
      ? `${path} is empty: a disk image has at least one sector of ${SECTOR} bytes`
      : `${path} has ${size} bytes, which are no whole sectors of ${SECTOR}: is it truncated?`,
  );
}

function open(path: string, writable: boolean): OpenDisk {
  try {
    requireFile(path);
    if (isGzip(path)) return unpack(path, writable);
    const backend = openFile(path, writable);
    return { backend, close: () => backend.close() };
  } catch (caught) {
    throw HostError.about(path, caught);
  }
}

/** The file may be read, that much is known here; whether it may be written is another question. */
function openFile(path: string, writable: boolean): FileBackend {
  try {
    return new FileBackend(path, writable);
  } catch (caught) {
    throw writable ? HostError.about(`${path} cannot be opened for writing`, caught) : caught;
  }
}

/** To open anything else, such as a pipe, can take for ever, and it has no size. */
function requireFile(path: string): void {
  const found = statSync(path);
  if (found.isFile()) return;
  const what = found.isDirectory() ? 'a directory' : 'no regular file';
  throw new HostError(`${path} is ${what}, not a disk image`);
}

function isGzip(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const magic = new Uint8Array(GZIP.length);
    readSync(file, magic, 0, GZIP.length, 0);
    return GZIP.every((byte, index) => magic[index] === byte);
  } finally {
    closeSync(file);
  }
}

function unpack(path: string, writable: boolean): OpenDisk {
  if (writable)
    throw new HostError(`${path} is compressed: what is written cannot go back into it`);
  return {
    backend: new MemoryBackend(gunzipSync(readFileSync(path)), { readOnly: true }),
    close() {},
  };
}
