import { guid, RngProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { VIRTIO_SUBSYSTEM_ENTROPY_SOURCE } from '@dxelab/virtio';
import { virtioInstallDriver } from '@dxelab/virtio-lib';
import { VirtioRng } from './virtio-rng.ts';

/** OvmfPkg/VirtioRngDxe/VirtioRng.inf */
export const virtioRngDxe: DxeModule = {
  name: 'VirtioRngDxe',
  fileGuid: guid('58e26f0d-cbac-4bba-b70f-18221415665a'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, libraries) {
    virtioInstallDriver(imageHandle, bootServices, {
      driverName: 'Virtio Random Number Generator Driver',
      subSystemDeviceId: VIRTIO_SUBSYSTEM_ENTROPY_SOURCE,
      protocol: RngProtocol,
      init: (virtIo) => new VirtioRng(virtIo, bootServices, libraries),
    });
  },
};
