import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { TerminalDriver } from './terminal-driver.ts';

/** MdeModulePkg/Universal/Console/TerminalDxe/TerminalDxe.inf */
export const terminalDxe: DxeModule = {
  name: 'TerminalDxe',
  fileGuid: guid('9e863906-a40f-4875-977f-5b93ff237fc6'),
  moduleType: 'UEFI_DRIVER',
  // before others are started, who want a console
  depex: { op: 'TRUE' },
  entryPoint(imageHandle, { bootServices }, { quirks }) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Serial Terminal Driver',
      (agent) => new TerminalDriver(bootServices, agent, quirks),
    );
  },
};
