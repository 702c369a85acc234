import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { ScsiBusDriver } from './scsi-bus-driver.ts';
import { scsiBusQuirks } from './scsi-bus-quirks.ts';

/** MdeModulePkg/Bus/Scsi/ScsiBusDxe/ScsiBusDxe.inf */
export const scsiBusDxe: DxeModule = {
  name: 'ScsiBusDxe',
  fileGuid: guid('0167ccc4-d0f7-4f21-a3ef-9e64b7cdce8b'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, { quirks }) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'SCSI Bus Driver',
      (agent) => new ScsiBusDriver(bootServices, agent, scsiBusQuirks(quirks)),
    );
  },
};
