import { EFI_FILE_DIRECTORY, EfiError } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { IN_ORDER, checkVolume, isMarkedClean } from '../testing/check-volume.fixture.ts';
import { MemoryDisk } from '../testing/memory-disk.fixture.ts';
import { makeVolume } from '../testing/mkfs.fixture.ts';
import type { Mounted } from '../testing/mount.fixture.ts';
import {
  list,
  mount,
  mountNew,
  pattern,
  readWhole,
  statusOf,
  writeWhole,
} from '../testing/mount.fixture.ts';

const TYPES = ['FAT12', 'FAT16', 'FAT32'] as const;

describe.each(TYPES)('%s', (type) => {
  test.each(PROFILES)('files and directories survive a new mount (%s)', (profile) => {
    const { root, disk } = mountNew({ type, sectorsPerCluster: 2 }, { profile });
    const files = new Map<string, Uint8Array>();
    for (const directory of ['', 'A', 'A\\B with a long name', 'A\\B with a long name\\C']) {
      if (directory !== '') root.open(directory, 'read-write-create', EFI_FILE_DIRECTORY).close();
      for (const size of [0, 1, 1023, 1024, 1025, 9000]) {
        const path = `${directory}\\file of ${size} bytes`;
        files.set(path, pattern(size, files.size));
        writeWhole(root, path, pattern(size, files.size - 1));
      }
    }
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
    expect(type === 'FAT12' || isMarkedClean(disk.bytes)).toBe(true);
    const again = mount(disk, { profile }).root;
    for (const [path, content] of files) expect(readWhole(again, path)).toEqual(content);
  });

  test('the figures of the volume (UEFI §13.5.17)', () => {
    const { root } = mountNew({ type, sectorsPerCluster: 4, label: 'DXELAB' });
    const { volumeSize, freeSpace } = root.getFileSystemInfo();
    expect(root.getFileSystemInfo()).toMatchObject({
      readOnly: false,
      blockSize: 2048,
      volumeLabel: 'DXELAB',
    });
    // The root directory of FAT32 is one of the clusters.
    expect(volumeSize - freeSpace).toBe(type === 'FAT32' ? 2048 : 0);
    writeWhole(root, 'file', pattern(5000));
    expect(root.getFileSystemInfo().freeSpace).toBe(freeSpace - 3 * 2048);
    root.open('file', 'read-write').delete();
    expect(root.getFileSystemInfo().freeSpace).toBe(freeSpace);
  });

  test('sectors of 4096 bytes', () => {
    const { root, disk } = mountNew({ type, sectorSize: 4096 });
    writeWhole(root, 'file', pattern(10_000));
    root.open('dir', 'read-write-create', EFI_FILE_DIRECTORY).close();
    writeWhole(root, 'dir\\file', pattern(5000));
    expect(readWhole(mount(disk).root, 'dir\\file')).toEqual(pattern(5000));
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });

  test('the label: set, changed, removed, also in the boot sector', () => {
    const { root, disk } = mountNew({ type, label: 'OLD' });
    const inBootSector = (sector: number): string =>
      new TextDecoder().decode(
        disk.bytes.subarray(sector * 512 + labelAt, sector * 512 + labelAt + 11),
      );
    const labelAt = type === 'FAT32' ? 71 : 43;
    for (const [label, stored] of [
      ['my disk', 'MY DISK    '],
      ['ELEVENCHARS', 'ELEVENCHARS'],
      ['', 'NO NAME    '],
      ['again', 'AGAIN      '],
    ] as const) {
      root.setVolumeLabel(label);
      expect(disk.requests.at(-1)?.what).toBe('flush');
      expect(mount(disk).root.getFileSystemInfo().volumeLabel).toBe(label.toUpperCase());
      for (const sector of type === 'FAT32' ? [0, 6] : [0]) {
        expect(inBootSector(sector)).toBe(stored);
      }
    }
    expect(list(root)).toEqual([]);
    for (const label of ['TWELVE CHARS', 'a.b', 'a*', 'Ü']) {
      expect(statusOf(() => root.setVolumeLabel(label))).toBe('EFI_UNSUPPORTED');
    }
  });
});

