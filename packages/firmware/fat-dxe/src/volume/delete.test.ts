import { EFI_FILE_DIRECTORY } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { IN_ORDER, checkVolume } from '../testing/check-volume.fixture.ts';
import type { Mounted } from '../testing/mount.fixture.ts';
import { list, mount, mountNew, pattern, statusOf, writeWhole } from '../testing/mount.fixture.ts';

describe.each(PROFILES)('Delete (UEFI §13.5.4; %s)', (profile) => {
  function sample(): Mounted {
    const mounted = mountNew({ type: 'FAT16' }, { profile });
    writeWhole(mounted.root, 'a file with a long name', pattern(5000));
    mounted.root.open('Sub', 'read-write-create', EFI_FILE_DIRECTORY).close();
    writeWhole(mounted.root, 'Sub\\inside', pattern(5));
    return mounted;
  }

  test('frees the clusters and both names', () => {
    const { root, disk } = sample();
    const { freeSpace } = root.getFileSystemInfo();
    expect(root.open('a file with a long name', 'read-write').delete()).toBe('EFI_SUCCESS');
    expect(root.getFileSystemInfo().freeSpace).toBe(freeSpace + 10 * 512);
    expect(statusOf(() => root.open('AFILEW~1', 'read'))).toBe('EFI_NOT_FOUND');
    expect(list(root)).toEqual(['Sub']);
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });

  test('a directory must be empty; failure is a warning, and the handle is closed all the same', () => {
    const { root, disk } = sample();
    const sub = root.open('Sub', 'read-write');
    expect(sub.delete()).toBe('EFI_WARN_DELETE_FAILURE');
    expect(statusOf(() => sub.getInfo())).toBe('EFI_INVALID_PARAMETER');
    root.open('Sub\\inside', 'read-write').delete();
    expect(root.open('Sub', 'read-write').delete()).toBe('EFI_SUCCESS');
    expect(list(root)).toEqual(['a file with a long name']);
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });

  test('not the root, not through a read-only handle, not on a read-only medium', () => {
    const { root, disk } = sample();
    expect(root.open('\\', 'read-write').delete()).toBe('EFI_WARN_DELETE_FAILURE');
    expect(root.open('Sub\\inside', 'read').delete()).toBe('EFI_WARN_DELETE_FAILURE');
    disk.media.readOnly = true;
    expect(mount(disk, { profile }).root.delete()).toBe('EFI_WARN_DELETE_FAILURE');
    expect(list(root.open('Sub', 'read'))).toEqual(['inside']);
  });

  test('other handles on it get EFI_DEVICE_ERROR, and EFI_NOT_FOUND for what they open', () => {
    const { root } = sample();
    const other = root.open('Sub\\inside', 'read-write');
    const third = root.open('Sub\\inside', 'read-write');
    root.open('Sub\\inside', 'read-write').delete();
    for (const call of [
      () => other.read(new Uint8Array(1)),
      () => other.write(new Uint8Array(1)),
      () => other.getInfo(),
      () => other.setInfo({}),
      () => other.getPosition(),
      () => other.setPosition(0),
      () => other.flush(),
    ]) {
      expect(statusOf(call)).toBe('EFI_DEVICE_ERROR');
    }
    expect(statusOf(() => other.open('\\', 'read'))).toBe('EFI_NOT_FOUND');
    // It is gone already, which is what was asked for.
    expect(third.delete()).toBe('EFI_SUCCESS');
    expect(statusOf(() => other.close())).toBe('EFI_SUCCESS');
  });

  test('the name is free at once, even while a handle on the old file is open', () => {
    const { root, disk } = sample();
    const old = root.open('Sub\\inside', 'read');
    root.open('Sub\\inside', 'read-write').delete();
    writeWhole(root, 'Sub\\inside', pattern(2000));
    expect(statusOf(() => old.read(new Uint8Array(1)))).toBe('EFI_DEVICE_ERROR');
    old.close();
    expect(root.open('Sub\\inside', 'read').getInfo().fileSize).toBe(2000);
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });

  test('what was written and not flushed goes with the file', () => {
    const { root, disk } = sample();
    const file = root.open('new', 'read-write-create');
    file.write(pattern(10_000));
    expect(file.delete()).toBe('EFI_SUCCESS');
    root.open('\\', 'read-write').close();
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });

  test('slots of deleted entries are used again before a directory grows', () => {
    const { root, disk } = mountNew({ type: 'FAT12', rootEntries: 16 }, { profile });
    for (let round = 0; round < 10; round++) {
      for (let index = 0; index < 8; index++) writeWhole(root, `mixed Case ${index}`, pattern(1));
      expect(statusOf(() => root.open('x', 'read-write-create'))).toBe('EFI_VOLUME_FULL');
      for (let index = 0; index < 8; index++) {
        expect(root.open(`mixed Case ${index}`, 'read-write').delete()).toBe('EFI_SUCCESS');
      }
    }
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });
});
