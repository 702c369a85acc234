import type { EfiBootServices, EfiHandle, EfiStatus } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DiskIoProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  TPL_CALLBACK,
  guid,
} from '@dxelab/uefi';
import type { DriverBindingBody, DxeModule, ModuleLibraries } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2, unwinding } from '@dxelab/uefi-lib';
import { DiskIo } from './disk-io.ts';

/** The binding: EFI_BLOCK_IO_PROTOCOL below, EFI_DISK_IO_PROTOCOL above, one handle. */
class DiskIoDriver implements DriverBindingBody {
  readonly version: number = 0xa;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #libraries: ModuleLibraries;

  constructor(bs: EfiBootServices, agent: EfiHandle, libraries: ModuleLibraries) {
    this.#bs = bs;
    this.#agent = agent;
    this.#libraries = libraries;
  }

  supported(controller: EfiHandle): EfiStatus {
    const { status } = this.#bs.tryOpenProtocol(
      controller,
      BlockIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_BY_DRIVER,
    );
    if (status === 'EFI_SUCCESS') this.#close(controller);
    return status;
  }

  start(controller: EfiHandle): void {
    const oldTpl = this.#bs.raiseTpl(TPL_CALLBACK);
    try {
      unwinding((unwind) => {
        const blockIo = this.#bs.openProtocol(
          controller,
          BlockIoProtocol,
          this.#agent,
          controller,
          EFI_OPEN_PROTOCOL_BY_DRIVER,
        );
        unwind.push(() => this.#close(controller));
        const { ram, quirks } = this.#libraries;
        const rangeUnchecked = quirks.has('DiskIoDxe.RangeUnchecked');
        const diskIo = new DiskIo(blockIo, this.#bs, ram, { rangeUnchecked });
        this.#bs.installProtocolInterface(controller, DiskIoProtocol, diskIo);
      });
    } finally {
      this.#bs.restoreTpl(oldTpl);
    }
  }

  stop(controller: EfiHandle): void {
    const diskIo = this.#bs.openProtocol(
      controller,
      DiskIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
    this.#bs.uninstallProtocolInterface(controller, DiskIoProtocol, diskIo);
    this.#close(controller);
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, BlockIoProtocol, this.#agent, controller);
  }
}

/** MdeModulePkg/Universal/Disk/DiskIoDxe/DiskIoDxe.inf */
export const diskIoDxe: DxeModule = {
  name: 'DiskIoDxe',
  fileGuid: guid('6b38f7b4-ad98-40e9-9093-aca2b5a253c4'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, libraries) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Generic Disk I/O Driver',
      (agent) => new DiskIoDriver(bootServices, agent, libraries),
    );
  },
};