describe('the root directory', () => {
  test('of FAT12 and FAT16 does not grow', () => {
    const { root } = mountNew({ type: 'FAT16', rootEntries: 16 });
    for (let index = 0; index < 16; index++) writeWhole(root, `F${index}`, pattern(1));
    const free = root.getFileSystemInfo().freeSpace;
    expect(statusOf(() => root.open('ONE', 'read-write-create'))).toBe('EFI_VOLUME_FULL');
    expect(statusOf(() => root.open('DIR', 'read-write-create', EFI_FILE_DIRECTORY))).toBe(
      'EFI_VOLUME_FULL',
    );
    expect(statusOf(() => root.setVolumeLabel('LABEL'))).toBe('EFI_VOLUME_FULL');
    expect(root.getFileSystemInfo().freeSpace).toBe(free);
  });

  test('of FAT32 does, and directories do, up to 65,536 slots', () => {
    const { root, disk } = mountNew({ type: 'FAT32', sectorsPerCluster: 1 });
    const dir = root.open('dir', 'read-write-create', EFI_FILE_DIRECTORY);
    for (let index = 0; index < 300; index++) {
      writeWhole(root, `a name of some length ${index}`, pattern(index % 3));
      writeWhole(dir, `a name of some length ${index}`, pattern(index % 3));
    }
    expect(list(root)).toHaveLength(301);
    expect(list(dir)).toHaveLength(300);
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });

  test('a directory without an end, for it is full to its last slot, goes on in a new cluster', () => {
    const { root, disk } = mountNew({ type: 'FAT16' });
    root.open('D', 'read-write-create', EFI_FILE_DIRECTORY).close();
    for (let index = 0; index < 14; index++) writeWhole(root, `D\\F${index}`, pattern(1));
    writeWhole(mount(disk).root, 'D\\LAST', pattern(1));
    expect(list(mount(disk).root.open('D', 'read'))).toHaveLength(15);
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });

  test('a directory is full at 65,536 slots', () => {
    const { root } = mountNew({ type: 'FAT32', clusters: 70_000 });
    const dir = root.open('dir', 'read-write-create', EFI_FILE_DIRECTORY);
    // Names of 250 units take 21 slots; the two dots take one each.
    const room = Math.floor((65_536 - 2) / 21);
    for (let index = 0; index < room; index++) {
      dir.open(`${index}`.padEnd(250, 'x'), 'read-write-create').close();
    }
    expect(statusOf(() => dir.open('y'.repeat(250), 'read-write-create'))).toBe('EFI_VOLUME_FULL');
    const left = 65_536 - 2 - room * 21;
    const statuses = Array.from({ length: left + 1 }, (_, index) =>
      statusOf(() => dir.open(`S${index}`, 'read-write-create')),
    );
    expect(statuses.filter((status) => status === 'EFI_SUCCESS')).toHaveLength(left);
    expect(statuses.at(-1)).toBe('EFI_VOLUME_FULL');
  });
});

test('garbage behind the end of a directory does not become entries', () => {
  const { disk } = mountNew({ type: 'FAT16', rootEntries: 64 });
  const rootAt = disk.bytes.length - 5000 * 512 - 64 * 32;
  disk.bytes.fill(0x41, rootAt + 32, rootAt + 64 * 32);
  const { root } = mount(disk);
  for (let index = 0; index < 20; index++) {
    writeWhole(root, `F${index}`, pattern(1));
    expect(list(mount(disk).root)).toHaveLength(index + 1);
  }
});

describe.each(PROFILES)('media (UEFI §13.4, §13.5; %s)', (profile) => {
  function calls(file: Mounted['root'], root: Mounted['root']): (() => unknown)[] {
    return [
      () => file.read(new Uint8Array(1)),
      () => file.write(new Uint8Array(1)),
      () => file.getInfo(),
      () => file.setInfo({}),
      () => file.flush(),
      () => file.getFileSystemInfo(),
      () => root.open('file', 'read'),
      () => root.readDirectory(),
      () => root.setVolumeLabel('x'),
    ];
  }

  test.each([
    ['EFI_MEDIA_CHANGED', { mediaId: 8 }],
    ['EFI_NO_MEDIA', { mediaPresent: false }],
  ] as const)('%s for every handle, for good', (status, change) => {
    const { root, disk, fileSystem } = mountNew({ type: 'FAT16' }, { profile });
    writeWhole(root, 'file', pattern(10));
    const file = root.open('file', 'read-write');
    const before = disk.bytes.slice();
    file.write(pattern(1));
    Object.assign(disk.media, change);
    for (const call of calls(file, root)) expect(statusOf(call)).toBe(status);
    expect(statusOf(() => fileSystem.openVolume())).toBe(status);
    Object.assign(disk.media, { mediaId: 7, mediaPresent: true });
    for (const call of calls(file, root)) expect(statusOf(call)).toBe(status);
    expect(file.delete()).toBe('EFI_WARN_DELETE_FAILURE');
    expect(statusOf(() => root.close())).toBe('EFI_SUCCESS');
    // What was not flushed must not get onto the other medium.
    expect(checkVolume(disk.bytes).files).toEqual(checkVolume(withByte(before, disk)).files);
  });

  test('says which medium is gone, of a drive that was never filled only that there is none', () => {
    const { root, disk, fileSystem } = mountNew({ type: 'FAT16' }, { profile });
    Object.assign(disk.media, { mediaId: 8 });
    expect(() => root.readDirectory()).toThrow(
      'EFI_MEDIA_CHANGED: medium 7, which was mounted, is gone: medium 8 is there',
    );
    Object.assign(disk.media, { mediaPresent: false });
    expect(() => fileSystem.openVolume()).toThrow('medium 7, which was mounted, is gone');
    expect(() => mount(disk, { profile })).toThrow(/^EFI_NO_MEDIA: there is no medium$/);
  });

  /** The one byte of data that went to the disk at once. */
  function withByte(before: Uint8Array, disk: MemoryDisk): Uint8Array {
    const at = before.findIndex((byte, index) => byte !== disk.bytes[index]);
    if (at !== -1) before[at] = disk.bytes[at] ?? 0;
    return before;
  }

  test('a change that only the disk notices', () => {
    const { root, disk } = mountNew({ type: 'FAT16' }, { profile });
    writeWhole(root, 'file', pattern(10));
    const file = root.open('file', 'read');
    disk.failReads = true;
    disk.failure = 'EFI_MEDIA_CHANGED';
    expect(statusOf(() => file.read(new Uint8Array(1)))).toBe('EFI_MEDIA_CHANGED');
    disk.failReads = false;
    expect(statusOf(() => file.getInfo())).toBe('EFI_MEDIA_CHANGED');
  });

  test('after the driver was stopped', () => {
    const { root, volume } = mountNew({ type: 'FAT16' }, { profile });
    volume.abandon();
    expect(statusOf(() => root.getInfo())).toBe('EFI_MEDIA_CHANGED');
    expect(statusOf(() => root.close())).toBe('EFI_SUCCESS');
  });
});

