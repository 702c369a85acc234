import { qemuVirtioRng } from '@dxelab/qemu-machine';
import { devicePath, DevicePathProtocol, guid } from '@dxelab/uefi';
import type { PhysicalAddress } from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import {
  VIRTIO_SUBSYSTEM_ENTROPY_SOURCE,
  VirtioDeviceProtocol,
  virtioMmioNode,
} from '@dxelab/virtio';
import { virtioMmioInstallDevice } from '@dxelab/virtio-mmio-device-lib';
import { describe, expect, test } from 'vitest';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
/** The first of microvm's transports, the third, and what lies behind the last, the 24th. */
const SLOT_0 = 0xfeb0_0000;
const SLOT_3 = 0xfeb0_0600;
const BEHIND = 0xfeb0_3000;

/** Calls VirtioMmioDeviceLib for these addresses, and notes how it ends: the device's type, or why not. */
function boardDxe(addresses: readonly PhysicalAddress[], outcomes: (string | number)[]): DxeModule {
  return {
    name: 'BoardDxe',
    fileGuid: guid('1f0a6c2e-3b7d-4c11-8f3e-6d2a90b7c5e4'),
    moduleType: 'DXE_DRIVER',
    depex: { op: 'TRUE' },
    hardware: true,
    entryPoint(imageHandle, { bootServices: bs }, libraries) {
      for (const address of addresses) {
        try {
          virtioMmioInstallDevice(address, imageHandle, bs, libraries);
          const device = bs.handleProtocol(imageHandle, VirtioDeviceProtocol);
          outcomes.push(device.subSystemDeviceId);
          bs.uninstallProtocolInterface(imageHandle, VirtioDeviceProtocol, device);
        } catch (caught) {
          outcomes.push(caught instanceof Error ? caught.message : String(caught));
        }
      }
    },
  };
}

/** What the library makes of these addresses on a microvm with an entropy source in slot 3. */
function installed(
  profile: Profile,
  version: 1 | 2,
  addresses: readonly PhysicalAddress[],
): readonly (string | number)[] {
  const outcomes: (string | number)[] = [];
  using world = new QemuWorld({
    profile,
    machine: 'microvm',
    virtioMmioVersion: version,
    devices: [qemuVirtioRng({ transport: 'mmio', slot: 3 })],
    without: ['VirtioFdtDxe'],
    drivers: [boardDxe(addresses, outcomes)],
  });
  world.core.dispatch();
  return outcomes;
}

describe.skipIf(skip !== undefined)(`virtio devices of QEMU's microvm ${skip ?? ''}`, () => {
  describe.for(PROFILES)('%s', (profile) => {
    test.for([1, 2] as const)(
      "VirtioFdtDxe finds those of QEMU's own device tree, version %d",
      (virtioMmioVersion) => {
        using world = new QemuWorld({
          profile,
          machine: 'microvm',
          virtioMmioVersion,
          devices: [23, 0, 7].map((slot) => qemuVirtioRng({ transport: 'mmio', slot })),
        });
        world.core.dispatch();
        const found = world.handlesWith(VirtioDeviceProtocol);
        const paths = found.map((handle) => world.bs.handleProtocol(handle, DevicePathProtocol));
        const types = found.map(
          (handle) => world.bs.handleProtocol(handle, VirtioDeviceProtocol).subSystemDeviceId,
        );
        expect(new Set(types)).toEqual(new Set([VIRTIO_SUBSYSTEM_ENTROPY_SOURCE]));
        const expected = [0xfeb0_0000, 0xfeb0_0e00, 0xfeb0_2e00].map((address) =>
          devicePath(virtioMmioNode(address)),
        );
        expect(new Set(paths)).toEqual(new Set(expected));
      },
    );

    test.for([1, 2] as const)(
      'a device, an empty slot (device id 0), and no registers at all, version %d',
      (version) => {
        const [device, empty, nobody] = installed(profile, version, [SLOT_3, SLOT_0, BEHIND]);
        expect(device).toBe(VIRTIO_SUBSYSTEM_ENTROPY_SOURCE);
        // QUIRK VirtioMmioDeviceLib.PlaceholderInstalled
        const placeholder = 'EFI_NOT_FOUND: there is no virtio device: its DeviceID is 0';
        expect(empty).toBe(profile === 'edk2' ? 0 : placeholder);
        expect(nobody).toMatch(/^EFI_UNSUPPORTED: .*magic/);
      },
    );
  });
});
