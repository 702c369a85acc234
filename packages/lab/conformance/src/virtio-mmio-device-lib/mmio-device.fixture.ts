import type { EfiStatus } from '@dxelab/uefi';
import { efiStatusOf } from '@dxelab/uefi';
import type { Profile, QuirkName } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import type { VirtioMmioVersion } from '@dxelab/virtio-devices';
import { VirtioMmio } from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { ThreeQueues } from '../virtio10-dxe/three-queues.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';

/** A device on MMIO with its protocol, and the world that they are in. */
export interface MmioDevice {
  readonly world: VirtioWorld;
  readonly device: VirtioDevice;
  readonly model: ThreeQueues;
}

export interface MmioDeviceOptions {
  readonly quirks?: Partial<Record<QuirkName, boolean>>;
  readonly onAccess?: (access: string) => void;
}

/** The protocol of a device with three queues, of 8, 16 and 32 descriptors. */
export function openMmio(
  profile: Profile,
  version: VirtioMmioVersion,
  options: MmioDeviceOptions = {},
): MmioDevice {
  const model = new ThreeQueues();
  const modules = [virtioFdtDxe];
  const world = new VirtioWorld(new VirtioMmio(model, { version }), {
    modules,
    profile,
    ...options,
  });
  world.accesses.length = 0;
  return { world, device: world.openOnly(VirtioDeviceProtocol), model };
}

/** What C would have returned. */
export function statusOf(run: () => void): EfiStatus {
  try {
    run();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}
