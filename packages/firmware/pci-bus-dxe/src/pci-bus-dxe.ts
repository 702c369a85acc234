import type { EfiHandle, EfiSystemTable } from '@dxelab/uefi';
import { guid } from '@dxelab/uefi';
import type { DxeModule, ModuleLibraries } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { PciBusDriver } from './pci-bus-driver.ts';

function entryPoint(
  imageHandle: EfiHandle,
  systemTable: EfiSystemTable,
  { debug, quirks }: ModuleLibraries,
): void {
  const bs = systemTable.bootServices;
  efiLibInstallDriverBindingComponentName2(
    bs,
    imageHandle,
    'PCI Bus Driver',
    (driverBindingHandle) => new PciBusDriver({ bs, debug, quirks }, driverBindingHandle),
  );
}

/** PciBusDxe (MdeModulePkg/Bus/Pci/PciBusDxe). */
export const pciBusDxe: DxeModule = {
  name: 'PciBusDxe',
  fileGuid: guid('93b80004-9fb3-11d4-9a3a-0090273fc14d'),
  moduleType: 'UEFI_DRIVER',
  entryPoint,
};
