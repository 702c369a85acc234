import { ExtScsiPassThruProtocol, guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { VIRTIO_SUBSYSTEM_SCSI_HOST } from '@dxelab/virtio';
import { virtioInstallDriver } from '@dxelab/virtio-lib';
import { VirtioScsi } from './virtio-scsi.ts';

/** OvmfPkg/VirtioScsiDxe/VirtioScsi.inf */
export const virtioScsiDxe: DxeModule = {
  name: 'VirtioScsiDxe',
  fileGuid: guid('fab5d4f4-83c0-4aaf-8480-442d11df6cea'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, libraries) {
    virtioInstallDriver(imageHandle, bootServices, {
      driverName: 'Virtio SCSI Host Driver',
      subSystemDeviceId: VIRTIO_SUBSYSTEM_SCSI_HOST,
      protocol: ExtScsiPassThruProtocol,
      init: (virtIo) => new VirtioScsi(virtIo, bootServices, libraries),
    });
  },
};
