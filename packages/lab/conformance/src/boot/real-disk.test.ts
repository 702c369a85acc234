import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { openDisk } from '@dxelab/node-host';
import { describe, expect, test } from 'vitest';
import { PROFILES } from '@dxelab/uefi-lib';
import { OverlayBackend } from '@dxelab/virtio-devices';
import { objdump } from '../pe/objdump.fixture.ts';
import { BootWorld, virtioDisk } from './boot-world.fixture.ts';
import { application, bootVolume, readFile } from './programs.fixture.ts';
import type { RealDiskFormat } from './real-disk.fixture.ts';
import { missingTools, RealDisk, SYSTEMD_BOOT } from './real-disk.fixture.ts';

const MIB = 2 ** 20;
const missing = missingTools();

/** A disk with Debian's boot loader where firmware looks for it. */
function bootableDisk(format: RealDiskFormat): RealDisk {
  const disk = new RealDisk(format);
  disk.makeDirectory('/EFI', '/EFI/BOOT', '/loader');
  disk.copyFileIn(SYSTEMD_BOOT, '/EFI/BOOT/BOOTX64.EFI');
  return disk;
}

describe.skipIf(missing !== undefined)(`disks that Debian's tools made ${missing ?? ''}`, () => {
  describe.each<[string, RealDiskFormat]>([
    ['2 GiB, FAT32, blocks of 512 bytes', { size: 2048 * MIB, fat: 32, blockSize: 512 }],
    ['16 MiB, FAT12, blocks of 4096 bytes', { size: 16 * MIB, fat: 12, blockSize: 4096 }],
    ['512 MiB, FAT32, blocks of 4096 bytes', { size: 512 * MIB, fat: 32, blockSize: 4096 }],
  ])('%s', (_what, format) => {
    const { blockSize } = format;

    test.each(PROFILES)(
      'systemd-boot gets control where objdump says, %s',
      (profile) => {
        using disk = bootableDisk(format);
        const before = statSync(disk.path);
        const open = openDisk(disk.path, false);
        const slots = { '02.0': virtioDisk(new OverlayBackend(open.backend), { blockSize }) };
        const world = new BootWorld({ profile, slots });
        const { details } = world.bootTo('handed-over');
        open.close();

        const file = readFileSync(SYSTEMD_BOOT);
        const dump = objdump(SYSTEMD_BOOT);
        const image = world.core.images().find(({ name }) => name === 'BOOTX64.EFI')?.loadedImage;
        expect(details['sha256']).toBe(createHash('sha256').update(file).digest('hex'));
        expect(Number(details['entryPoint']) - (image?.imageBase ?? 0)).toBe(
          dump.field('AddressOfEntryPoint'),
        );
        expect(image?.imageSize).toBe(dump.field('SizeOfImage'));
        expect(world.findings).toEqual([]);
        // The image was read where it was needed, and never written.
        expect(statSync(disk.path).mtimeMs).toBe(before.mtimeMs);
      },
      30_000,
    );

    test.each(PROFILES)(
      'what a loader reads and writes is what mtools wrote and read, %s',
      (profile) => {
        using disk = bootableDisk(format);
        const kernel = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
        disk.copyIn(kernel, '/loader/Kernel of the day.bin');
        const open = openDisk(disk.path, true);
        let same = false;
        const standIn = application((running) => {
          const { bs, imageHandle } = running;
          const content = readFile(running, '\\loader\\Kernel of the day.bin');
          same = Buffer.compare(content, kernel) === 0;
          const copy = bootVolume(running).open('\\loader\\Copy, größer.bin', 'read-write-create');
          copy.write(content);
          copy.write(content);
          copy.close();
          bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
        });
        const slots = { '02.0': virtioDisk(open.backend, { blockSize }) };
        const world = new BootWorld({ profile, standIn, slots });
        world.bootTo('boot-services-exited');
        open.close();
        expect(same).toBe(true);
        const copied = disk.copyOut('/loader/Copy, größer.bin');
        expect(Buffer.compare(copied, Buffer.concat([kernel, kernel]))).toBe(0);
        expect(world.findings).toEqual([]);
      },
      30_000,
    );
  });
});
