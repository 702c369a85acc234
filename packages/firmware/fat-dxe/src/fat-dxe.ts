import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { clockTime } from './binding/clock-time.ts';
import { FatDriver } from './binding/fat-driver.ts';

/** FatPkg/EnhancedFatDxe/Fat.inf. */
export const fatDxe: DxeModule = {
  name: 'FatDxe',
  fileGuid: guid('961578fe-b6b7-44c3-af35-6bc705cd2b1f'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices, runtimeServices }, libraries) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'FAT File System Driver',
      (agent) => new FatDriver(bootServices, agent, libraries, () => clockTime(runtimeServices)),
    );
  },
};
