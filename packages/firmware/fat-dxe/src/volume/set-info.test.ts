import type { EfiFile, EfiTime } from '@dxelab/uefi';
import {
  EFI_FILE_ARCHIVE,
  EFI_FILE_DIRECTORY,
  EFI_FILE_HIDDEN,
  EFI_FILE_READ_ONLY,
  EFI_FILE_SYSTEM,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { FAT_EPOCH } from '../layout/fat-time.ts';
import { IN_ORDER, checkVolume } from '../testing/check-volume.fixture.ts';
import type { MountOptions, Mounted } from '../testing/mount.fixture.ts';
import {
  list,
  mount,
  mountNew,
  pattern,
  readWhole,
  statusOf,
  writeWhole,
} from '../testing/mount.fixture.ts';

const NOON: EfiTime = { ...FAT_EPOCH, year: 2026, month: 6, day: 15, hour: 12 };
const OTHER: EfiTime = {
  ...FAT_EPOCH,
  year: 1999,
  month: 12,
  day: 31,
  hour: 23,
  minute: 59,
  second: 58,
};

/** `\file.txt` (1000 bytes), `\other.txt`, `\Sub\Inner\deep.txt`. */
function sample(options: MountOptions = {}): Mounted {
  const mounted = mountNew({ type: 'FAT16' }, { now: () => NOON, ...options });
  const { root } = mounted;
  writeWhole(root, 'file.txt', pattern(1000));
  writeWhole(root, 'other.txt', pattern(5));
  root.open('Sub', 'read-write-create', EFI_FILE_DIRECTORY).close();
  root.open('Sub\\Inner', 'read-write-create', EFI_FILE_DIRECTORY).close();
  writeWhole(root, 'Sub\\Inner\\deep.txt', pattern(50));
  return mounted;
}

/** Mounts the disk once more, and checks it on the way. */
function reread({ disk }: Mounted): EfiFile {
  expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  return mount(disk).root;
}

describe.each(PROFILES)('information (UEFI §13.5.9, §13.5.10; %s)', (profile) => {
  const fresh = (): Mounted => sample({ profile });

  test('of a file: sizes, times, attributes, name', () => {
    expect(fresh().root.open('FILE.TXT', 'read').getInfo()).toEqual({
      fileSize: 1000,
      physicalSize: 1024,
      createTime: NOON,
      lastAccessTime: { ...NOON, hour: 0 },
      modificationTime: NOON,
      attribute: EFI_FILE_ARCHIVE,
      fileName: 'file.txt',
    });
  });

  test('of a directory: the clusters it has; of the root: no name', () => {
    const { root } = fresh();
    expect(root.open('Sub', 'read').getInfo()).toMatchObject({
      fileSize: 512,
      physicalSize: 512,
      attribute: EFI_FILE_DIRECTORY,
      fileName: 'Sub',
    });
    expect(root.getInfo()).toMatchObject({ fileName: '', attribute: EFI_FILE_DIRECTORY });
  });

  test('a directory lists its two dots first, as EDK II does, and what is open with its present size', () => {
    const { root } = fresh();
    const sub = root.open('Sub\\Inner', 'read');
    const open = sub.open('deep.txt', 'read-write');
    open.setPosition('end');
    open.write(new Uint8Array(50));
    const infos = [sub.readDirectory(), sub.readDirectory(), sub.readDirectory()];
    expect(infos.map((info) => [info?.fileName, info?.fileSize])).toEqual([
      ['.', 512],
      ['..', 512],
      ['deep.txt', 100],
    ]);
    expect(sub.readDirectory()).toBeUndefined();
  });

  test('the root cannot be changed', () => {
    expect(statusOf(() => fresh().root.setInfo({}))).toBe('EFI_ACCESS_DENIED');
  });

  test('nothing is asked and nothing changes', () => {
    const mounted = fresh();
    const file = mounted.root.open('file.txt', 'read-write');
    const before = file.getInfo();
    file.setInfo({});
    file.setInfo({ ...before });
    expect(file.getInfo()).toEqual(before);
    expect(reread(mounted).open('file.txt', 'read').getInfo()).toEqual(before);
  });
});

describe.each(PROFILES)('attributes (%s)', (profile) => {
  test('can be changed even through a read-only handle', () => {
    const mounted = sample({ profile });
    const attribute = EFI_FILE_READ_ONLY | EFI_FILE_HIDDEN | EFI_FILE_SYSTEM;
    mounted.root.open('file.txt', 'read').setInfo({ attribute });
    expect(reread(mounted).open('file.txt', 'read').getInfo().attribute).toBe(attribute);
    mounted.root.open('file.txt', 'read').setInfo({ attribute: 0 });
    expect(statusOf(() => mounted.root.open('file.txt', 'read-write'))).toBe('EFI_SUCCESS');
  });

  test('unknown ones and a change between file and directory are refused', () => {
    const { root } = sample({ profile });
    const file = root.open('file.txt', 'read-write');
    expect(statusOf(() => file.setInfo({ attribute: 0x40 }))).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(() => file.setInfo({ attribute: EFI_FILE_DIRECTORY }))).toBe(
      'EFI_ACCESS_DENIED',
    );
    expect(statusOf(() => root.open('Sub', 'read-write').setInfo({ attribute: 0 }))).toBe(
      'EFI_ACCESS_DENIED',
    );
  });
});

