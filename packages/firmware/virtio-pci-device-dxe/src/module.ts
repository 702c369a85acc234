import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { PciTransportDriver } from '@dxelab/virtio-transport-lib';
import { legacyTransport } from './binding.ts';
import { virtioPciQuirks } from './quirks.ts';

/** OvmfPkg/VirtioPciDeviceDxe/VirtioPciDeviceDxe.inf */
export const virtioPciDeviceDxe: DxeModule = {
  name: 'VirtioPciDeviceDxe',
  fileGuid: guid('83dd3b39-7caf-4fac-a542-e050b767e3a7'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, { quirks, ram }) {
    const transport = legacyTransport(bootServices, ram, virtioPciQuirks(quirks));
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Virtio PCI Driver',
      (agent) => new PciTransportDriver(bootServices, agent, transport),
    );
  },
};
