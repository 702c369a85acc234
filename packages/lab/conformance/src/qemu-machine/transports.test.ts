import { BlockIoProtocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  VIRTIO_SPEC_REVISION_0_9_5,
  VIRTIO_SPEC_REVISION_1_0_0,
  VirtioDeviceProtocol,
} from '@dxelab/virtio';
import { describe, expect, test } from 'vitest';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { KERNEL_TEXT, osLoader } from '../boot/programs.fixture.ts';
import { ImageFile, pattern } from './image-file.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';
import { diskOn, PLATFORM_TRANSPORTS, TRANSPORTS } from './transports.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const BLOCK = 512;
const MIB = 2 ** 20;
const DISK = 64 * MIB;
/** What every MiB of a disk is filled with, begun anew at another byte: no block is like another's. */
const CONTENT = pattern(2 * MIB);

const contentAt = (position: number): Uint8Array =>
  CONTENT.subarray(position / MIB, position / MIB + MIB);

/** Positions from 0 to the end of the disk, a MiB apart. */
const POSITIONS: readonly number[] = Array.from({ length: DISK / MIB }, (_, index) => index * MIB);

const ALL = [...TRANSPORTS, ...PLATFORM_TRANSPORTS].map(
  (transport) => [transport.name, transport] as const,
);

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe.skipIf(skip !== undefined)(
  `each transport drives QEMU's own virtio-blk ${skip ?? ''}`,
  () => {
    describe.for(PROFILES)('%s', (profile) => {
      test.for(ALL)(
        '%s: every block of 64 MiB written, flushed, and read by another connection, to ExitBootServices',
        ([, transport]) => {
          using image = new ImageFile(new Uint8Array(DISK));
          const disk = diskOn(transport, { path: image.path, access: 'write' });
          using world = new QemuWorld({ profile, ...disk }).connect();
          const [handle] = world.handlesWith(BlockIoProtocol);
          if (handle === undefined) throw new TypeError(`no disk: ${world.troubles.join()}`);
          // A transitional device is OVMF's legacy driver's, and otherwise the modern one's.
          const isLegacy = /legacy|version 1/.test(transport.name);
          const wanted =
            isLegacy || (transport.name === 'PCI transitional' && profile === 'edk2')
              ? VIRTIO_SPEC_REVISION_0_9_5
              : VIRTIO_SPEC_REVISION_1_0_0;
          expect(world.open(VirtioDeviceProtocol).revision).toBe(wanted);
          const writer = world.open(BlockIoProtocol);
          expect(writer.media).toMatchObject({ blockSize: BLOCK, lastBlock: DISK / BLOCK - 1 });
          for (const at of POSITIONS) {
            writer.writeBlocks(writer.media.mediaId, at / BLOCK, contentAt(at));
          }
          writer.flushBlocks();
          const written = image.bytes;
          expect(
            POSITIONS.filter((at) => !same(written.subarray(at, at + MIB), contentAt(at))),
          ).toEqual([]);

          world.bs.disconnectController(handle);
          expect(world.handlesWith(BlockIoProtocol)).toEqual([]);
          world.bs.connectController(handle, undefined, undefined, true);
          const reader = world.open(BlockIoProtocol);
          const target = new Uint8Array(MIB);
          const wrong = POSITIONS.filter((at) => {
            reader.readBlocks(reader.media.mediaId, at / BLOCK, target);
            return !same(target, contentAt(at));
          });
          expect(wrong).toEqual([]);

          world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
        },
      );

      test.for(ALL)('%s: the demonstration disk boots', ([, transport]) => {
        using image = new ImageFile(demoDisk());
        const disk = diskOn(transport, { path: image.path, access: 'discard' });
        using world = new QemuWorld({ profile, standIn: osLoader, ...disk });
        expect(world.boot()).toMatchObject({
          kind: 'boot-services-exited',
          details: { fileName: '\\EFI\\BOOT\\BOOTX64.EFI' },
        });
        expect(world.console).toBe(KERNEL_TEXT);
        expect(world.handlesWith(VirtioDeviceProtocol)).toHaveLength(1);
      });
    });
  },
);
