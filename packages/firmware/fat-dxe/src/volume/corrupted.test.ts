import type { EfiFile } from '@dxelab/uefi';
import { EFI_FILE_DIRECTORY, isEfiFailure } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryDisk } from '../testing/memory-disk.fixture.ts';
import { makeVolume } from '../testing/mkfs.fixture.ts';
import type { Mounted } from '../testing/mount.fixture.ts';
import {
  mount,
  mountNew,
  pattern,
  readWhole,
  sameBytes,
  statusOf,
  writeWhole,
} from '../testing/mount.fixture.ts';

/** A FAT16 volume whose entries a test can bend: the FAT begins at byte 512, the root directory behind two FATs. */
class Bent {
  readonly disk: MemoryDisk;
  readonly view: DataView;
  static readonly #fatSectors = 20;

  constructor() {
    const { disk, root } = mountNew({ type: 'FAT16', clusters: 5000, rootEntries: 64 });
    // Clusters: ONE 2, 3, 4; TWO 5, 6, 7; DIR 8; DIR\SUB 9; DIR\SUB\DEEP 10.
    writeWhole(root, 'ONE', pattern(3 * 512, 1));
    writeWhole(root, 'TWO', pattern(3 * 512, 2));
    root.open('DIR', 'read-write-create', EFI_FILE_DIRECTORY).close();
    root.open('DIR\\SUB', 'read-write-create', EFI_FILE_DIRECTORY).close();
    writeWhole(root, 'DIR\\SUB\\DEEP', pattern(100, 3));
    this.disk = disk;
    this.view = new DataView(disk.bytes.buffer);
  }

  link(cluster: number, value: number): this {
    this.view.setUint16(512 + cluster * 2, value, true);
    return this;
  }

  /** Changes a field of the entry with this index in a directory. */
  entry(at: number, index: number, field: 'cluster' | 'size', value: number): this {
    const record = at + index * 32;
    if (field === 'cluster') this.view.setUint16(record + 26, value, true);
    else this.view.setUint32(record + 28, value, true);
    return this;
  }

  get root(): number {
    return 512 + 2 * Bent.#fatSectors * 512;
  }

  cluster(cluster: number): number {
    return this.root + 64 * 32 + (cluster - 2) * 512;
  }

  mount(): Mounted {
    return mount(this.disk);
  }
}

function messageOf(call: () => unknown): string {
  try {
    call();
    return 'nothing was wrong';
  } catch (caught) {
    if (isEfiFailure(caught)) return caught.message;
    throw caught;
  }
}

test('the fixture is what the tests think', () => {
  const bent = new Bent();
  expect(
    [2, 4, 5, 7, 8, 10].map((cluster) => bent.view.getUint16(512 + cluster * 2, true)),
  ).toEqual([3, 0xffff, 6, 0xffff, 0xffff, 0xffff]);
  expect(bent.disk.bytes[bent.root]).toBe(0x4f);
  expect(bent.disk.bytes[bent.cluster(8)]).toBe(0x2e);
});

