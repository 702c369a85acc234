import { guid, RngProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { VIRTIO_SUBSYSTEM_ENTROPY_SOURCE } from '@dxelab/virtio';
import type { VirtioRingOptions } from '@dxelab/virtio-lib';
import { virtioInstallDriver } from '@dxelab/virtio-lib';
import { VirtioRng } from './virtio-rng.ts';

/** How the driver deviates from what it does by itself. */
export interface VirtioRngDxeOptions {
  /** What its ring is to be like. Default: OVMF's. */
  readonly ring?: VirtioRingOptions;
}

/** The driver with options: in a list of drivers it takes the place of the one without. */
export function virtioRngDxeWith({ ring }: VirtioRngDxeOptions): DxeModule {
  return {
    name: 'VirtioRngDxe',
    fileGuid: guid('58e26f0d-cbac-4bba-b70f-18221415665a'),
    moduleType: 'UEFI_DRIVER',
    entryPoint(imageHandle, { bootServices }, libraries) {
      virtioInstallDriver(imageHandle, bootServices, {
        driverName: 'Virtio Random Number Generator Driver',
        subSystemDeviceId: VIRTIO_SUBSYSTEM_ENTROPY_SOURCE,
        protocol: RngProtocol,
        usesQueueAccess: ring !== undefined,
        init: (virtIo, access) =>
          new VirtioRng(virtIo, bootServices, libraries, ring && { ...ring, access }),
      });
    },
  };
}

/** OvmfPkg/VirtioRngDxe/VirtioRng.inf */
export const virtioRngDxe: DxeModule = virtioRngDxeWith({});
