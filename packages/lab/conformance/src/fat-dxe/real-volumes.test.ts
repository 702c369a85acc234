import type { EfiFile } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import type { ImageFormat } from './fat-tools.fixture.ts';
import { FatImage, missingTools } from './fat-tools.fixture.ts';
import { FileDisk } from './file-disk.fixture.ts';

const MIB = 1 << 20;
const missing = missingTools();

/** Every kind of FAT, from the smallest cluster to 64 KiB, on blocks of 512 and of 4096 bytes. */
const FORMATS: readonly ImageFormat[] = [
  { fat: 12, size: 1440 * 1024, sectorsPerCluster: 1, sectorSize: 512, label: 'FLOPPY' },
  { fat: 12, size: 15 * MIB, sectorsPerCluster: 8, sectorSize: 512 },
  { fat: 12, size: 64 * MIB, sectorsPerCluster: 128, sectorSize: 512 },
  { fat: 12, size: 15 * MIB, sectorsPerCluster: 1, sectorSize: 4096 },
  { fat: 16, size: 16 * MIB, sectorsPerCluster: 1, sectorSize: 512 },
  { fat: 16, size: 128 * MIB, sectorsPerCluster: 4, sectorSize: 512, label: 'SIXTEEN' },
  { fat: 16, size: 512 * MIB, sectorsPerCluster: 128, sectorSize: 512 },
  { fat: 16, size: 64 * MIB, sectorsPerCluster: 2, sectorSize: 4096 },
  { fat: 32, size: 40 * MIB, sectorsPerCluster: 1, sectorSize: 512, label: 'ESP' },
  { fat: 32, size: 300 * MIB, sectorsPerCluster: 8, sectorSize: 512 },
  { fat: 32, size: 5000 * MIB, sectorsPerCluster: 128, sectorSize: 512 },
  { fat: 32, size: 300 * MIB, sectorsPerCluster: 1, sectorSize: 4096 },
  { fat: 32, size: 2048 * MIB, sectorsPerCluster: 4, sectorSize: 1024 },
];

describe.skipIf(missing !== undefined)(`volumes of mkfs.fat and mtools ${missing ?? ''}`, () => {
  describe.each(FORMATS)(
    'FAT$fat, $size bytes, $sectorsPerCluster sectors of $sectorSize bytes per cluster',
    (format) => {
      test.each(['specification', 'edk2'] as const)('reads what mtools wrote (%s)', (profile) => {
        using image = new FatImage(format);
        const files = sampleFiles();
        image.makeDirectory('/EFI');
        image.makeDirectory('/EFI/BOOT');
        image.makeDirectory('/Übergrößenträger in Straßen');
        for (const [path, content] of files) image.copyIn(path, content);
        fragment(image, files);

        using disk = new FileDisk(image.path, format.sectorSize);
        const root = disk.mount(profile);
        for (const [path, content] of files) expectSame(read(root, path), content, path);
        expect(walk(root, '')).toEqual([...files.keys()].toSorted());
        expect(root.getFileSystemInfo().volumeLabel).toBe(format.label ?? '');
      });

      test.each(['specification', 'edk2'] as const)(
        'writes what fsck.fat accepts and mtools read (%s)',
        (profile) => {
          using image = new FatImage(format);
          const files = new Map<string, Uint8Array>();
          {
            using disk = new FileDisk(image.path, format.sectorSize);
            change(disk.mount(profile), files);
          }
          const { status, report } = image.check();
          expect(report).not.toMatch(/dirty|wrong|differ|orphan/i);
          expect(status, report).toBe(0);
          expect(image.list('/').filter((path) => !path.endsWith('/'))).toEqual(
            [...files.keys()].toSorted(),
          );
          const out = image.copyAllOut();
          expect([...out.keys()].toSorted()).toEqual([...files.keys()].toSorted());
          for (const [path, content] of files) {
            expectSame(out.get(path) ?? new Uint8Array(0), content, path);
          }
        },
      );
    },
  );

  test.each([12, 16, 32] as const)('the label of FAT%i, in both of its places', (fat) => {
    const [size, sectorsPerCluster] =
      fat === 12 ? [4 * MIB, 4] : fat === 16 ? [16 * MIB, 1] : [40 * MIB, 1];
    using image = new FatImage({
      fat,
      size,
      sectorsPerCluster,
      sectorSize: 512,
    });
    for (const label of ['new label', 'ANOTHER', '']) {
      using disk = new FileDisk(image.path, 512);
      disk.mount('specification').setVolumeLabel(label);
      expect(disk.mount('specification').getFileSystemInfo().volumeLabel).toBe(label.toUpperCase());
      const { status, report } = image.check();
      expect(status, report).toBe(0);
    }
    // EDK II's driver forgets the boot sector, and fsck.fat notices.
    using disk = new FileDisk(image.path, 512);
    disk.mount('edk2').setVolumeLabel('half');
    expect(image.check().report).toMatch(/label/i);
  });

  test('10,000 files in a directory, written by mtools', () => {
    using image = new FatImage(SMALL_CLUSTERS);
    // Other first letters each time: mtools look very long for an 8.3 name that is free.
    const files = manyFiles((index) => `${index} is the number of this file.txt`);
    image.makeDirectory('/many');
    image.copyAllIn('/many/', files);
    using disk = new FileDisk(image.path, 512);
    const many = disk.mount('specification').open('\\many', 'read');
    expect(walk(many, '')).toEqual([...files.keys()].map((name) => `/${name}`).toSorted());
    for (const [name, content] of files) expectSame(read(many, name.toUpperCase()), content, name);
  }, 120_000);

  test('10,000 files in a directory, written by FatDxe, with alike names', () => {
    using image = new FatImage(SMALL_CLUSTERS);
    const files = manyFiles((index) => `many files with one beginning ${index}.txt`);
    {
      using disk = new FileDisk(image.path, 512);
      const many = disk.mount('specification').open('\\many', 'read-write-create', 0x10);
      for (const [name, content] of files) write(many, name, content);
    }
    const { status, report } = image.check();
    expect(status, report).toBe(0);
    const out = image.copyAllOut();
    expect(out.size).toBe(files.size);
    for (const [name, content] of files) {
      expectSame(out.get(`/many/${name}`) ?? new Uint8Array(0), content, name);
    }
  }, 120_000);
});

