import type { EfiFile, EfiFileMode } from '@dxelab/uefi';
import {
  EFI_FILE_DIRECTORY,
  EFI_FILE_HIDDEN,
  EFI_FILE_READ_ONLY,
  EFI_FILE_SYSTEM,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import type { Mounted } from '../testing/mount.fixture.ts';
import { list, mount, mountNew, pattern, statusOf, writeWhole } from '../testing/mount.fixture.ts';

/** `\file.txt`, `\locked.txt` (read-only), `\Sub\Inner\deep.txt`. */
function sample(profile: Profile = 'specification'): Mounted {
  const mounted = mountNew({ type: 'FAT16' }, { profile });
  const { root } = mounted;
  writeWhole(root, 'file.txt', pattern(100));
  writeWhole(root, 'locked.txt', pattern(10));
  root.open('locked.txt', 'read-write').setInfo({ attribute: EFI_FILE_READ_ONLY });
  root.open('Sub', 'read-write-create', EFI_FILE_DIRECTORY).close();
  root.open('Sub\\Inner', 'read-write-create', EFI_FILE_DIRECTORY).close();
  writeWhole(root, 'Sub\\Inner\\deep.txt', pattern(50));
  return mounted;
}

const nameOf = (file: EfiFile): string => file.getInfo().fileName;

describe.each(PROFILES)('paths (UEFI §13.5.2; %s)', (profile) => {
  test.each([
    ['file.txt', 'file.txt'],
    ['\\file.txt', 'file.txt'],
    ['FILE.TXT', 'file.txt'],
    ['.\\file.txt', 'file.txt'],
    ['  file.txt', 'file.txt'],
    ['file.txt. .', 'file.txt'],
    ['Sub', 'Sub'],
    ['Sub\\', 'Sub'],
    ['sub\\inner\\DEEP.txt', 'deep.txt'],
    ['Sub\\\\Inner\\\\\\deep.txt', 'deep.txt'],
    ['Sub\\.\\Inner\\..\\Inner\\deep.txt', 'deep.txt'],
    ['Sub\\..\\file.txt', 'file.txt'],
    ['Sub\\Inner\\..', 'Sub'],
    ['\\', ''],
    ['.', ''],
    ['Sub\\..', ''],
  ])('"%s" from the root leads to "%s"', (path, name) => {
    expect(nameOf(sample(profile).root.open(path, 'read'))).toBe(name);
  });

  test.each([
    ['deep.txt', 'deep.txt'],
    ['..\\..\\file.txt', 'file.txt'],
    ['\\file.txt', 'file.txt'],
    ['..', 'Sub'],
    ['.', 'Inner'],
  ])('"%s" from \\Sub\\Inner leads to "%s"', (path, name) => {
    const inner = sample(profile).root.open('Sub\\Inner', 'read');
    expect(nameOf(inner.open(path, 'read'))).toBe(name);
  });

  test('a path from a file: only a way upwards leads on', () => {
    const file = sample(profile).root.open('file.txt', 'read');
    expect(nameOf(file.open('\\Sub', 'read'))).toBe('Sub');
    expect(nameOf(file.open('..\\Sub', 'read'))).toBe('Sub');
    expect(statusOf(() => file.open('x', 'read'))).toBe('EFI_NOT_FOUND');
    expect(nameOf(file.open('.', 'read'))).toBe('file.txt');
  });

  test.each<[string, EfiFileMode, number, string]>([
    // An empty or impossible name is told before a missing one.
    ['', 'read', 0, 'EFI_INVALID_PARAMETER'],
    ['..', 'read', 0, 'EFI_INVALID_PARAMETER'],
    ['Sub\\..\\..', 'read', 0, 'EFI_INVALID_PARAMETER'],
    ['a:b', 'read', 0, 'EFI_INVALID_PARAMETER'],
    ['a/b', 'read', 0, 'EFI_INVALID_PARAMETER'],
    ['...', 'read', 0, 'EFI_INVALID_PARAMETER'],
    ['file.txt\\a*', 'read', 0, 'EFI_INVALID_PARAMETER'],
    ['missing\\a*', 'read', 0, 'EFI_NOT_FOUND'],
    ['missing', 'read', 0, 'EFI_NOT_FOUND'],
    ['missing', 'read-write', 0, 'EFI_NOT_FOUND'],
    ['missing\\', 'read-write', EFI_FILE_DIRECTORY, 'EFI_NOT_FOUND'],
    ['missing\\more', 'read-write-create', 0, 'EFI_NOT_FOUND'],
    ['file.txt\\more', 'read-write-create', 0, 'EFI_NOT_FOUND'],
    ['file.txt\\', 'read', 0, 'EFI_NOT_FOUND'],
    ['new\\', 'read-write-create', 0, 'EFI_INVALID_PARAMETER'],
    ['new\\', 'read-write-create', EFI_FILE_DIRECTORY, 'EFI_SUCCESS'],
    ['new', 'read-write-create', EFI_FILE_HIDDEN | EFI_FILE_SYSTEM, 'EFI_SUCCESS'],
    // The attributes of a creation are judged before the path is.
    ['', 'read-write-create', EFI_FILE_READ_ONLY, 'EFI_INVALID_PARAMETER'],
    ['file.txt', 'read-write-create', EFI_FILE_READ_ONLY, 'EFI_INVALID_PARAMETER'],
    ['file.txt', 'read-write-create', 0x40, 'EFI_INVALID_PARAMETER'],
    ['file.txt', 'read', 0x40 | EFI_FILE_READ_ONLY, 'EFI_SUCCESS'],
    // Those of an existing file do not matter, not even that it is none.
    ['file.txt', 'read-write-create', EFI_FILE_DIRECTORY, 'EFI_SUCCESS'],
    ['Sub', 'read-write-create', 0, 'EFI_SUCCESS'],
    // Read-only files, but not directories, refuse to be written.
    ['locked.txt', 'read', 0, 'EFI_SUCCESS'],
    ['locked.txt', 'read-write', 0, 'EFI_ACCESS_DENIED'],
    ['locked.txt', 'read-write-create', 0, 'EFI_ACCESS_DENIED'],
  ])('open("%s", %s, %i): %s', (path, mode, attributes, status) => {
    const { root } = sample(profile);
    expect(statusOf(() => root.open(path, mode, attributes))).toBe(status);
  });

  test('a mode that there is not is refused before anything else', () => {
    const { root } = sample(profile);
    // C can pass any number, and a driver in JavaScript any word.
    const mode: EfiFileMode = JSON.parse('"write"');
    expect(statusOf(() => root.open('', mode))).toBe('EFI_INVALID_PARAMETER');
  });

  test('a read-only directory can be opened for writing', () => {
    const { root } = sample(profile);
    root.open('Sub', 'read-write').setInfo({ attribute: EFI_FILE_DIRECTORY | EFI_FILE_READ_ONLY });
    expect(statusOf(() => root.open('Sub', 'read-write'))).toBe('EFI_SUCCESS');
  });

  test('a full path has at most 260 characters, with drive, separators and NUL', () => {
    const { root } = sample(profile);
    // 2 for a drive, 1 for the separator, 1 for the NUL.
    const longest = 260 - 4;
    expect(statusOf(() => root.open('x'.repeat(256), 'read'))).toBe('EFI_INVALID_PARAMETER');
    expect(statusOf(() => root.open(`Sub\\${'x'.repeat(longest - 4)}`, 'read'))).toBe(
      'EFI_NOT_FOUND',
    );
    expect(statusOf(() => root.open(`Sub\\${'x'.repeat(longest - 3)}`, 'read'))).toBe(
      'EFI_INVALID_PARAMETER',
    );
    const sub = root.open('Sub', 'read');
    expect(statusOf(() => sub.open('x'.repeat(longest - 4), 'read'))).toBe('EFI_NOT_FOUND');
    expect(statusOf(() => sub.open('x'.repeat(longest - 3), 'read'))).toBe('EFI_INVALID_PARAMETER');
  });

  test('both names of a file lead to it', () => {
    const { root } = sample(profile);
    writeWhole(root, 'A name with more than eight.text', pattern(7));
    expect(nameOf(root.open('ANAMEW~1.TEX', 'read'))).toBe('A name with more than eight.text');
  });

  test('what is created is there at once, on the disk and for other handles', () => {
    const { root } = sample(profile);
    const other = root.open('\\', 'read');
    const created = root.open('Übung.txt', 'read-write-create', EFI_FILE_HIDDEN);
    expect(created.getInfo()).toMatchObject({ fileSize: 0, attribute: EFI_FILE_HIDDEN });
    expect(list(other)).toContain('Übung.txt');
    expect(nameOf(root.open('übung.TXT', 'read'))).toBe('Übung.txt');
  });
});

test('handles on a read-only medium', () => {
  const { disk } = sample();
  disk.media.readOnly = true;
  const { root } = mount(disk);
  expect(statusOf(() => root.open('missing\\x', 'read-write'))).toBe('EFI_WRITE_PROTECTED');
  expect(statusOf(() => root.open('file.txt', 'read-write-create'))).toBe('EFI_WRITE_PROTECTED');
  expect(statusOf(() => root.open('file.txt', 'read'))).toBe('EFI_SUCCESS');
});

test('a handle that was closed is of no more use', () => {
  const file = sample().root.open('file.txt', 'read');
  file.close();
  for (const call of [
    () => file.read(new Uint8Array(1)),
    () => file.close(),
    () => file.getInfo(),
    () => file.open('\\', 'read'),
    () => file.delete(),
    () => file.setPosition(0),
  ]) {
    expect(statusOf(call)).toBe('EFI_INVALID_PARAMETER');
  }
});
