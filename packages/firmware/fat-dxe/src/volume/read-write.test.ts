import type { EfiFile } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { IN_ORDER, checkVolume } from '../testing/check-volume.fixture.ts';
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

const KIB = 1024;

function bytesOf(file: EfiFile, length: number): Uint8Array {
  const buffer = new Uint8Array(length);
  return buffer.subarray(0, file.read(buffer));
}

describe.each(PROFILES)('reading (UEFI §13.5.5; %s)', (profile) => {
  function withFile(length: number): { file: EfiFile; content: Uint8Array } {
    const { root } = mountNew({ type: 'FAT16' }, { profile });
    const content = pattern(length);
    writeWhole(root, 'file', content);
    return { file: root.open('file', 'read'), content };
  }

  test('goes on where the last read ended, and is short only at the end', () => {
    const { file, content } = withFile(1300);
    expect(bytesOf(file, 700)).toEqual(content.subarray(0, 700));
    expect(file.getPosition()).toBe(700);
    expect(bytesOf(file, 700)).toEqual(content.subarray(700));
    expect(file.getPosition()).toBe(1300);
    expect(bytesOf(file, 700)).toHaveLength(0);
  });

  test('at any position, of any length, within and across clusters', () => {
    const { file, content } = withFile(5 * 512);
    for (const position of [0, 1, 511, 512, 513, 1024, 2000, 2559]) {
      for (const length of [0, 1, 2, 511, 512, 513, 1500]) {
        file.setPosition(position);
        expect(bytesOf(file, length)).toEqual(content.subarray(position, position + length));
      }
    }
  });

  test('from beyond the end is a device error', () => {
    const { file } = withFile(10);
    file.setPosition(11);
    expect(statusOf(() => file.read(new Uint8Array(1)))).toBe('EFI_DEVICE_ERROR');
    file.setPosition('end');
    expect(file.getPosition()).toBe(10);
    expect(file.read(new Uint8Array(1))).toBe(0);
  });

  test('of a directory goes by entries; of a file by bytes', () => {
    const { file } = withFile(10);
    const { root } = mountNew({ type: 'FAT16' }, { profile });
    expect(statusOf(() => root.read(new Uint8Array(100)))).toBe('EFI_UNSUPPORTED');
    expect(statusOf(() => file.readDirectory())).toBe('EFI_UNSUPPORTED');
  });

  test('leaves the rest of the buffer alone', () => {
    const { file, content } = withFile(10);
    const buffer = new Uint8Array(20).fill(0xaa);
    expect(file.read(buffer)).toBe(10);
    expect(buffer.subarray(0, 10)).toEqual(content);
    expect(buffer.subarray(10).every((byte) => byte === 0xaa)).toBe(true);
  });
});

describe('reading takes as few requests as the disk allows', () => {
  test('a run of clusters is one request, straight into the caller’s buffer', () => {
    const mounted = mountNew({ type: 'FAT32', clusters: 70_000 });
    const content = pattern(3 * 1024 * KIB);
    writeWhole(mounted.root, 'big', content);
    const { disk, root } = mount(mounted.disk);
    const file = root.open('big', 'read');
    const buffer = new Uint8Array(1024 * KIB);
    file.read(buffer);
    disk.requests.length = 0;
    file.read(buffer);
    expect(disk.requests).toEqual([
      { what: 'read', offset: expect.any(Number), length: buffer.length },
    ]);
    expect(sameBytes(buffer, content.subarray(1024 * KIB, 2048 * KIB))).toBe(true);
  });

  test('guest memory is handed on by address', () => {
    const disk = new MemoryDisk(makeVolume({ type: 'FAT16' }), 512, 64 * KIB);
    const { root } = mount(disk);
    const content = pattern(10_000);
    writeWhole(root, 'a', content.subarray(0, 3000));
    writeWhole(root, 'b', content);
    const a = root.open('a', 'read-write');
    a.setPosition('end');
    a.write(content.subarray(3000));
    a.setPosition(0);
    expect(a.read({ address: 100, length: 20_000 })).toBe(10_000);
    expect(disk.guest.slice(100, 10_100)).toEqual(content);
    expect(disk.guest.subarray(10_100).every((byte) => byte === 0)).toBe(true);
    disk.guest.reverse();
    a.setPosition(0);
    a.write({ address: 64 * KIB - 10_100, length: 10_000 });
    expect(readWhole(root, 'a')).toEqual(content.toReversed());
  });
});

