import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BackendError, isBackendError } from './backend-error.ts';
import type { BlockBackend } from './block-backend.ts';
import { MemoryBackend } from './memory-backend.ts';
import { OverlayBackend } from './overlay-backend.ts';
import { SparseBackend } from './sparse-backend.ts';

const CHUNK = 0x10000;

function read(backend: BlockBackend, position: number, length: number): Uint8Array {
  const target = new Uint8Array(length + 2).fill(0xee);
  backend.read(position, target, 1, length);
  expect([target[0], target[length + 1]]).toEqual([0xee, 0xee]);
  return target.slice(1, length + 1);
}

/** A disk on which one range cannot be read. */
function unreadable(size: number, from: number, to: number): BlockBackend {
  const memory = new MemoryBackend(new Uint8Array(size).fill(0x5a), { readOnly: true });
  return {
    size,
    readOnly: true,
    read(position, target, offset, length) {
      if (position < to && position + length > from) throw new BackendError('a bad sector');
      memory.read(position, target, offset, length);
    },
    write: memory.write.bind(memory),
    flush() {},
  };
}

describe.each<[string, (size: number) => BlockBackend]>([
  ['MemoryBackend', (size: number) => new MemoryBackend(size)],
  ['SparseBackend', (size: number) => new SparseBackend(size)],
  ['OverlayBackend', (size: number) => new OverlayBackend(new MemoryBackend(size))],
])('%s', (_name, create) => {
  test('reads back what was written, wherever it lies', () => {
    const size = 3 * CHUNK + 512;
    const operation = fc.record({
      kind: fc.constantFrom('write', 'zero', 'discard'),
      position: fc.nat(size),
      length: fc.oneof(fc.nat(1000), fc.nat(size)),
      value: fc.nat(255),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
        const disk = create(size);
        const model = new Uint8Array(size);
        for (const { kind, position, length: wanted, value } of operations) {
          const length = Math.min(wanted, size - position);
          const bytes = new Uint8Array(length).map((_, index) => value + index);
          if (kind === 'write') {
            disk.write(position, bytes, 0, length);
            model.set(bytes, position);
          } else {
            // What was discarded is undefined by contract; ours reads zero.
            if (kind === 'discard' && disk.discard) disk.discard(position, length);
            else disk.writeZeroes?.(position, length);
            model.fill(0, position, position + length);
          }
        }
        expect(Buffer.compare(read(disk, 0, size), model)).toBe(0);
        expect(Buffer.compare(read(disk, 700, CHUNK), model.subarray(700, 700 + CHUNK))).toBe(0);
      }),
    );
  });

  test.each([
    [0, 1025],
    [1024, 1],
    [1025, 0],
    [-1, 1],
    [2 ** 60, 512],
    [Number.NaN, 1],
  ])('refuses %i and %i bytes beyond its end, and changes nothing', (position, length) => {
    const disk = create(1024);
    const buffer = new Uint8Array(4096).fill(7);
    expect(() => disk.read(position, buffer, 0, length)).toThrow(BackendError);
    expect(() => disk.write(position, buffer, 0, length)).toThrow(BackendError);
    expect(() => disk.writeZeroes?.(position, length)).toThrow(BackendError);
    expect(read(disk, 0, 1024)).toEqual(new Uint8Array(1024));
  });

  test('has no data where it says that there are none', () => {
    const disk = create(8 * CHUNK + 512);
    const byte = Uint8Array.of(1);
    for (const at of [CHUNK + 5, 4 * CHUNK, 8 * CHUNK + 511]) disk.write(at, byte, 0, 1);
    disk.writeZeroes?.(4 * CHUNK, CHUNK);
    const all = read(disk, 0, disk.size);
    for (let at = 0; at < disk.size; at += CHUNK / 2) {
      const next = disk.nextData?.(at) ?? at;
      expect(next).toBeGreaterThanOrEqual(at);
      expect(all.subarray(at, next).every((value) => value === 0)).toBe(true);
    }
  });

  test('accepts nothing at its end', () => {
    const disk = create(1024);
    disk.write(1024, new Uint8Array(0), 0, 0);
    expect(read(disk, 1024, 0)).toHaveLength(0);
  });
});