describe('a broken chain is told, with what was expected and what came', () => {
  test.each<[string, (bent: Bent) => Bent, string]>([
    ['a loop', (bent) => bent.link(4, 3), '\\ONE: two chains meet at cluster 3'],
    [
      'a loop to the beginning',
      (bent) => bent.link(4, 2),
      '\\ONE: its first cluster 2 lies within another chain',
    ],
    [
      'a cluster that points to itself',
      (bent) => bent.link(2, 2),
      '\\ONE: its first cluster 2 lies within another chain',
    ],
    ['a cross-link', (bent) => bent.link(4, 6), '\\TWO: two chains meet at cluster 6'],
    [
      'a free cluster',
      (bent) => bent.link(3, 0),
      '\\ONE: cluster 2 of its chain: expected 2 to 5001 or an end, found 0 (free)',
    ],
    [
      'a reserved number',
      (bent) => bent.link(3, 1),
      '\\ONE: cluster 2 of its chain: expected 2 to 5001 or an end, found 1',
    ],
    [
      'a bad cluster',
      (bent) => bent.link(3, 0xfff7),
      '\\ONE: cluster 2 of its chain: expected 2 to 5001 or an end, found the mark of a bad one',
    ],
    [
      'a cluster out of range',
      (bent) => bent.link(3, 5002),
      '\\ONE: cluster 2 of its chain: expected 2 to 5001 or an end, found 5002',
    ],
    [
      'a beginning out of range',
      (bent) => bent.entry(bent.root, 0, 'cluster', 0xfff0),
      '\\ONE: cluster 0 of its chain: expected 2 to 5001 or an end, found 65520',
    ],
    [
      'a beginning that is free',
      (bent) => bent.entry(bent.root, 0, 'cluster', 4000),
      '\\ONE: cluster 1 of its chain: expected 2 to 5001 or an end, found 0 (free)',
    ],
    [
      'a size without clusters',
      (bent) => bent.entry(bent.root, 0, 'cluster', 0),
      '\\ONE has 1536 bytes, its clusters hold 0',
    ],
    [
      'a size larger than the chain',
      (bent) => bent.entry(bent.root, 0, 'size', 1537),
      '\\ONE has 1537 bytes, its clusters hold 1536',
    ],
    [
      'a chain that ends early',
      (bent) => bent.link(3, 0xffff),
      '\\ONE has 1536 bytes, its clusters hold 1024',
    ],
    [
      'a beginning in the middle of another',
      (bent) => bent.entry(bent.root, 0, 'cluster', 6),
      '\\ONE: its first cluster 6 lies within another chain',
    ],
  ])('%s', (_title, bend, message) => {
    const bent = bend(new Bent());
    const path = message.startsWith('\\TWO') ? 'TWO' : 'ONE';

    const { root } = bent.mount();
    expect(messageOf(() => readWhole(root, path))).toBe(`EFI_VOLUME_CORRUPTED: ${message}`);
    // Nor is it written, nor let go: another file may hang on it.
    const before = bent.disk.bytes.slice();
    const file = root.open(path, 'read-write');
    expect(statusOf(() => file.write(new Uint8Array(1)))).toBe('EFI_VOLUME_CORRUPTED');
    expect(statusOf(() => file.setInfo({ fileSize: 10 }))).toBe('EFI_VOLUME_CORRUPTED');
    expect(statusOf(() => file.setInfo({ fileSize: 10_000 }))).toBe('EFI_VOLUME_CORRUPTED');
    file.flush();
    expect(sameBytes(bent.disk.bytes, before)).toBe(true);
    // The rest of the volume is not touched by it.
    expect(readWhole(root, 'DIR\\SUB\\DEEP')).toEqual(pattern(100, 3));
  });

  test('a free cluster that a broken chain leads to is not given away', () => {
    const { root } = new Bent().link(3, 11).mount();
    writeWhole(root, 'NEW', pattern(512, 9));
    writeWhole(root, 'NEXT', pattern(512, 9));
    expect(readWhole(root, 'NEW')).toEqual(pattern(512, 9));
    expect(statusOf(() => readWhole(root, 'ONE'))).toBe('EFI_VOLUME_CORRUPTED');
    expect(messageOf(() => readWhole(root, 'ONE'))).toMatch(/found 0 \(free\)$/);
  });

  test('two files with one beginning: the second that is read is told', () => {
    const { root } = new Bent().entry(new Bent().root, 1, 'cluster', 2).mount();
    const one = root.open('ONE', 'read');
    one.read(new Uint8Array(1));
    expect(messageOf(() => readWhole(root, 'TWO'))).toBe(
      'EFI_VOLUME_CORRUPTED: \\TWO: its first cluster 2 is also that of \\ONE',
    );
  });

  test('a chain with more clusters than it needs is read, and used when the file grows', () => {
    const bent = new Bent().entry(new Bent().root, 0, 'size', 600);
    const { root } = bent.mount();
    expect(readWhole(root, 'ONE')).toEqual(pattern(3 * 512, 1).subarray(0, 600));
    const { freeSpace } = root.getFileSystemInfo();
    const file = root.open('ONE', 'read-write');
    file.setPosition(1530);
    file.write(new Uint8Array(6));
    expect(root.getFileSystemInfo().freeSpace).toBe(freeSpace);
    expect(
      readWhole(root, 'ONE')
        .subarray(600)
        .every((byte) => byte === 0),
    ).toBe(true);
  });
});

describe('a broken directory', () => {
  test.each<[string, (bent: Bent) => Bent]>([
    ['that is its own parent', (bent) => bent.entry(bent.cluster(8), 2, 'cluster', 8)],
    ['without a cluster', (bent) => bent.entry(bent.cluster(8), 2, 'cluster', 0)],
    ['whose chain is a loop', (bent) => bent.link(9, 9)],
    ['whose chain goes to a free cluster', (bent) => bent.link(9, 100)],
    ['in the clusters of a file', (bent) => bent.entry(bent.cluster(8), 2, 'cluster', 3)],
  ])('%s is told when it is opened; its parent is not broken', (_title, bend) => {
    const { root } = bend(new Bent()).mount();
    const dir = root.open('DIR', 'read');
    expect(statusOf(() => dir.open('SUB', 'read'))).toBe('EFI_VOLUME_CORRUPTED');
    expect(statusOf(() => root.open('DIR\\SUB\\DEEP', 'read'))).toBe('EFI_VOLUME_CORRUPTED');
    expect(statusOf(() => root.open('DIR\\SUB', 'read-write'))).toBe('EFI_VOLUME_CORRUPTED');
    const names: string[] = [];
    for (let info = dir.readDirectory(); info; info = dir.readDirectory())
      names.push(info.fileName);
    expect(names).toEqual(['.', '..', 'SUB']);
  });

  test('a root of FAT32 that is broken is told by OpenVolume', () => {
    const bytes = makeVolume({ type: 'FAT32' });
    new DataView(bytes.buffer).setUint32(32 * 512 + 8, 3, true);
    expect(messageOf(() => mount(new MemoryDisk(bytes)))).toBe(
      'EFI_VOLUME_CORRUPTED: \\: cluster 2 of its chain: expected 2 to 65601 or an end, found 0 (free)',
    );
  });

  test('with a chain of more than 2 MiB is none', () => {
    const bytes = makeVolume({ type: 'FAT32' });
    const view = new DataView(bytes.buffer);
    for (let cluster = 2; cluster < 4100; cluster++)
      view.setUint32(32 * 512 + cluster * 4, cluster + 1, true);
    view.setUint32(32 * 512 + 4100 * 4, 0x0fffffff, true);
    expect(messageOf(() => mount(new MemoryDisk(bytes)))).toMatch(
      /a directory has 32 to 2097152 bytes/,
    );
  });
});

