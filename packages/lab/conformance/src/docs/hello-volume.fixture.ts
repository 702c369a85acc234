import type { EfiBootServices, EfiHandle, EfiStatus, EfiSystemTable } from '@dxelab/uefi';
import { EFI_OPEN_PROTOCOL_BY_DRIVER, guid, SimpleFileSystemProtocol } from '@dxelab/uefi';
import type { DriverBindingBody, DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';

/** Greets every volume that it is started on. */
class VolumeGreeter implements DriverBindingBody {
  readonly version: number = 0x10;
  readonly #bs: EfiBootServices;
  readonly #systemTable: EfiSystemTable;
  readonly #agent: EfiHandle;

  constructor(systemTable: EfiSystemTable, agent: EfiHandle) {
    this.#bs = systemTable.bootServices;
    this.#systemTable = systemTable;
    this.#agent = agent;
  }

  supported(controller: EfiHandle): EfiStatus {
    const { status } = this.#open(controller);
    if (status === 'EFI_SUCCESS') this.stop(controller);
    return status;
  }

  start(controller: EfiHandle): void {
    const root = this.#open(controller).interface?.openVolume();
    const { volumeLabel, freeSpace } = root?.getFileSystemInfo() ?? {};
    this.#systemTable.conOut?.outputString(`Hello, ${volumeLabel}: ${freeSpace} bytes free\r\n`);
    root?.close();
  }

  stop(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, SimpleFileSystemProtocol, this.#agent, controller);
  }

  #open(controller: EfiHandle) {
    const byDriver = EFI_OPEN_PROTOCOL_BY_DRIVER;
    const agent = this.#agent;
    return this.#bs.tryOpenProtocol(
      controller,
      SimpleFileSystemProtocol,
      agent,
      controller,
      byDriver,
    );
  }
}

export const helloVolumeDxe: DxeModule = {
  name: 'HelloVolumeDxe',
  fileGuid: guid('2f4cb2c6-33f8-4d4f-8c35-0d2a8f1c9e51'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, systemTable) {
    efiLibInstallDriverBindingComponentName2(
      systemTable.bootServices,
      imageHandle,
      'Volume Greeter',
      (agent) => new VolumeGreeter(systemTable, agent),
    );
  },
};
