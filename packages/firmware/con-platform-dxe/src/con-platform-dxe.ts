import {
  ConsoleInDeviceProtocol,
  ConsoleOutDeviceProtocol,
  EVT_NOTIFY_SIGNAL,
  guid,
  SimpleTextInputProtocol,
  SimpleTextOutputProtocol,
  StandardErrorDeviceProtocol,
  TPL_CALLBACK,
  VariableWriteArchProtocol,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import {
  efiLibInstallDriverBindingComponentName2,
  efiLibInstallFurtherDriverBinding,
  tryLocateProtocol,
} from '@dxelab/uefi-lib';
import { ConPlatformDriver } from './con-platform-driver.ts';

/** MdeModulePkg/Universal/Console/ConPlatformDxe/ConPlatformDxe.inf */
export const conPlatformDxe: DxeModule = {
  name: 'ConPlatformDxe',
  fileGuid: guid('51ccf399-4fdf-4e55-a45b-e123f84d456a'),
  moduleType: 'UEFI_DRIVER',
  // before others are started, who want a console
  depex: { op: 'TRUE' },
  entryPoint(imageHandle, systemTable, { quirks }) {
    const { bootServices: bs } = systemTable;
    const allWithoutVariable = !quirks.has('ConPlatformDxe.OnlyNamedConsoles');
    const drivers: { publish(): void }[] = [];
    const started = <Driver extends { publish(): void }>(driver: Driver): Driver => {
      drivers.push(driver);
      return driver;
    };
    const variables = { areThere: tryLocateProtocol(bs, VariableWriteArchProtocol) !== undefined };
    const publish = (): void => {
      variables.areThere = true;
      for (const driver of drivers) driver.publish();
    };
    const come = bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, publish, null);
    bs.registerProtocolNotify(VariableWriteArchProtocol, come);
    efiLibInstallDriverBindingComponentName2(
      bs,
      imageHandle,
      'Platform Console Management Driver: input',
      (agent) =>
        started(
          new ConPlatformDriver(systemTable, agent, {
            device: SimpleTextInputProtocol,
            roles: [{ variable: 'ConIn', mark: ConsoleInDeviceProtocol }],
            allWithoutVariable,
            variables,
          }),
        ),
    );
    efiLibInstallFurtherDriverBinding(
      bs,
      imageHandle,
      'Platform Console Management Driver: output',
      (agent) =>
        started(
          new ConPlatformDriver(systemTable, agent, {
            device: SimpleTextOutputProtocol,
            roles: [
              { variable: 'ConOut', mark: ConsoleOutDeviceProtocol },
              { variable: 'ErrOut', mark: StandardErrorDeviceProtocol },
            ],
            allWithoutVariable,
            variables,
          }),
        ),
    );
  },
};