describe('MemoryBackend', () => {
  test('that is read-only refuses to change', () => {
    const disk = new MemoryBackend(512, { readOnly: true });
    expect(() => disk.write(0, new Uint8Array(1), 0, 1)).toThrow('the memory disk is read-only');
    expect(() => disk.writeZeroes(0, 1)).toThrow(BackendError);
  });
});

describe('OverlayBackend', () => {
  test('never changes its base', () => {
    const bytes = new Uint8Array(2 * CHUNK).fill(0x5a);
    const overlay = new OverlayBackend(new MemoryBackend(bytes, { readOnly: true }));
    overlay.write(CHUNK - 1, Uint8Array.of(1, 2), 0, 2);
    overlay.writeZeroes(0, 100);
    overlay.discard(CHUNK, CHUNK);
    overlay.flush();
    expect(bytes.every((byte) => byte === 0x5a)).toBe(true);
    expect(read(overlay, 99, 2)).toEqual(Uint8Array.of(0, 0x5a));
    expect(read(overlay, CHUNK - 2, 3)).toEqual(Uint8Array.of(0x5a, 1, 0));
  });

  test('holds only the chunks that were written', () => {
    const overlay = new OverlayBackend(new SparseBackend(2 ** 40));
    expect(overlay.written).toBe(0);
    overlay.write(2 ** 39, Uint8Array.of(1), 0, 1);
    expect(overlay.written).toBe(CHUNK);
    overlay.writeZeroes(0, 2 ** 30);
    expect(overlay.written).toBe(CHUNK);
  });

  test('ends where its base ends, within a chunk', () => {
    const overlay = new OverlayBackend(new MemoryBackend(1000));
    overlay.write(999, Uint8Array.of(9), 0, 1);
    overlay.writeZeroes(0, 999);
    expect(read(overlay, 998, 2)).toEqual(Uint8Array.of(0, 9));
  });

  test('is unchanged when the base cannot be read for a write', () => {
    const overlay = new OverlayBackend(unreadable(4 * CHUNK, 2 * CHUNK, 2 * CHUNK + 1));
    const across = new Uint8Array(2 * CHUNK).fill(1);
    expect(() => overlay.write(512, across, 0, across.length)).toThrow('a bad sector');
    expect(() => overlay.writeZeroes(0, 2 * CHUNK + 512)).toThrow(BackendError);
    expect(read(overlay, 0, 2 * CHUNK).every((byte) => byte === 0x5a)).toBe(true);
  });

  test('needs no base for chunks that are written whole', () => {
    const overlay = new OverlayBackend(unreadable(2 * CHUNK, 0, 2 * CHUNK));
    overlay.write(0, new Uint8Array(2 * CHUNK).fill(3), 0, 2 * CHUNK);
    expect(read(overlay, CHUNK, 1)).toEqual(Uint8Array.of(3));
  });
});

describe('SparseBackend', () => {
  test('knows where its data are, however large it is', () => {
    const disk = new SparseBackend(2 ** 42);
    expect(disk.nextData(0)).toBe(2 ** 42);
    disk.write(2 ** 41 + 5, Uint8Array.of(1), 0, 1);
    disk.writeZeroes(2 ** 40, CHUNK);
    expect(disk.nextData(0)).toBe(2 ** 41);
    expect(disk.nextData(2 ** 41 + 7)).toBe(2 ** 41 + 7);
    expect(disk.nextData(2 ** 41 + CHUNK)).toBe(2 ** 42);
  });

  test.each([-1, 1.5, 2 ** 60, Number.NaN])('refuses the size %d', (size) => {
    expect(() => new SparseBackend(size)).toThrow(RangeError);
  });
});

describe('BackendError', () => {
  test('is recognised across copies of the package, and nothing else is', () => {
    expect(isBackendError(new BackendError('x'))).toBe(true);
    expect(isBackendError(new TypeError('x'))).toBe(false);
    expect(isBackendError(null)).toBe(false);
  });

  test('carries its cause', () => {
    expect(new BackendError('x', 'EIO').cause).toBe('EIO');
  });
});
