import { BlockIoProtocol, guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { VIRTIO_SUBSYSTEM_BLOCK_DEVICE } from '@dxelab/virtio';
import { virtioInstallDriver } from '@dxelab/virtio-lib';
import type { RingLibrary } from './ring-library.ts';
import { sayingSo } from './ring-library.ts';
import { VirtioBlk } from './virtio-blk.ts';

/** VirtioBlkDxe, linked against a ring library. It has the FILE_GUID of today's, so it takes its place. */
export function virtioBlkDxeWith(library: RingLibrary): DxeModule {
  return {
    name: 'VirtioBlkDxe',
    fileGuid: guid('11d92dfb-3ca9-4f93-ba2e-4780ed3e03b5'),
    moduleType: 'UEFI_DRIVER',
    entryPoint(imageHandle, { bootServices }, libraries) {
      const saying = sayingSo(library, libraries.debug);
      virtioInstallDriver(imageHandle, bootServices, {
        driverName: 'Virtio Block Driver (2013)',
        subSystemDeviceId: VIRTIO_SUBSYSTEM_BLOCK_DEVICE,
        protocol: BlockIoProtocol,
        init: (virtIo) => new VirtioBlk(virtIo, bootServices, libraries, saying),
      });
    },
  };
}