const SMALL_CLUSTERS = { fat: 32, size: 64 * MIB, sectorsPerCluster: 1, sectorSize: 512 } as const;

function manyFiles(name: (index: number) => string): Map<string, Uint8Array> {
  const indices = Array.from({ length: 10_000 }, (_, index) => index);
  return new Map(indices.map((index) => [name(index), pattern(index % 700, index)]));
}

/** Long, short, mixed, foreign and awkward names; sizes around those of sectors and clusters. */
function sampleFiles(): Map<string, Uint8Array> {
  const names = [
    '/EMPTY.DAT',
    '/one.txt',
    '/Mixed.Case',
    '/A name that is much longer than eight characters.extension',
    '/.hidden',
    '/no extension at all',
    '/several.dots.in.one.name',
    '/EFI/BOOT/BOOTX64.EFI',
    '/EFI/BOOT/grub.cfg',
    '/Übergrößenträger in Straßen/naïve café.txt',
    '/Übergrößenträger in Straßen/Ελληνικά.txt',
    '/Übergrößenträger in Straßen/Кириллица.txt',
    '/Übergrößenträger in Straßen/日本語のファイル名.txt',
    `/${'x'.repeat(200)}.long`,
    '/plus+comma,semi;equals=[brackets].txt',
    '/exactly13char',
    '/exactly 26 characters long',
  ];
  const sizes = [
    0, 1, 511, 512, 513, 4095, 4096, 4097, 65536, 70001, 33, 1000, 2048, 8192, 3, 20000, 5,
  ];
  return new Map(names.map((name, index) => [name, pattern(sizes[index] ?? 0, index)]));
}

/** Leaves holes, and a file that has to lie in them. */
function fragment(image: FatImage, files: Map<string, Uint8Array>): void {
  const kept: string[] = [];
  for (let index = 0; index < 12; index++) {
    const path = `/piece${index}.bin`;
    const content = pattern(9000, 100 + index);
    image.copyIn(path, content);
    if (index % 2 === 0) kept.push(path);
    files.set(path, content);
  }
  for (const path of [...files.keys()].filter((name) => name.startsWith('/piece'))) {
    if (kept.includes(path)) continue;
    image.delete(path);
    files.delete(path);
  }
  const content = pattern(150_000, 7);
  image.copyIn('/fragmented.bin', content);
  files.set('/fragmented.bin', content);
}