test('blocks that FAT does not know are unsupported', () => {
  const disk = new MemoryDisk(makeVolume({ type: 'FAT16' }), 512);
  disk.media.blockSize = 8192;
  expect(() => mount(disk)).toThrow('FAT needs blocks of 512 to 4096 bytes, not 8192');
});

test('a disk that cannot be read is what its error says', () => {
  const disk = new MemoryDisk(makeVolume({ type: 'FAT16' }), 512);
  disk.failReads = true;
  expect(statusOf(() => mount(disk))).toBe('EFI_DEVICE_ERROR');
});

test('what no caller can be told of is said', () => {
  const { root, disk, warnings } = mountNew({ type: 'FAT16' });
  const file = root.open('file', 'read-write-create');
  file.write(pattern(1000));
  disk.failWritesFrom = 0;
  file.close();
  expect(warnings).toEqual([
    new EfiError('EFI_DEVICE_ERROR', 'the fixture was told to fail').message,
  ]);
  // And tried again with the next change.
  disk.failWritesFrom = Infinity;
  writeWhole(root, 'other', pattern(1));
  expect(readWhole(mount(disk).root, 'file')).toEqual(pattern(1000));
  expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
});

test('every call has the lock, and gives it back, whatever becomes of it', () => {
  let held = 0;
  let taken = 0;
  const disk = new MemoryDisk(makeVolume({ type: 'FAT16' }));
  const lock = {
    acquire: () => {
      expect(held++).toBe(0);
      taken++;
    },
    release: () => void held--,
  };
  const { fileSystem } = mount(disk, { lock });
  const root = fileSystem.openVolume();
  const file = root.open('file', 'read-write-create');
  const calls: (() => unknown)[] = [
    () => fileSystem.openVolume(),
    () => root.open('file', 'read'),
    () => root.readDirectory(),
    () => file.write(pattern(10)),
    () => file.read(new Uint8Array(10)),
    () => file.getInfo(),
    () => file.getFileSystemInfo(),
    () => file.setInfo({ fileSize: 3 }),
    () => file.setVolumeLabel('x'),
    () => file.flush(),
    () => file.delete(),
  ];
  for (const fails of [false, true]) {
    disk.media.mediaPresent = !fails;
    for (const call of fails ? calls.slice(0, 3) : calls) {
      const before = taken;
      statusOf(call);
      expect(taken).toBe(before + 1);
      expect(held).toBe(0);
    }
  }
});

test('many directories are visited, and the last sixteen are kept', () => {
  const { root, disk } = mountNew({ type: 'FAT16', rootEntries: 512 });
  for (let index = 0; index < 30; index++) {
    root.open(`D${index}`, 'read-write-create', EFI_FILE_DIRECTORY).close();
    writeWhole(root, `D${index}\\file`, pattern(index));
  }
  const reads = (index: number): number => {
    const before = disk.count('read');
    root.open(`D${index}\\file`, 'read').close();
    return disk.count('read') - before;
  };
  for (let index = 0; index < 30; index++) {
    expect(readWhole(root, `D${index}\\file`)).toEqual(pattern(index));
  }
  expect([reads(29), reads(14), reads(13), reads(14), reads(15)]).toEqual([0, 0, 1, 0, 1]);
});
