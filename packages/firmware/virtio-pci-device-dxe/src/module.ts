import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { VirtioPciDriver } from './binding.ts';
import { virtioPciQuirks } from './quirks.ts';

/** OvmfPkg/VirtioPciDeviceDxe/VirtioPciDeviceDxe.inf */
export const virtioPciDeviceDxe: DxeModule = {
  name: 'VirtioPciDeviceDxe',
  fileGuid: guid('83dd3b39-7caf-4fac-a542-e050b767e3a7'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, { quirks, ram }) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Virtio PCI Driver',
      (agent) => new VirtioPciDriver(bootServices, agent, ram, virtioPciQuirks(quirks)),
    );
  },
};
