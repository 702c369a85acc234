import { qemuVirtioBlk } from '@dxelab/qemu-machine';
import { PciIoProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_VERSION_1,
  VirtioDeviceProtocol,
  VSTAT_ACK,
  VSTAT_DRIVER,
} from '@dxelab/virtio';
import { virtio10WriteFeatures } from '@dxelab/virtio-lib';
import { describe, expect, test } from 'vitest';
import { ImageFile, pattern } from './image-file.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const READY = VSTAT_ACK | VSTAT_DRIVER;

/** A disk that wants addresses from the platform, in slot 2; no translation stands in the way. */
function world(image: ImageFile, profile: Profile, without: readonly string[] = []): QemuWorld {
  const disk = qemuVirtioBlk({
    transport: 'pci-modern',
    slot: '02.0',
    image: { path: image.path, access: 'discard' },
    properties: { iommu_platform: true },
  });
  return new QemuWorld({ profile, devices: [disk], without }).connect();
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

      test('a driver that leaves it out is refused FEATURES_OK, and hears why', () => {
        using image = new ImageFile(pattern(4096));
        using disk = world(image, profile, ['VirtioBlkDxe']);
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
