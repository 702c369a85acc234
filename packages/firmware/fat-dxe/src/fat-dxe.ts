import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { FatDriver } from './binding/fat-driver.ts';
import { FAT_EPOCH } from './layout/fat-time.ts';

/**
 * FatPkg/EnhancedFatDxe/Fat.inf. GetTime is not modelled yet: as EDK II's does without a clock, this driver
 * writes the first moment that FAT knows, 1980-01-01 00:00:00, to all that it creates and changes.
 */
export const fatDxe: DxeModule = {
  name: 'FatDxe',
  fileGuid: guid('961578fe-b6b7-44c3-af35-6bc705cd2b1f'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, libraries) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'FAT File System Driver',
      (agent) => new FatDriver(bootServices, agent, libraries, () => FAT_EPOCH),
    );
  },
};
