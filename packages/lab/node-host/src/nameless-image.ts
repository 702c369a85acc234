import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlockBackend } from '@dxelab/virtio-devices';

/** How much is copied at a time, in bytes. */
const CHUNK = 0x10_0000;

/**
 * Copies a disk into a raw image that is gone when it is closed; what is zero takes no room.
 * @returns the open file
 */
export function writeNamelessImage(backend: BlockBackend): number {
  const folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
  try {
    const file = openSync(join(folder, 'disk.img'), 'wx+');
    try {
      copy(backend, file);
      return file;
    } catch (caught) {
      closeSync(file);
      throw caught;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function copy(backend: BlockBackend, file: number): void {
  ftruncateSync(file, backend.size);
  const bytes = new Uint8Array(CHUNK);
  const zeros = new Uint8Array(CHUNK);
  const next = (at: number): number => backend.nextData?.(at) ?? at;
  for (let at = next(0); at < backend.size; at = next(at + CHUNK)) {
    const length = Math.min(CHUNK, backend.size - at);
    backend.read(at, bytes, 0, length);
    const content = bytes.subarray(0, length);
    if (Buffer.compare(content, zeros.subarray(0, length)) !== 0) writeAll(file, content, at);
  }
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}
