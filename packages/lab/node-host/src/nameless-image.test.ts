import { closeSync, fstatSync, readSync } from 'node:fs';
import { MemoryBackend, SparseBackend } from '@dxelab/virtio-devices';
import type { BlockBackend } from '@dxelab/virtio-devices';
import { expect, test } from 'vitest';
import { writeNamelessImage } from './nameless-image.ts';

/** Hands over the image's file, and closes it. */
function withImage(backend: BlockBackend, look: (file: number) => void): void {
  const file = writeNamelessImage(backend);
  try {
    look(file);
  } finally {
    closeSync(file);
  }
}

function read(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  expect(readSync(file, bytes, 0, length, position)).toBe(length);
  return bytes;
}

test('the image has all bytes of the disk, and no name', () => {
  const bytes = new Uint8Array(3 * 0x10_0000 + 512).fill(0);
  bytes[0x10_0000 - 1] = 1;
  bytes[bytes.length - 1] = 2;
  withImage(new MemoryBackend(bytes), (file) => {
    expect(fstatSync(file).nlink).toBe(0);
    expect(Buffer.compare(read(file, 0, bytes.length), bytes)).toBe(0);
  });
});

test('a disk of terabytes takes the time and the room of what was written to it', () => {
  const disk = new SparseBackend(3 * 2 ** 40);
  disk.write(2 ** 41 + 7, Uint8Array.of(0x5a), 0, 1);
  withImage(disk, (file) => {
    const { size, blocks } = fstatSync(file);
    expect(size).toBe(disk.size);
    expect(blocks * 512).toBeLessThan(4 * 2 ** 20);
    expect(read(file, 2 ** 41 + 6, 3)).toEqual(Uint8Array.of(0, 0x5a, 0));
  });
});
