import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isBackendError } from '@dxelab/virtio-devices';
import { FileBackend } from './file-backend.ts';
import { openDisk } from './open-disk.ts';

let folder = '';
const path = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file whose bytes tell their position. */
function disk(name: string, size: number): string {
  writeFileSync(
    path(name),
    Uint8Array.from({ length: size }, (_, index) => index % 251),
  );
  return path(name);
}

describe('a disk in a file', () => {
  test('is read where it stands, without a byte beside the range', () => {
    const open = openDisk(disk('disk.img', 4096), false);
    const target = new Uint8Array(8).fill(0xee);
    open.backend.read(500, target, 2, 4);
    open.close();
    expect([...target]).toEqual([0xee, 0xee, 249, 250, 0, 1, 0xee, 0xee]);
  });

  test('is not written unless asked for', () => {
    const open = openDisk(disk('disk.img', 512), false);
    expect(() => open.backend.write(0, new Uint8Array(1), 0, 1)).toThrow('read-only');
    open.close();
  });

  test('one that may be read only cannot be opened for writing, and that is said', () => {
    // a program that runs: nobody may write to it, not even root
    const running = process.execPath;
    expect(() => openDisk(running, true)).toThrow(`${running} cannot be opened for writing: `);
  });

  test('has on the disk what was flushed', () => {
    const open = openDisk(disk('disk.img', 512), true);
    open.backend.write(510, Uint8Array.of(7, 8), 0, 2);
    open.backend.flush();
    expect([...readFileSync(path('disk.img')).subarray(509)]).toEqual([509 % 251, 7, 8]);
    open.close();
  });

  test('that became shorter while it was open is an unreadable disk, not a hang', () => {
    const backend = new FileBackend(disk('disk.img', 1024), false);
    truncateSync(path('disk.img'), 600);
    const read = (): void => backend.read(512, new Uint8Array(512), 0, 512);
    expect(read).toThrow('ends at 600: it had 1024 bytes');
    expect(read).toThrow(expect.toSatisfy(isBackendError));
    backend.close();
  });

  test('that is compressed is unpacked into memory, and read-only', () => {
    writeFileSync(path('disk.img.gz'), gzipSync(new Uint8Array(1024).fill(5)));
    const { backend } = openDisk(path('disk.img.gz'), false);
    expect([backend.size, backend.readOnly]).toEqual([1024, true]);
    expect(() => openDisk(path('disk.img.gz'), true)).toThrow('cannot go back into it');
  });
});

describe('what is no disk is refused in words', () => {
  test.each([
    ['a missing file', () => path('missing.img'), 'missing.img: there is no such file'],
    ['an empty file', () => disk('empty.img', 0), 'empty.img is empty'],
    ['half a sector', () => disk('half.img', 700), '700 bytes, which are no whole sectors of 512'],
    ['a device of the host', () => devNull, 'is no regular file, not a disk image'],
    ['a directory', () => folder, 'is a directory, not a disk image'],
    [
      'a truncated gzip file',
      () => {
        writeFileSync(path('cut.gz'), gzipSync(new Uint8Array(4096)).subarray(0, 15));
        return path('cut.gz');
      },
      'cut.gz: the gzip data are truncated',
    ],
  ])('%s', (_what, make, message) => {
    expect(() => openDisk(make(), false)).toThrow(message);
  });
});
