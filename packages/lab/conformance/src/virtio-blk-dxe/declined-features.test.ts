import { BlockIoProtocol } from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_F_ACCESS_PLATFORM,
  VirtioDeviceProtocol,
  VSTAT_ACK,
  VSTAT_DRIVER,
  VSTAT_FAILED,
} from '@dxelab/virtio';
import { virtioBlkDxeWith } from '@dxelab/virtio-blk-dxe';
import { VirtioMmio, VirtioPciModern } from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import type { BlkWorldOptions } from './blk-world.fixture.ts';
import { BlkWorld } from './blk-world.fixture.ts';

const TRANSPORTS: readonly (readonly [string, NonNullable<BlkWorldOptions['plug']>])[] = [
  ['PCI modern', (disk, options) => new VirtioPciModern(disk, options)],
  ['MMIO version 2', (disk, options) => new VirtioMmio(disk, { ...options, version: 2 })],
];

function driversThatDecline(declined: bigint): readonly DxeModule[] {
  return [virtio10Dxe, virtioBlkDxeWith({ declined }), virtioFdtDxe];
}

/** A disk whose addresses are given by the platform, and a driver that leaves features out. */
function world(
  profile: Profile,
  plug: NonNullable<BlkWorldOptions['plug']>,
  declined: bigint,
): BlkWorld {
  const modules = driversThatDecline(declined);
  return new BlkWorld({ profile, plug, modules, transport: { accessPlatform: true } });
}

describe.each(PROFILES)('a driver that acts as if features were not offered, %s', (profile) => {
  describe.each(TRANSPORTS)('%s', (_name, plug) => {
    test('without VIRTIO_F_ACCESS_PLATFORM (§6.2) it is refused FEATURES_OK, and says so', () => {
      const disk = world(profile, plug, VIRTIO_F_ACCESS_PLATFORM);
      disk.connectAll();
      expect(disk.has(BlockIoProtocol)).toBe(false);
      expect(disk.core.startFailures().map(({ error }) => error.message)).toContainEqual(
        expect.stringMatching(/^EFI_UNSUPPORTED: the device refuses the features 0x1[0-9a-f]{8}$/),
      );
      expect(new Set(disk.findings.map(({ rule }) => rule))).toEqual(new Set(['virtio-1.4 6.1']));
      // FEATURES_OK (8) was not there when the driver gave up.
      const virtIo = disk.openOnly(VirtioDeviceProtocol);
      expect(virtIo.getDeviceStatus()).toBe(VSTAT_ACK | VSTAT_DRIVER | VSTAT_FAILED);
    });

    test('without a feature of its type it drives the device', () => {
      const disk = world(profile, plug, VIRTIO_BLK_F_FLUSH);
      expect(disk.open().media.writeCaching).toBe(false);
      expect(disk.findings).toEqual([]);
    });
  });
});