/** Creates, extends, truncates, renames, moves and deletes; `files` follows. */
function change(root: EfiFile, files: Map<string, Uint8Array>): void {
  root.open('EFI', 'read-write-create', 0x10).close();
  root.open('\\EFI\\Boot', 'read-write-create', 0x10).close();
  root.open('\\Straße nach Übersee', 'read-write-create', 0x10).close();
  for (const [path, content] of sampleFiles()) {
    const to = path
      .replace('Übergrößenträger in Straßen', 'Straße nach Übersee')
      .replace('BOOT/', 'Boot/');
    write(root, to, content);
    files.set(to, content);
  }
  // Two files that grow in turns lie in each other's way.
  const left = root.open('left.bin', 'read-write-create');
  const right = root.open('right.bin', 'read-write-create');
  const content = pattern(60_000, 9);
  for (let at = 0; at < content.length; at += 3000) {
    left.write(content.slice(at, at + 3000));
    right.write(content.slice(at, at + 3000));
  }
  left.setInfo({ fileSize: 31_234 });
  left.setPosition(40_000);
  left.setInfo({ fileSize: 45_000 });
  left.close();
  right.close();
  const cut = new Uint8Array(45_000);
  cut.set(content.subarray(0, 31_234));
  files.set('/left.bin', cut);
  files.set('/right.bin', content);

  move(root, files, '/one.txt', '/The file that was once called one.txt');
  move(
    root,
    files,
    '/A name that is much longer than eight characters.extension',
    '/EFI/SHORT.EXT',
  );
  move(root, files, '/right.bin', '/EFI/Boot/Right of all.bin');
  root.open('\\EFI\\Boot', 'read-write').setInfo({ fileName: '\\Straße nach Übersee\\moved boot' });
  for (const [path, moved] of Array.from(files)) {
    if (!path.startsWith('/EFI/Boot/')) continue;
    files.delete(path);
    files.set(path.replace('/EFI/Boot/', '/Straße nach Übersee/moved boot/'), moved);
  }
  for (const path of ['/Mixed.Case', '/several.dots.in.one.name']) {
    expect(root.open(path.replaceAll('/', '\\'), 'read-write').delete()).toBe('EFI_SUCCESS');
    files.delete(path);
  }
  for (let index = 0; index < 60; index++) {
    const path = `/EFI/numbered file ${index}.txt`;
    write(root, path, pattern(index * 10, index));
    files.set(path, pattern(index * 10, index));
  }
  root.close();
}

function move(root: EfiFile, files: Map<string, Uint8Array>, from: string, to: string): void {
  const file = root.open(from.replaceAll('/', '\\'), 'read-write');
  file.setInfo({ fileName: to.replaceAll('/', '\\') });
  file.close();
  files.set(to, files.get(from) ?? new Uint8Array(0));
  files.delete(from);
}

function write(root: EfiFile, path: string, content: Uint8Array): void {
  const file = root.open(path.replaceAll('/', '\\'), 'read-write-create');
  file.write(content);
  file.close();
}

function read(root: EfiFile, path: string): Uint8Array {
  const file = root.open(path.replaceAll('/', '\\'), 'read');
  const content = new Uint8Array(file.getInfo().fileSize);
  expect(file.read(content)).toBe(content.length);
  file.close();
  return content;
}

/** The paths of all files below a directory, sorted. */
function walk(directory: EfiFile, path: string): string[] {
  const found: string[] = [];
  for (let info = directory.readDirectory(); info; info = directory.readDirectory()) {
    if (info.fileName === '.' || info.fileName === '..') continue;
    if ((info.attribute & 0x10) === 0) found.push(`${path}/${info.fileName}`);
    else {
      const below = directory.open(info.fileName, 'read');
      found.push(...walk(below, `${path}/${info.fileName}`));
      below.close();
    }
  }
  return found.toSorted();
}

/** Vitest's own comparison of large arrays is slow and its report unreadable. */
function expectSame(found: Uint8Array, expected: Uint8Array, path: string): void {
  expect(Buffer.compare(found, expected), `content of ${path}`).toBe(0);
}

function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed + 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}
