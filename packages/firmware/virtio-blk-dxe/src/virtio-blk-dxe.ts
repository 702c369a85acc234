import { BlockIoProtocol, guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { VIRTIO_SUBSYSTEM_BLOCK_DEVICE } from '@dxelab/virtio';
import { virtioInstallDriver } from '@dxelab/virtio-lib';
import { VirtioBlk } from './virtio-blk.ts';

/** OvmfPkg/VirtioBlkDxe/VirtioBlk.inf */
export const virtioBlkDxe: DxeModule = {
  name: 'VirtioBlkDxe',
  fileGuid: guid('11d92dfb-3ca9-4f93-ba2e-4780ed3e03b5'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, libraries) {
    virtioInstallDriver(imageHandle, bootServices, {
      driverName: 'Virtio Block Driver',
      subSystemDeviceId: VIRTIO_SUBSYSTEM_BLOCK_DEVICE,
      protocol: BlockIoProtocol,
      init: (virtIo) => new VirtioBlk(virtIo, bootServices, libraries),
    });
  },
};
