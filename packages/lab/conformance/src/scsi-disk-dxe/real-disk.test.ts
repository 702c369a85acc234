import { openDisk } from '@dxelab/node-host';
import { ScsiDisk } from '@dxelab/scsi-targets';
import { PROFILES } from '@dxelab/uefi-lib';
import { VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { BootWorld } from '../boot/boot-world.fixture.ts';
import { bootFileOf, demoDisk } from '../boot/demo-disk.fixture.ts';
import { application, bootVolume, readFile } from '../boot/programs.fixture.ts';
import type { RealDiskFormat } from '../boot/real-disk.fixture.ts';
import { RealDisk, missingTools } from '../boot/real-disk.fixture.ts';

const MIB = 2 ** 20;
const missing = missingTools();
const KERNEL = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);

/** A disk with a loader where firmware looks for it, and a kernel. */
function bootableDisk(format: RealDiskFormat): RealDisk {
  const disk = new RealDisk(format);
  disk.makeDirectory('/EFI', '/EFI/BOOT', '/loader');
  disk.copyIn(bootFileOf(demoDisk()), '/EFI/BOOT/BOOTX64.EFI');
  disk.copyIn(KERNEL, '/loader/kernel.bin');
  return disk;
}

describe.skipIf(missing !== undefined)(`disks that Debian's tools made ${missing ?? ''}`, () => {
  describe.each<[string, RealDiskFormat]>([
    ['64 MiB, FAT16, blocks of 512 bytes', { size: 64 * MIB, fat: 16, blockSize: 512 }],
    ['16 MiB, FAT12, blocks of 4096 bytes', { size: 16 * MIB, fat: 12, blockSize: 4096 }],
  ])('%s, behind a SCSI host', (_what, format) => {
    test.each(PROFILES)(
      'a loader reads what mtools wrote, and writes what they read, %s',
      (profile) => {
        using disk = bootableDisk(format);
        const open = openDisk(disk.path, true);
        let same = false;
        const standIn = application((running) => {
          const { bs, imageHandle } = running;
          const content = readFile(running, '\\loader\\kernel.bin');
          same = Buffer.compare(content, KERNEL) === 0;
          const copy = bootVolume(running).open('\\loader\\copy.bin', 'read-write-create');
          copy.write(content);
          copy.close();
          bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
        });
        const unit = new ScsiDisk({ backend: open.backend, blockSize: format.blockSize });
        const host = new VirtioScsi({ units: [{ target: 0, lun: 0, unit }] });
        const world = new BootWorld({
          profile,
          standIn,
          slots: { '02.0': new VirtioPciModern(host) },
        });
        world.bootTo('boot-services-exited');
        open.close();
        expect(same).toBe(true);
        expect(Buffer.compare(disk.copyOut('/loader/copy.bin'), KERNEL)).toBe(0);
        expect(world.findings).toEqual([]);
      },
    );
  });
});