describe.each(PROFILES)('writing (UEFI §13.5.6; %s)', (profile) => {
  const fresh = (): Mounted => mountNew({ type: 'FAT16' }, { profile });

  test('the order of refusals: directory, medium, handle', () => {
    const { root, disk } = fresh();
    writeWhole(root, 'file', pattern(3));
    const file = root.open('file', 'read');
    expect(statusOf(() => root.write(new Uint8Array(1)))).toBe('EFI_UNSUPPORTED');
    expect(statusOf(() => file.write(new Uint8Array(1)))).toBe('EFI_ACCESS_DENIED');
    disk.media.readOnly = true;
    const locked = mount(disk, { profile }).root;
    expect(statusOf(() => locked.write(new Uint8Array(1)))).toBe('EFI_UNSUPPORTED');
    expect(statusOf(() => locked.open('file', 'read').write(new Uint8Array(1)))).toBe(
      'EFI_WRITE_PROTECTED',
    );
  });

  test('into the middle, across the end, and at the end', () => {
    const { root, disk } = fresh();
    const file = root.open('file', 'read-write-create');
    const expected = new Uint8Array(3000);
    for (const [position, length] of [
      [0, 1000],
      [500, 700],
      [1200, 1300],
      [2499, 2],
      [2501, 499],
    ] as const) {
      const part = pattern(length, position);
      file.setPosition(position);
      expect(file.write(part)).toBe(length);
      expect(file.getPosition()).toBe(position + length);
      expected.set(part, position);
    }
    file.close();
    expect(readWhole(root, 'file')).toEqual(expected);
    expect(checkVolume(disk.bytes).files.get('\\file')).toEqual(expected);
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });

  test('nothing changes nothing, even beyond the end', () => {
    const { root } = fresh();
    const file = root.open('file', 'read-write-create');
    file.setPosition(1000);
    expect(file.write(new Uint8Array(0))).toBe(0);
    expect(file.getInfo().fileSize).toBe(0);
  });

  test('more than 4 GiB - 1 is not for FAT', () => {
    const file = fresh().root.open('file', 'read-write-create');
    file.setPosition(0xffff_ffff);
    expect(statusOf(() => file.write(new Uint8Array(1)))).toBe('EFI_UNSUPPORTED');
    file.setPosition(2 ** 53 - 1);
    expect(statusOf(() => file.write(new Uint8Array(1)))).toBe('EFI_UNSUPPORTED');
  });

  test('more than there is room for writes nothing and keeps the file', () => {
    const { root, disk } = fresh();
    writeWhole(root, 'small', pattern(700));
    const { freeSpace } = root.getFileSystemInfo();
    const file = root.open('small', 'read-write');
    file.setPosition('end');
    expect(statusOf(() => file.write(new Uint8Array(freeSpace + 512)))).toBe('EFI_VOLUME_FULL');
    expect(file.getPosition()).toBe(700);
    expect(file.getInfo().fileSize).toBe(700);
    expect(root.getFileSystemInfo().freeSpace).toBe(freeSpace);
    // To the last cluster it fits: the file has 324 bytes left in its own.
    expect(file.write(pattern(freeSpace + 324, 2))).toBe(freeSpace + 324);
    file.close();
    expect(root.getFileSystemInfo().freeSpace).toBe(0);
    expect(statusOf(() => root.open('dir', 'read-write-create', 0x10))).toBe('EFI_VOLUME_FULL');
    expect(statusOf(() => root.open('empty', 'read-write-create'))).toBe('EFI_SUCCESS');
    expect(checkVolume(disk.bytes)).toMatchObject(IN_ORDER);
  });

  test('all handles on a file see the same content and size', () => {
    const { root } = fresh();
    const one = root.open('file', 'read-write-create');
    const other = root.open('FILE', 'read');
    one.write(pattern(2000));
    expect(other.getInfo().fileSize).toBe(2000);
    expect(bytesOf(other, 5000)).toEqual(pattern(2000));
    one.setInfo({ fileSize: 10 });
    expect(statusOf(() => other.read(new Uint8Array(1)))).toBe('EFI_DEVICE_ERROR');
  });

  test('files that grow in turns are read as they were written', () => {
    const { root, disk } = fresh();
    const files = [0, 1, 2].map((index) => root.open(`file${index}`, 'read-write-create'));
    for (let round = 0; round < 20; round++) {
      for (const [index, file] of files.entries()) file.write(pattern(700, index * 100 + round));
    }
    for (const file of files) file.close();
    for (const index of [0, 1, 2]) {
      const content = readWhole(mount(disk).root, `file${index}`);
      for (let round = 0; round < 20; round++) {
        expect(content.slice(round * 700, round * 700 + 700)).toEqual(
          pattern(700, index * 100 + round),
        );
      }
    }
  });

  test('flush brings it to the disk: another mount sees it', () => {
    const { root, disk } = fresh();
    const file = root.open('file', 'read-write-create');
    file.write(pattern(1000));
    expect(mount(disk).root.open('file', 'read').getInfo().fileSize).toBe(0);
    file.flush();
    expect(readWhole(mount(disk).root, 'file')).toEqual(pattern(1000));
    expect(disk.requests.at(-1)?.what).not.toBe('write');
  });

  test('flush: the order of refusals', () => {
    const { root, disk } = fresh();
    writeWhole(root, 'file', pattern(3));
    expect(statusOf(() => root.open('file', 'read').flush())).toBe('EFI_ACCESS_DENIED');
    expect(statusOf(() => root.open('file', 'read-write').flush())).toBe('EFI_SUCCESS');
    disk.media.readOnly = true;
    expect(statusOf(() => mount(disk).root.open('file', 'read').flush())).toBe(
      'EFI_WRITE_PROTECTED',
    );
  });
});

