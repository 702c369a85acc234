import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { ScsiDiskDriver } from './scsi-disk-driver.ts';
import { scsiDiskQuirks } from './scsi-disk-quirks.ts';

/** MdeModulePkg/Bus/Scsi/ScsiDiskDxe/ScsiDiskDxe.inf */
export const scsiDiskDxe: DxeModule = {
  name: 'ScsiDiskDxe',
  fileGuid: guid('0a66e322-3740-4cce-ad62-bd172cecca35'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, { quirks }) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Scsi Disk Driver',
      (agent) => new ScsiDiskDriver(bootServices, agent, scsiDiskQuirks(quirks)),
    );
  },
};