/** Opens and reads all, and changes a little, within a budget; only an EfiError may come of it. */
function exercise(root: EfiFile): void {
  let budget = 60;
  const attempt = (body: () => void): void => {
    try {
      body();
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
    }
  };
  const visit = (directory: EfiFile, depth: number): void => {
    for (
      let info = directory.readDirectory();
      info && budget > 0;
      info = directory.readDirectory()
    ) {
      const { fileName, attribute } = info;
      if (fileName === '.' || fileName === '..') continue;
      budget--;
      attempt(() => {
        const file = directory.open(fileName, 'read');
        file.getInfo();
        if ((attribute & EFI_FILE_DIRECTORY) === 0) file.read(new Uint8Array(3000));
        else if (depth < 5) visit(file, depth + 1);
        file.close();
      });
      attempt(() => {
        const file = directory.open(fileName, 'read-write');
        attempt(() => file.setInfo({ fileSize: 2000 }));
        attempt(() => file.setInfo({ fileName: `renamed ${budget}` }));
        attempt(() => file.setInfo({ fileSize: 5 }));
        file.delete();
      });
    }
  };
  attempt(() => visit(root, 0));
  attempt(() => writeWhole(root, 'another file', pattern(3000)));
  attempt(() => root.open('another directory', 'read-write-create', EFI_FILE_DIRECTORY).close());
  attempt(() => root.setVolumeLabel('LABEL'));
  attempt(() => root.getFileSystemInfo());
}

/** Where the parts of a volume are that decide where others are. */
const damages = (length: number): fc.Arbitrary<readonly (readonly [number, number])[]> =>
  fc.array(
    fc.tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: 0, max: 90 }) },
        { weight: 3, arbitrary: fc.integer({ min: 512, max: 512 + 60 }) },
        { weight: 5, arbitrary: fc.nat(length - 1) },
      ),
      fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 0xe5, 0xff)),
    ),
    { minLength: 1, maxLength: 12 },
  );

describe.each(PROFILES)('whatever bytes are changed (%s)', (profile) => {
  /** A tiny volume, so that a random byte is likely to hit something: its data area is mostly directories. */
  function tiny(): Uint8Array {
    const { disk, root } = mountNew({ type: 'FAT12', clusters: 24, rootEntries: 16 });
    writeWhole(root, 'a long name', pattern(1000));
    root.open('D', 'read-write-create', EFI_FILE_DIRECTORY).close();
    root.open('D\\E', 'read-write-create', EFI_FILE_DIRECTORY).close();
    for (const name of ['one', 'Two with a long name', 'three'])
      writeWhole(root, `D\\${name}`, pattern(700));
    for (const name of ['x', 'Y and more of it']) writeWhole(root, `D\\E\\${name}`, pattern(30));
    return disk.bytes;
  }

  test('only an EfiError comes of it, no hang, and nothing outside of the disk', () => {
    const sound = tiny();
    fc.assert(
      fc.property(damages(sound.length), (damage) => {
        const disk = new MemoryDisk(sound.slice());
        for (const [at, value] of damage) disk.bytes[at] = value;
        try {
          exercise(mount(disk, { profile }).root);
        } catch (caught) {
          if (!isEfiFailure(caught)) throw caught;
        }
        // EDK II mounts volumes that are larger than their medium; the disk refuses what is not there.
        expect(profile === 'edk2' ? 0 : disk.outside).toBe(0);
      }),
      { numRuns: 1000 },
    );
  }, 60_000);

  test('a volume of random bytes behind a sound boot sector', () => {
    const sound = tiny();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4000, maxLength: 4000 }), (random) => {
        const disk = new MemoryDisk(sound.slice());
        disk.bytes.set(random, 512);
        exercise(mount(disk, { profile }).root);
        expect(disk.outside).toBe(0);
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
