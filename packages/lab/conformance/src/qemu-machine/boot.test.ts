import { qemuVirtioBlk } from '@dxelab/qemu-machine';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { BootWorld } from '../boot/boot-world.fixture.ts';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { KERNEL_TEXT, osLoader } from '../boot/programs.fixture.ts';
import { ImageFile } from './image-file.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();

function demonstration(image: ImageFile) {
  return qemuVirtioBlk({
    transport: 'pci-modern',
    slot: '02.0',
    image: { path: image.path, access: 'discard' },
  });
}

describe.skipIf(skip !== undefined)(
  `the demonstration disk on QEMU's own virtio-blk ${skip ?? ''}`,
  () => {
    describe.for(PROFILES)('%s', (profile) => {
      test.for(['q35', 'pc'] as const)('boots as on the emulated machine: %s', (machine) => {
        using image = new ImageFile(demoDisk());
        using world = new QemuWorld({
          profile,
          machine,
          standIn: osLoader,
          devices: [demonstration(image)],
        });
        const emulated = new BootWorld({ profile, standIn: osLoader });
        const { kind, message, details } = emulated.boot();
        expect(world.boot()).toMatchObject({ kind, message, details });
        expect(kind).toBe('boot-services-exited');
        expect(world.console).toBe(KERNEL_TEXT);
        const ofTheDisk = (tree: readonly string[]): readonly string[] =>
          tree.filter((line) => line.includes('Pci(0x2,0x0)'));
        expect(ofTheDisk(world.deviceTree)).toEqual(ofTheDisk(emulated.deviceTree));
      });

      test('without a loader that can be run the same image is handed over to', () => {
        using image = new ImageFile(demoDisk());
        using world = new QemuWorld({ profile, devices: [demonstration(image)] });
        const { kind, details } = world.boot();
        const emulated = new BootWorld({ profile }).boot();
        expect(kind).toBe('handed-over');
        expect(details['sha256']).toBe(emulated.details['sha256']);
        expect(details['fileName']).toBe(emulated.details['fileName']);
      });

      test('with guest RAM inside QEMU, which only commands reach', () => {
        using image = new ImageFile(demoDisk());
        using world = new QemuWorld({
          profile,
          ram: 'qtest',
          standIn: osLoader,
          devices: [demonstration(image)],
        });
        expect(world.boot().kind).toBe('boot-services-exited');
        expect(world.console).toBe(KERNEL_TEXT);
      });
    });
  },
);
