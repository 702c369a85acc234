import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { PartitionDriver } from './partition-driver.ts';

/** MdeModulePkg/Universal/Disk/PartitionDxe/PartitionDxe.inf */
export const partitionDxe: DxeModule = {
  name: 'PartitionDxe',
  fileGuid: guid('1fa1f39e-feff-4aae-bd7b-38a070a3b609'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, libraries) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Partition Driver(MBR/GPT/El Torito)',
      (agent) => new PartitionDriver(bootServices, agent, libraries),
    );
  },
};
