import { ExtScsiPassThruProtocol, guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { VIRTIO_SUBSYSTEM_SCSI_HOST } from '@dxelab/virtio';
import type { VirtioRingOptions } from '@dxelab/virtio-lib';
import { virtioInstallDriver } from '@dxelab/virtio-lib';
import { VirtioScsi } from './virtio-scsi.ts';

/** How the driver deviates from what it does by itself. */
export interface VirtioScsiDxeOptions {
  /** What its rings are to be like. Default: OVMF's. */
  readonly ring?: VirtioRingOptions;
}

/** The driver with options: in a list of drivers it takes the place of the one without. */
export function virtioScsiDxeWith({ ring }: VirtioScsiDxeOptions): DxeModule {
  return {
    name: 'VirtioScsiDxe',
    fileGuid: guid('fab5d4f4-83c0-4aaf-8480-442d11df6cea'),
    moduleType: 'UEFI_DRIVER',
    entryPoint(imageHandle, { bootServices }, libraries) {
      virtioInstallDriver(imageHandle, bootServices, {
        driverName: 'Virtio SCSI Host Driver',
        subSystemDeviceId: VIRTIO_SUBSYSTEM_SCSI_HOST,
        protocol: ExtScsiPassThruProtocol,
        usesQueueAccess: ring !== undefined,
        init: (virtIo, access) =>
          new VirtioScsi(virtIo, bootServices, libraries, ring && { ...ring, access }),
      });
    },
  };
}

/** OvmfPkg/VirtioScsiDxe/VirtioScsi.inf */
export const virtioScsiDxe: DxeModule = virtioScsiDxeWith({});
