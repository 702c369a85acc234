import { BlockIoProtocol, guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { VIRTIO_SUBSYSTEM_BLOCK_DEVICE } from '@dxelab/virtio';
import type { VirtioRingOptions } from '@dxelab/virtio-lib';
import { virtioInstallDriver } from '@dxelab/virtio-lib';
import { VirtioBlk } from './virtio-blk.ts';

/** How the driver deviates from what it does by itself. */
export interface VirtioBlkDxeOptions {
  /** Features that it acts as if they were not offered: to try what a device does then. Default: none. */
  readonly declined?: bigint;
  /** What its ring is to be like. Default: OVMF's. */
  readonly ring?: VirtioRingOptions;
}

/** The driver with options: in a list of drivers it takes the place of the one without. */
export function virtioBlkDxeWith({ declined, ring }: VirtioBlkDxeOptions): DxeModule {
  return {
    name: 'VirtioBlkDxe',
    fileGuid: guid('11d92dfb-3ca9-4f93-ba2e-4780ed3e03b5'),
    moduleType: 'UEFI_DRIVER',
    entryPoint(imageHandle, { bootServices }, libraries) {
      virtioInstallDriver(imageHandle, bootServices, {
        driverName: 'Virtio Block Driver',
        subSystemDeviceId: VIRTIO_SUBSYSTEM_BLOCK_DEVICE,
        protocol: BlockIoProtocol,
        usesQueueAccess: ring !== undefined,
        init: (virtIo, access) =>
          new VirtioBlk(virtIo, bootServices, libraries, {
            declined,
            rings: ring && { ...ring, access },
          }),
      });
    },
  };
}

/** OvmfPkg/VirtioBlkDxe/VirtioBlk.inf */
export const virtioBlkDxe: DxeModule = virtioBlkDxeWith({});