describe.each(PROFILES)('times (%s)', (profile) => {
  test('are kept to two seconds; zeros leave them as they are', () => {
    const mounted = sample({ profile });
    const zero: EfiTime = { ...FAT_EPOCH, year: 0, month: 0, day: 0 };
    const file = mounted.root.open('file.txt', 'read-write');
    file.setInfo({ createTime: { ...OTHER, second: 59 }, modificationTime: zero });
    file.setInfo({ modificationTime: OTHER });
    expect(reread(mounted).open('file.txt', 'read').getInfo()).toMatchObject({
      createTime: OTHER,
      modificationTime: OTHER,
    });
  });

  test('that do not exist, or are before 1980, are refused', () => {
    const file = sample({ profile }).root.open('file.txt', 'read-write');
    for (const createTime of [
      { ...NOON, year: 1979 },
      { ...NOON, month: 13 },
      { ...NOON, month: 2, day: 30 },
    ]) {
      expect(statusOf(() => file.setInfo({ createTime }))).toBe('EFI_INVALID_PARAMETER');
      expect(statusOf(() => file.setInfo({ modificationTime: createTime }))).toBe(
        'EFI_INVALID_PARAMETER',
      );
    }
  });

  test('a change of size with a time has that time, without one the present', () => {
    const { root } = sample({ profile });
    const file = root.open('file.txt', 'read-write');
    file.setInfo({ modificationTime: OTHER, fileSize: 3000 });
    expect(file.getInfo()).toMatchObject({ modificationTime: OTHER, fileSize: 3000 });
    file.setInfo({ fileSize: 30 });
    expect(file.getInfo()).toMatchObject({ modificationTime: NOON, fileSize: 30 });
    file.setInfo({ modificationTime: OTHER });
    file.setInfo({ fileSize: 300 });
    expect(file.getInfo()).toMatchObject({ modificationTime: NOON, fileSize: 300 });
  });
});

describe('times, where the profiles differ', () => {
  test('through a read-only handle they are refused; QUIRK FatDxe.ReadOnlyTimesIgnored: ignored', () => {
    for (const ignored of [false, true]) {
      const { root } = sample({ quirks: { 'FatDxe.ReadOnlyTimesIgnored': ignored } });
      const file = root.open('file.txt', 'read');
      expect(statusOf(() => file.setInfo({ createTime: OTHER }))).toBe(
        ignored ? 'EFI_SUCCESS' : 'EFI_ACCESS_DENIED',
      );
      expect(statusOf(() => file.setInfo({ createTime: NOON }))).toBe('EFI_SUCCESS');
      expect(file.getInfo().createTime).toEqual(NOON);
    }
  });

  test('of the last access can be set; QUIRK FatDxe.AccessTimeIgnored: ignored', () => {
    for (const ignored of [false, true]) {
      const { root } = sample({ quirks: { 'FatDxe.AccessTimeIgnored': ignored } });
      const file = root.open('file.txt', 'read-write');
      file.setInfo({ lastAccessTime: OTHER });
      expect(file.getInfo().lastAccessTime.year).toBe(ignored ? 2026 : 1999);
    }
  });
});

