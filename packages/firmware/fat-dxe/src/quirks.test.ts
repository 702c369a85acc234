import { EFI_FILE_DIRECTORY } from '@dxelab/uefi';
import type { QuirkName } from '@dxelab/uefi-lib';
import { QUIRKS, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { fatPolicy } from './fat-policy.ts';
import { MemoryDisk } from './testing/memory-disk.fixture.ts';
import { makeVolume } from './testing/mkfs.fixture.ts';
import type { Mounted } from './testing/mount.fixture.ts';
import {
  mount,
  mountNew,
  pattern,
  readWhole,
  statusOf,
  writeWhole,
} from './testing/mount.fixture.ts';

/** The same with a quirk and without. */
function both(
  name: QuirkName,
  body: (inForce: boolean, quirks: Partial<Record<QuirkName, boolean>>) => void,
): void {
  for (const inForce of [false, true]) body(inForce, { [name]: inForce });
}

test('the profile `edk2` has them all, `specification` none', () => {
  expect(new Set(Object.values(fatPolicy(new Quirks('edk2'))))).toEqual(new Set([true]));
  expect(new Set(Object.values(fatPolicy(new Quirks('specification'))))).toEqual(new Set([false]));
  const names = Object.keys(QUIRKS).filter((name) => name.startsWith('FatDxe.'));
  expect(Object.keys(fatPolicy(new Quirks('edk2')))).toHaveLength(names.length);
});

describe('where EDK II’s FAT driver goes its own way', () => {
  test('FatDxe.FlushesOnEveryCall: a disk that was only looked at is flushed', () => {
    both('FatDxe.FlushesOnEveryCall', (inForce, quirks) => {
      const { root, disk, fileSystem } = mountNew({ type: 'FAT16' }, { quirks });
      writeWhole(root, 'file', pattern(10));
      const flushes = (call: () => unknown): number => {
        const before = disk.count('flush');
        call();
        return disk.count('flush') - before;
      };
      const file = root.open('file', 'read');
      expect(flushes(() => fileSystem.openVolume())).toBe(inForce ? 1 : 0);
      expect(flushes(() => root.open('file', 'read'))).toBe(inForce ? 1 : 0);
      expect(flushes(() => file.getInfo())).toBe(inForce ? 1 : 0);
      expect(flushes(() => file.getFileSystemInfo())).toBe(inForce ? 1 : 0);
      expect(flushes(() => file.read(new Uint8Array(5)))).toBe(0);
      expect(flushes(() => file.setPosition(0))).toBe(0);
      expect(flushes(() => file.close())).toBe(inForce ? 1 : 0);
      expect(flushes(() => root.open('new', 'read-write-create'))).toBe(1);
    });
  });

  test('FatDxe.ErrorsStick: a file that has failed once fails for as long as it is open', () => {
    both('FatDxe.ErrorsStick', (inForce, quirks) => {
      const { root, disk } = mountNew({ type: 'FAT16' }, { quirks });
      writeWhole(root, 'file', pattern(10));
      const file = root.open('file', 'read');
      disk.failReads = true;
      expect(statusOf(() => file.read(new Uint8Array(5)))).toBe('EFI_DEVICE_ERROR');
      disk.failReads = false;
      const status = inForce ? 'EFI_DEVICE_ERROR' : 'EFI_SUCCESS';
      expect(statusOf(() => file.read(new Uint8Array(5)))).toBe(status);
      expect(statusOf(() => file.getInfo())).toBe(status);
      file.close();
      expect(readWhole(root, 'file')).toEqual(pattern(10));
    });
  });

  test('FatDxe.FreeSpaceFromFsInfo: FSInfo is believed', () => {
    both('FatDxe.FreeSpaceFromFsInfo', (inForce, quirks) => {
      const bytes = makeVolume({ type: 'FAT32', clusters: 65_600 });
      new DataView(bytes.buffer).setUint32(512 + 488, 1000, true);
      const { root } = mount(new MemoryDisk(bytes), { quirks });
      expect(root.getFileSystemInfo().freeSpace / 512).toBe(inForce ? 1000 : 65_599);
      writeWhole(root, 'file', pattern(5 * 512));
      expect(root.getFileSystemInfo().freeSpace / 512).toBe(inForce ? 995 : 65_594);
      expect(new DataView(bytes.buffer).getUint32(512 + 488, true)).toBe(inForce ? 995 : 65_594);
    });
  });

  test('FatDxe.FreeSpaceFromFsInfo: a figure that cannot be is not', () => {
    const quirks = { 'FatDxe.FreeSpaceFromFsInfo': true };
    const bytes = makeVolume({ type: 'FAT32', clusters: 65_600 });
    new DataView(bytes.buffer).setUint32(512 + 488, 0xffffffff, true);
    const { root } = mount(new MemoryDisk(bytes), { quirks });
    expect(root.getFileSystemInfo().freeSpace / 512).toBe(65_599);
  });

  test('FatDxe.DoubleSeparatorEndsPath: two backslashes in front name the root', () => {
    both('FatDxe.DoubleSeparatorEndsPath', (inForce, quirks) => {
      const { root } = mountNew({ type: 'FAT16' }, { quirks });
      writeWhole(root, 'file', pattern(10));
      expect(root.open('\\\\file', 'read').getInfo().fileName).toBe(inForce ? '' : 'file');
    });
  });

  test('FatDxe.MissingDirectoryInvalid: a missing directory is an invalid name', () => {
    both('FatDxe.MissingDirectoryInvalid', (inForce, quirks) => {
      const { root } = mountNew({ type: 'FAT16' }, { quirks });
      const status = inForce ? 'EFI_INVALID_PARAMETER' : 'EFI_NOT_FOUND';
      expect(statusOf(() => root.open('missing\\', 'read'))).toBe(status);
      expect(statusOf(() => root.open('missing\\', 'read-write'))).toBe(status);
    });
  });

  test('FatDxe.Latin1Names: letters beyond Latin-1 keep their case, and 8.3 names are Latin-1', () => {
    both('FatDxe.Latin1Names', (inForce, quirks) => {
      const { root, disk } = mountNew({ type: 'FAT16' }, { quirks });
      writeWhole(root, 'ωμέγα', pattern(1));
      writeWhole(root, 'é', pattern(1));
      expect(statusOf(() => root.open('É', 'read'))).toBe('EFI_SUCCESS');
      expect(statusOf(() => root.open('ΩΜΈΓΑ', 'read'))).toBe(
        inForce ? 'EFI_NOT_FOUND' : 'EFI_SUCCESS',
      );
      writeWhole(root, 'XPFEL', pattern(1));
      const at = disk.bytes.findIndex(
        (byte, index) =>
          byte === 0x58 && disk.bytes[index + 1] === 0x50 && disk.bytes[index + 2] === 0x46,
      );
      disk.bytes[at] = 0x8e;
      const names = mount(disk, { quirks }).root;
      expect(statusOf(() => names.open(inForce ? '\u008epfel' : 'äpfel', 'read'))).toBe(
        'EFI_SUCCESS',
      );
    });
  });

  test('FatDxe.LabelOnlyInRoot: the boot sector keeps the old label', () => {
    both('FatDxe.LabelOnlyInRoot', (inForce, quirks) => {
      const { root, disk } = mountNew({ type: 'FAT16', label: 'OLD' }, { quirks });
      root.setVolumeLabel('NEW');
      expect(root.getFileSystemInfo().volumeLabel).toBe('NEW');
      const label = new TextDecoder().decode(disk.bytes.subarray(43, 54));
      expect(label).toBe(inForce ? 'OLD        ' : 'NEW        ');
    });
  });

  test('FatDxe.StopLosesUnflushed: what was written and not flushed is lost when the driver stops', () => {
    both('FatDxe.StopLosesUnflushed', (inForce, quirks) => {
      const { root, disk, volume } = mountNew({ type: 'FAT16' }, { quirks });
      root.open('file', 'read-write-create').write(pattern(1000));
      volume.abandon();
      const { fileSize } = mount(disk).root.open('file', 'read').getInfo();
      expect(fileSize).toBe(inForce ? 0 : 1000);
    });
  });

  test('FatDxe.BootSectorTrusted: the medium may be smaller than the volume', () => {
    both('FatDxe.BootSectorTrusted', (inForce, quirks) => {
      const disk = new MemoryDisk(makeVolume({ type: 'FAT16' }).slice(0, 4000 * 512));
      expect(statusOf(() => mount(disk, { quirks }))).toBe(
        inForce ? 'EFI_SUCCESS' : 'EFI_VOLUME_CORRUPTED',
      );
    });
  });

  test('FatDxe.CrossLinksUnseen: a file in another’s clusters is read', () => {
    both('FatDxe.CrossLinksUnseen', (inForce, quirks) => {
      const { disk } = crossLinked();
      const { root } = mount(disk, { quirks });
      const status = inForce ? 'EFI_SUCCESS' : 'EFI_VOLUME_CORRUPTED';
      expect(statusOf(() => readWhole(root, 'ONE'))).toBe(status);
      expect(statusOf(() => readWhole(root, 'TWO'))).toBe(status);
      expect(statusOf(() => readWhole(root, 'DIR\\THREE'))).toBe('EFI_SUCCESS');
    });
  });
});

/** `TWO` goes on in `ONE`: clusters 2, 3, 4 and 5, 6, 4. */
function crossLinked(): Mounted {
  const mounted = mountNew({ type: 'FAT16' });
  writeWhole(mounted.root, 'ONE', pattern(3 * 512));
  writeWhole(mounted.root, 'TWO', pattern(3 * 512));
  mounted.root.open('DIR', 'read-write-create', EFI_FILE_DIRECTORY).close();
  writeWhole(mounted.root, 'DIR\\THREE', pattern(3 * 512));
  const view = new DataView(mounted.disk.bytes.buffer);
  view.setUint16(512 + 6 * 2, 4, true);
  return mounted;
}
