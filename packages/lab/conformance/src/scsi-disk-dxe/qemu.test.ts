import type { QemuImage, QemuScsiUnit } from '@dxelab/qemu-machine';
import { qemuVirtioScsi } from '@dxelab/qemu-machine';
import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import { BlockIoProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { MemoryBackend, OverlayBackend, VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { BootWorld } from '../boot/boot-world.fixture.ts';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { KERNEL_TEXT, osLoader } from '../boot/programs.fixture.ts';
import { missingTools } from '../partition-dxe/disk-tools.fixture.ts';
import { ImageFile } from '../qemu-machine/image-file.fixture.ts';
import { QemuWorld, whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import type { TransportOnQemu } from '../qemu-machine/transports.fixture.ts';
import { TRANSPORTS } from '../qemu-machine/transports.fixture.ts';
import { bootDisc } from './boot-disc.fixture.ts';
import { numbered } from './disk-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const noDisc = missingTools();
const DISC = noDisc === undefined ? bootDisc() : new Uint8Array(0);
const AT = { target: 1, lun: 5 } as const;

/** What hangs from the SCSI host of a world. */
const below = (tree: readonly string[]): readonly string[] =>
  tree.filter((line) => line.includes('Scsi(0x1,0x5)'));

function boot(profile: Profile, unit: QemuScsiUnit): QemuWorld {
  const host = qemuVirtioScsi({ transport: 'pci-modern', slot: '02.0', units: [unit] });
  return new QemuWorld({ profile, standIn: osLoader, devices: [host] });
}

function bootOver(on: TransportOnQemu, profile: Profile, unit: QemuScsiUnit): QemuWorld {
  const host = qemuVirtioScsi({ ...on.transport, units: [unit] });
  return new QemuWorld({ profile, ...on.machine, standIn: osLoader, devices: [host] });
}

describe.skipIf(skip !== undefined)(`QEMU's own SCSI units ${skip ?? ''}`, () => {
  describe.for(PROFILES)('%s', (profile) => {
    test('the demonstration disk boots as on the emulated machine', () => {
      using image = new ImageFile(demoDisk());
      using world = boot(profile, {
        type: 'disk',
        ...AT,
        image: { path: image.path, access: 'discard' },
      });
      const unit = new ScsiDisk({ backend: new OverlayBackend(new MemoryBackend(demoDisk())) });
      const host = new VirtioPciModern(new VirtioScsi({ units: [{ ...AT, unit }] }));
      const emulated = new BootWorld({ profile, standIn: osLoader, slots: { '02.0': host } });
      const { kind, message, details } = emulated.boot();
      expect(world.boot()).toMatchObject({ kind, message, details });
      expect(kind).toBe('boot-services-exited');
      expect(world.console).toBe(KERNEL_TEXT);
      expect(below(world.deviceTree)).toEqual(below(emulated.deviceTree));
    });

    test.skipIf(noDisc !== undefined)(`a disc boots as there, too ${noDisc ?? ''}`, () => {
      using image = new ImageFile(DISC, 'disc.iso');
      using world = boot(profile, {
        type: 'cdrom',
        ...AT,
        image: { path: image.path, access: 'read-only' },
      });
      const unit = new ScsiCdRom({ backend: new MemoryBackend(DISC, { readOnly: true }) });
      const host = new VirtioPciModern(new VirtioScsi({ units: [{ ...AT, unit }] }));
      const emulated = new BootWorld({ profile, standIn: osLoader, slots: { '02.0': host } });
      const { kind, message, details } = emulated.boot();
      expect(world.boot()).toMatchObject({ kind, message, details });
      expect(kind).toBe('boot-services-exited');
      expect(world.console).toBe(KERNEL_TEXT);
      expect(below(world.deviceTree)).toEqual(below(emulated.deviceTree));
    });

    test.for(TRANSPORTS)('a disk boots over every transport: $name', (on) => {
      using image = new ImageFile(demoDisk());
      const medium: QemuImage = { path: image.path, access: 'discard' };
      using world = bootOver(on, profile, { type: 'disk', ...AT, image: medium });
      expect(world.boot().kind).toBe('boot-services-exited');
      expect(world.console).toBe(KERNEL_TEXT);
    });

    test.skipIf(noDisc !== undefined).for(TRANSPORTS)(
      `a disc boots over every transport: $name ${noDisc ?? ''}`,
      (on) => {
        using image = new ImageFile(DISC, 'disc.iso');
        const medium: QemuImage = { path: image.path, access: 'read-only' };
        using world = bootOver(on, profile, { type: 'cdrom', ...AT, image: medium });
        expect(world.boot().kind).toBe('boot-services-exited');
        expect(world.console).toBe(KERNEL_TEXT);
      },
    );

    test.for([512, 4096])('a disk with blocks of %d bytes is read and written', (blockSize) => {
      const bytes = numbered(2 ** 20, 3);
      using image = new ImageFile(bytes);
      const host = qemuVirtioScsi({
        transport: 'pci-modern',
        slot: '02.0',
        units: [
          {
            type: 'disk',
            ...AT,
            image: { path: image.path, access: 'write' },
            properties: { logical_block_size: blockSize, physical_block_size: 4096 },
          },
        ],
      });
      using world = new QemuWorld({ profile, devices: [host] });
      const disk = world.connect().open(BlockIoProtocol);
      const knowsSmallDisks = profile === 'specification';
      expect(disk.media).toMatchObject({
        blockSize,
        lastBlock: 2 ** 20 / blockSize - 1,
        logicalBlocksPerPhysicalBlock: knowsSmallDisks ? 4096 / blockSize : 0,
      });
      const all = new Uint8Array(2 ** 20);
      disk.readBlocks(disk.media.mediaId, 0, all);
      expect(Buffer.compare(all, bytes)).toBe(0);
      const block = new Uint8Array(blockSize).fill(0x5a);
      disk.writeBlocks(disk.media.mediaId, 7, block);
      disk.flushBlocks();
      expect(image.bytes.subarray(7 * blockSize, 8 * blockSize)).toEqual(block);
    });
  });
});