describe.each(PROFILES)('size (%s)', (profile) => {
  test.each([0, 1, 999, 1001, 1024, 1025, 10_000])('of 1000 becomes %i', (fileSize) => {
    const mounted = sample({ profile });
    const file = mounted.root.open('file.txt', 'read-write');
    file.setInfo({ fileSize });
    const expected = new Uint8Array(fileSize);
    expected.set(pattern(1000).subarray(0, fileSize));
    expect(readWhole(mounted.root, 'file.txt')).toEqual(expected);
    expect(readWhole(reread(mounted), 'file.txt')).toEqual(expected);
  });

  test('refused for directories, read-only handles and files, and beyond FAT', () => {
    const { root } = sample({ profile });
    const set = (path: string, mode: 'read' | 'read-write', fileSize: number): string =>
      statusOf(() => root.open(path, mode).setInfo({ fileSize }));
    expect(set('Sub', 'read-write', 0)).toBe('EFI_ACCESS_DENIED');
    expect(set('file.txt', 'read', 0)).toBe('EFI_ACCESS_DENIED');
    expect(set('file.txt', 'read', 1000)).toBe('EFI_SUCCESS');
    expect(set('file.txt', 'read-write', 2 ** 32)).toBe('EFI_UNSUPPORTED');
    expect(set('file.txt', 'read-write', -1)).toBe('EFI_INVALID_PARAMETER');
    expect(set('file.txt', 'read-write', 0.5)).toBe('EFI_INVALID_PARAMETER');
    const handle = root.open('file.txt', 'read-write');
    handle.setInfo({ attribute: EFI_FILE_READ_ONLY });
    expect(statusOf(() => handle.setInfo({ fileSize: 0 }))).toBe('EFI_ACCESS_DENIED');
  });

  test('beyond what is free changes nothing, not even a name that was asked for as well', () => {
    const mounted = sample({ profile });
    const file = mounted.root.open('file.txt', 'read-write');
    const change = { fileSize: 4_000_000, fileName: 'new.txt', attribute: EFI_FILE_HIDDEN };
    expect(statusOf(() => file.setInfo(change))).toBe('EFI_VOLUME_FULL');
    expect(list(reread(mounted))).toEqual(['file.txt', 'other.txt', 'Sub']);
    expect(readWhole(mounted.root, 'file.txt')).toEqual(pattern(1000));
  });
});

describe.each(PROFILES)('names (%s)', (profile) => {
  test.each([
    ['new name that is longer.txt', '\\new name that is longer.txt'],
    ['N', '\\N'],
    ['Sub\\moved.txt', '\\Sub\\moved.txt'],
    ['\\Sub\\Inner\\moved to here.txt', '\\Sub\\Inner\\moved to here.txt'],
    ['.\\Sub\\..\\stays.txt', '\\stays.txt'],
  ])('file.txt becomes %s', (fileName, path) => {
    const mounted = sample({ profile });
    const file = mounted.root.open('file.txt', 'read-write');
    file.setInfo({ fileName });
    expect(file.getInfo().fileName).toBe(path.slice(path.lastIndexOf('\\') + 1));
    expect(statusOf(() => mounted.root.open('file.txt', 'read'))).toBe('EFI_NOT_FOUND');
    expect(readWhole(mounted.root, path)).toEqual(pattern(1000));
    // The handle goes with the file.
    file.setPosition('end');
    file.write(pattern(600));
    file.close();
    expect(readWhole(reread(mounted), path)).toHaveLength(1600);
  });

  test('a relative name counts from the directory of the file, not from the handle’s origin', () => {
    const mounted = sample({ profile });
    mounted.root.open('Sub\\Inner\\deep.txt', 'read-write').setInfo({ fileName: '..\\up.txt' });
    expect(list(reread(mounted).open('Sub', 'read'))).toEqual(['Inner', 'up.txt']);
  });

  test('a directory takes its content along, and names its new parent', () => {
    const mounted = sample({ profile });
    const inner = mounted.root.open('Sub\\Inner', 'read-write');
    inner.setInfo({ fileName: '\\Outer with a long name' });
    const root = reread(mounted);
    expect(list(root)).toEqual(['file.txt', 'other.txt', 'Sub', 'Outer with a long name']);
    expect(readWhole(root, 'Outer with a long name\\deep.txt')).toEqual(pattern(50));
    expect(readWhole(mounted.root, 'Outer with a long name\\..\\file.txt')).toEqual(pattern(1000));
    inner.setInfo({ fileName: '\\Sub\\Back' });
    expect(readWhole(reread(mounted), 'Sub\\Back\\deep.txt')).toEqual(pattern(50));
  });

  test('the archive attribute is set', () => {
    const { root } = sample({ profile });
    const file = root.open('file.txt', 'read-write');
    file.setInfo({ attribute: 0 });
    expect(file.getInfo().attribute).toBe(0);
    file.setInfo({ fileName: 'new.txt' });
    expect(file.getInfo().attribute).toBe(EFI_FILE_ARCHIVE);
  });

  test.each([
    ['other.txt', 'EFI_ACCESS_DENIED'],
    ['Sub', 'EFI_ACCESS_DENIED'],
    ['OTHER.TXT', 'EFI_ACCESS_DENIED'],
    ['a:b', 'EFI_INVALID_PARAMETER'],
    ['', 'EFI_INVALID_PARAMETER'],
    ['missing\\new.txt', 'EFI_NOT_FOUND'],
    ['other.txt\\new.txt', 'EFI_NOT_FOUND'],
    ['..\\above', 'EFI_INVALID_PARAMETER'],
    ['new\\', 'EFI_INVALID_PARAMETER'],
    ['file.txt', 'EFI_SUCCESS'],
    ['\\file.txt', 'EFI_SUCCESS'],
  ])('file.txt cannot become "%s", or can: %s', (fileName, status) => {
    const mounted = sample({ profile });
    const file = mounted.root.open('file.txt', 'read-write');
    expect(statusOf(() => file.setInfo({ fileName }))).toBe(status);
    expect(list(reread(mounted))).toEqual(['file.txt', 'other.txt', 'Sub']);
  });

  test('a read-only handle or file keeps its name', () => {
    const { root } = sample({ profile });
    const rename = { fileName: 'new.txt' };
    expect(statusOf(() => root.open('file.txt', 'read').setInfo(rename))).toBe('EFI_ACCESS_DENIED');
    const file = root.open('file.txt', 'read-write');
    file.setInfo({ attribute: EFI_FILE_READ_ONLY });
    expect(statusOf(() => file.setInfo(rename))).toBe('EFI_ACCESS_DENIED');
  });

  test('a directory does not move into itself, nor while something below is open', () => {
    const mounted = sample({ profile });
    const sub = mounted.root.open('Sub', 'read-write');
    for (const fileName of ['Sub\\Sub', 'Sub\\Inner\\Sub', '\\Sub\\x']) {
      expect(statusOf(() => sub.setInfo({ fileName }))).toBe('EFI_ACCESS_DENIED');
    }
    const deep = mounted.root.open('Sub\\Inner\\deep.txt', 'read');
    expect(statusOf(() => sub.setInfo({ fileName: 'New' }))).toBe('EFI_ACCESS_DENIED');
    deep.close();
    expect(statusOf(() => sub.setInfo({ fileName: 'New' }))).toBe('EFI_SUCCESS');
    expect(readWhole(reread(mounted), 'New\\Inner\\deep.txt')).toEqual(pattern(50));
  });

  test('a medium that is read-only changes nothing', () => {
    const { disk } = sample({ profile });
    disk.media.readOnly = true;
    const { root } = mount(disk, { profile });
    const file = root.open('file.txt', 'read');
    expect(statusOf(() => file.setInfo({ attribute: 0 }))).toBe('EFI_WRITE_PROTECTED');
    expect(statusOf(() => root.setInfo({}))).toBe('EFI_WRITE_PROTECTED');
    expect(statusOf(() => root.setVolumeLabel('X'))).toBe('EFI_WRITE_PROTECTED');
  });
});

