import type { EfiFile } from '@dxelab/uefi';
import { EFI_FILE_DIRECTORY, isEfiFailure } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { IN_ORDER, checkVolume } from '../testing/check-volume.fixture.ts';
import { MemoryDisk } from '../testing/memory-disk.fixture.ts';
import type { Format } from '../testing/mkfs.fixture.ts';
import { makeVolume } from '../testing/mkfs.fixture.ts';
import { mount, pattern, readWhole, sameBytes, writeWhole } from '../testing/mount.fixture.ts';

/** Small enough that every failure can be tried, and with clusters that make directories grow. */
const FORMATS: readonly Format[] = [
  { type: 'FAT12', clusters: 200 },
  { type: 'FAT16', clusters: 4100 },
];

/** `\keep` and `\Dir\keep`, which nothing below may touch; `\work`; a hole, so that new files are in pieces. */
function prepared(format: Format): Uint8Array {
  const disk = new MemoryDisk(makeVolume(format));
  const { root } = mount(disk);
  writeWhole(root, 'keep', pattern(3000, 1));
  writeWhole(root, 'hole', pattern(1000, 2));
  root.open('Dir', 'read-write-create', EFI_FILE_DIRECTORY).close();
  writeWhole(root, 'Dir\\keep', pattern(2000, 3));
  writeWhole(root, 'work', pattern(1800, 4));
  root.open('hole', 'read-write').delete();
  return disk.bytes;
}

/** Every way to change a volume, in one row; a failure ends it. */
const STEPS: readonly [string, (root: EfiFile) => void][] = [
  ['create', (root) => writeWhole(root, 'a new file with a long name', pattern(4000, 5))],
  ['extend', (root) => append(root, 'work', pattern(3000, 6))],
  ['truncate', (root) => resize(root, 'work', 700)],
  ['empty', (root) => resize(root, 'work', 0)],
  ['enlarge', (root) => resize(root, 'work', 2500)],
  [
    'create directory',
    (root) => root.open('Dir\\Sub', 'read-write-create', EFI_FILE_DIRECTORY).close(),
  ],
  [
    'fill directory',
    (root) => {
      for (let index = 0; index < 8; index++) {
        writeWhole(root, `Dir\\Sub\\entry with a long name ${index}`, pattern(10 * index));
      }
    },
  ],
  ['delete', (root) => void root.open('a new file with a long name', 'read-write').delete()],
];

function append(root: EfiFile, path: string, content: Uint8Array): void {
  const file = root.open(path, 'read-write');
  file.setPosition('end');
  file.write(content);
  file.close();
}

function resize(root: EfiFile, path: string, fileSize: number): void {
  const file = root.open(path, 'read-write');
  file.setInfo({ fileSize });
  file.close();
}

/** Runs the steps until one fails. */
function run(disk: MemoryDisk, steps = STEPS): void {
  try {
    const { root } = mount(disk);
    for (const [, step] of steps) step(root);
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
  }
}

const KEPT = pattern(3000, 1);
const KEPT_BELOW = pattern(2000, 3);

function holds(found: Uint8Array | undefined, expected: Uint8Array): boolean {
  return found !== undefined && sameBytes(found, expected);
}

function expectKept(bytes: Uint8Array): void {
  const { files } = checkVolume(bytes);
  expect(holds(files.get('\\keep'), KEPT)).toBe(true);
  expect(holds(files.get('\\Dir\\keep'), KEPT_BELOW)).toBe(true);
}

describe.each(FORMATS)('$type: whatever write is the last', (format) => {
  const start = prepared(format);
  const whole = new MemoryDisk(start.slice());
  const after = pattern(5000, 9);
  run(whole);

  test('without a failure the volume is in order', () => {
    expect(checkVolume(whole.bytes)).toMatchObject(IN_ORDER);
    expect(whole.writes).toBeGreaterThan(50);
  });

  test('power fails after it: clusters may be lost, but no file has another’s, and none is broken', () => {
    for (let last = 0; last < whole.writes; last++) {
      const disk = new MemoryDisk(start.slice());
      disk.loseWritesFrom = last;
      run(disk);
      expect(checkVolume(disk.bytes).errors, `after ${last} writes`).toEqual([]);
      expectKept(disk.bytes);
    }
  });

  test('all later ones fail: the same', () => {
    for (let last = 0; last < whole.writes; last++) {
      const disk = new MemoryDisk(start.slice());
      disk.failWritesFrom = last;
      run(disk);
      expect(checkVolume(disk.bytes).errors, `after ${last} writes`).toEqual([]);
      expectKept(disk.bytes);
    }
  });

  test('the call that it is in fails, and then all is well: what follows finds everything in order', () => {
    for (let last = 0; last < whole.writes; last++) {
      const disk = new MemoryDisk(start.slice());
      disk.failWritesFrom = last;
      const { root } = mount(disk);
      for (const [, step] of STEPS) {
        try {
          step(root);
        } catch (caught) {
          if (!isEfiFailure(caught)) throw caught;
          disk.failWritesFrom = Infinity;
        }
        disk.failWritesFrom = disk.writes > last ? Infinity : last;
      }
      writeWhole(root, 'after', after);
      const { errors, files, stale } = checkVolume(disk.bytes);
      expect([errors, stale], `after ${last} writes`).toEqual([[], []]);
      expect(holds(files.get('\\after'), after)).toBe(true);
      expect(holds(readWhole(root, 'after'), after)).toBe(true);
      expectKept(disk.bytes);
    }
  });
});

describe('a rename that is cut off loses nothing', () => {
  const start = prepared({ type: 'FAT16', clusters: 4100 });

  test.each([
    ['in its place', 'WORK2'],
    ['to a longer name', 'a name that is longer than before'],
    ['into another directory', 'Dir\\moved'],
  ])('%s', (_title, fileName) => {
    const rename: typeof STEPS = [
      ['rename', (root) => root.open('work', 'read-write').setInfo({ fileName })],
    ];
    const whole = new MemoryDisk(start.slice());
    run(whole, rename);
    expect(checkVolume(whole.bytes)).toMatchObject(IN_ORDER);
    for (let last = 0; last < whole.writes; last++) {
      for (const end of ['loseWritesFrom', 'failWritesFrom'] as const) {
        const disk = new MemoryDisk(start.slice());
        disk[end] = last;
        run(disk, rename);
        const { files } = checkVolume(disk.bytes);
        // In between both may be there: the check gives the clusters to the first that it meets.
        const found = ['work', fileName].some((name) =>
          holds(files.get(`\\${name}`), pattern(1800, 4)),
        );
        expect(found, `${end} ${last}`).toBe(true);
        expectKept(disk.bytes);
      }
    }
  });
});