describe('beyond the end', () => {
  test('the gap is zero, wherever the clusters were used before', () => {
    const { root } = mountNew({ type: 'FAT16' });
    writeWhole(root, 'old', new Uint8Array(20_000).fill(0xee));
    root.open('old', 'read-write').delete();
    const file = root.open('new', 'read-write-create');
    file.write(pattern(10));
    file.setPosition(15_000);
    file.write(pattern(10));
    const expected = new Uint8Array(15_010);
    expected.set(pattern(10));
    expected.set(pattern(10), 15_000);
    expect(readWhole(root, 'new')).toEqual(expected);
  });

  test('QUIRK FatDxe.GapNotZeroed: what was on the disk shows', () => {
    const { root } = mountNew({ type: 'FAT16' }, { quirks: { 'FatDxe.GapNotZeroed': true } });
    writeWhole(root, 'old', new Uint8Array(20_000).fill(0xee));
    root.open('old', 'read-write').delete();
    const file = root.open('new', 'read-write-create');
    file.setPosition(15_000);
    file.write(pattern(10));
    expect(
      readWhole(root, 'new')
        .subarray(0, 15_000)
        .every((byte) => byte === 0xee),
    ).toBe(true);
  });
});

describe.each(PROFILES)('positions (UEFI §13.5.7, §13.5.8; %s)', (profile) => {
  test('of a file: anywhere; of a directory: only the beginning', () => {
    const { root } = mountNew({ type: 'FAT16' }, { profile });
    writeWhole(root, 'file', pattern(3));
    const file = root.open('file', 'read');
    file.setPosition(2 ** 40);
    expect(file.getPosition()).toBe(2 ** 40);
    for (const position of [-1, 1.5, Number.NaN, Infinity]) {
      expect(statusOf(() => file.setPosition(position))).toBe('EFI_INVALID_PARAMETER');
    }
    expect(statusOf(() => root.getPosition())).toBe('EFI_UNSUPPORTED');
    expect(statusOf(() => root.setPosition(1))).toBe('EFI_UNSUPPORTED');
    expect(statusOf(() => root.setPosition('end'))).toBe('EFI_UNSUPPORTED');
    expect(root.readDirectory()?.fileName).toBe('file');
    expect(root.readDirectory()).toBeUndefined();
    expect(root.readDirectory()).toBeUndefined();
    root.setPosition(0);
    expect(root.readDirectory()?.fileName).toBe('file');
  });
});
