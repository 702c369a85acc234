import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { PciTransportDriver } from '@dxelab/virtio-transport-lib';
import { modernTransport } from './binding.ts';
import { virtio10Quirks } from './quirks.ts';

/** OvmfPkg/Virtio10Dxe/Virtio10.inf */
export const virtio10Dxe: DxeModule = {
  name: 'Virtio10Dxe',
  fileGuid: guid('0170f60c-1d40-4651-956d-f0bd9879d527'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, { quirks }) {
    const transport = modernTransport(bootServices, virtio10Quirks(quirks));
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Virtio 1.0 PCI Driver',
      (agent) => new PciTransportDriver(bootServices, agent, transport),
    );
  },
};
