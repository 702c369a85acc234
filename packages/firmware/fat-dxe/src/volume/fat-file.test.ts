import { expect, test } from 'vitest';
import { checkVolume } from '../testing/check-volume.fixture.ts';
import { list, mount, mountNew, pattern, readWhole, writeWhole } from '../testing/mount.fixture.ts';

test('smoke', () => {
  for (const type of ['FAT12', 'FAT16', 'FAT32'] as const) {
    const { root, disk } = mountNew({ type });
    writeWhole(root, 'hello.txt', pattern(1000));
    const dir = root.open('\\EFI', 'read-write-create', 0x10);
    dir.close();
    writeWhole(root, '\\EFI\\A long name with ümlauts.dat', pattern(5000, 2));
    expect(readWhole(root, 'HELLO.TXT')).toEqual(pattern(1000));
    expect(readWhole(root, '\\efi\\a LONG name with Ümlauts.dat')).toEqual(pattern(5000, 2));
    expect(list(root)).toEqual(['hello.txt', 'EFI']);
    const check = checkVolume(disk.bytes);
    expect(check.errors).toEqual([]);
    expect(check.lost).toBe(0);
    const again = mount(disk);
    expect(readWhole(again.root, '\\efi\\a LONG name with Ümlauts.dat')).toEqual(pattern(5000, 2));
  }
});