describe('names, where the profiles differ', () => {
  test('another case is another name; QUIRK FatDxe.CaseOnlyRenameIgnored: it is ignored', () => {
    for (const ignored of [false, true]) {
      const mounted = sample({ quirks: { 'FatDxe.CaseOnlyRenameIgnored': ignored } });
      mounted.root.open('file.txt', 'read-write').setInfo({ fileName: 'File.Txt' });
      expect(list(reread(mounted))).toContain(ignored ? 'file.txt' : 'File.Txt');
    }
  });

  test('a full root directory: a rename that does not fit changes nothing', () => {
    const mounted = mountNew({ type: 'FAT12', rootEntries: 16 });
    for (let index = 0; index < 16; index++) writeWhole(mounted.root, `F${index}`, pattern(index));
    const file = mounted.root.open('F7', 'read-write');
    const rename = { fileName: 'a name that needs more slots' };
    expect(statusOf(() => file.setInfo(rename))).toBe('EFI_VOLUME_FULL');
    expect(readWhole(reread(mounted), 'F7')).toEqual(pattern(7));
    // One that needs no more fits where it is.
    file.setInfo({ fileName: 'SEVEN' });
    expect(readWhole(reread(mounted), 'SEVEN')).toEqual(pattern(7));
  });

  test('QUIRK FatDxe.RenameRemovesFirst: then the file is lost', () => {
    const quirks = { 'FatDxe.RenameRemovesFirst': true };
    const mounted = mountNew({ type: 'FAT12', rootEntries: 16 }, { quirks });
    for (let index = 0; index < 16; index++) writeWhole(mounted.root, `F${index}`, pattern(index));
    const file = mounted.root.open('F7', 'read-write');
    const rename = { fileName: 'a name that needs more slots' };
    expect(statusOf(() => file.setInfo(rename))).toBe('EFI_VOLUME_FULL');
    file.close();
    expect(list(mount(mounted.disk).root)).not.toContain('F7');
    expect(checkVolume(mounted.disk.bytes)).toMatchObject({ errors: [], lost: 1 });
  });
});
