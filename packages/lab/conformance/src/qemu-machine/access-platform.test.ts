import { qemuVirtioBlk } from '@dxelab/qemu-machine';
import { BlockIoProtocol, PciIoProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_VERSION_1,
  VirtioDeviceProtocol,
  VSTAT_ACK,
  VSTAT_DRIVER,
  VSTAT_FAILED,
} from '@dxelab/virtio';
import { virtioBlkDxeWith } from '@dxelab/virtio-blk-dxe';
import { virtio10WriteFeatures } from '@dxelab/virtio-lib';
import { describe, expect, test } from 'vitest';
import { ImageFile, pattern } from './image-file.fixture.ts';
import type { QemuWorldOptions } from './qemu-world.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';
import { diskOn, PLATFORM_TRANSPORTS } from './transports.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const READY = VSTAT_ACK | VSTAT_DRIVER;

/** A disk that wants addresses from the platform, in slot 2; no translation stands in the way. */
function world(image: ImageFile, profile: Profile, options: QemuWorldOptions = {}): QemuWorld {
  const disk = qemuVirtioBlk({
    transport: 'pci-modern',
    slot: '02.0',
    image: { path: image.path, access: 'discard' },
    properties: { iommu_platform: true },
  });
  return new QemuWorld({ profile, devices: [disk], ...options }).connect();
}

describe.skipIf(skip !== undefined)(
  `VIRTIO_F_ACCESS_PLATFORM, bit 33 (virtio §6.1), on QEMU ${skip ?? ''}`,
  () => {
    describe.for(PROFILES)('%s', (profile) => {
      test('VirtioBlkDxe takes it', () => {
        using image = new ImageFile(pattern(4096));
        using disk = world(image, profile);
        const handle = disk
          .handlesWith(PciIoProtocol)
          .find(
            (candidate) =>
              disk.bs.handleProtocol(candidate, PciIoProtocol).getLocation().device === 2,
          );
        if (handle === undefined) throw new TypeError('the disk was not enumerated');
        const { mem } = disk.bs.handleProtocol(handle, PciIoProtocol);
        // driver_feature_select and driver_feature, in the common structure of BAR 4 (virtio §4.1.4.3).
        mem.write(2, 4, 0x08, 1);
        expect(BigInt(mem.read(2, 4, 0x0c)) & (VIRTIO_F_ACCESS_PLATFORM >> 32n)).not.toBe(0n);
      });

      test.for(PLATFORM_TRANSPORTS.map((transport) => [transport.name, transport] as const))(
        '%s: VirtioBlkDxe that declines it is refused FEATURES_OK, and says so',
        ([, transport]) => {
          using image = new ImageFile(pattern(4096));
          using refused = new QemuWorld({
            profile,
            without: ['VirtioBlkDxe'],
            drivers: [virtioBlkDxeWith({ declined: VIRTIO_F_ACCESS_PLATFORM })],
            ...diskOn(transport, { path: image.path, access: 'discard' }),
          }).connect();
          expect(refused.handlesWith(BlockIoProtocol)).toEqual([]);
          expect(refused.troubles).toContainEqual(
            expect.stringMatching(
              /^VirtioBlkDxe: EFI_UNSUPPORTED: the device refuses the features 0x1[0-9a-f]{8}$/,
            ),
          );
          const status = refused.open(VirtioDeviceProtocol).getDeviceStatus();
          expect(status).toBe(READY | VSTAT_FAILED);
        },
      );

      test('only the bit makes the difference', () => {
        using image = new ImageFile(pattern(4096));
        using disk = world(image, profile, { without: ['VirtioBlkDxe'] });
        const virtIo = disk.open(VirtioDeviceProtocol);
        for (const status of [0, VSTAT_ACK, READY]) virtIo.setDeviceStatus(status);
        const offered = virtIo.getDeviceFeatures();
        expect(offered & VIRTIO_F_ACCESS_PLATFORM).not.toBe(0n);
        expect(() => virtio10WriteFeatures(virtIo, VIRTIO_F_VERSION_1, READY)).toThrow(
          'EFI_UNSUPPORTED',
        );
        for (const status of [0, VSTAT_ACK, READY]) virtIo.setDeviceStatus(status);
        const both = VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM;
        expect(() => virtio10WriteFeatures(virtIo, both, READY)).not.toThrow();
      });
    });
  },
);
