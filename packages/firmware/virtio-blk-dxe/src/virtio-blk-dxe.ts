import type { EfiBootServices, EfiHandle, EfiStatus } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  EfiError,
  guid,
  TPL_CALLBACK,
  type EfiEvent,
} from '@dxelab/uefi';
import type { DriverBindingBody, DxeModule, ModuleLibraries } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2, unwinding } from '@dxelab/uefi-lib';
import { VIRTIO_SUBSYSTEM_BLOCK_DEVICE, VirtioDeviceProtocol } from '@dxelab/virtio';
import { virtioSupported } from '@dxelab/virtio-lib';
import { VirtioBlk } from './virtio-blk.ts';

/** The binding: VIRTIO_DEVICE_PROTOCOL below, EFI_BLOCK_IO_PROTOCOL above, one handle. */
class VirtioBlkDriver implements DriverBindingBody {
  readonly version: number = 0x10;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #libraries: ModuleLibraries;
  /** Of each device that runs: the event at which it has to stop. */
  readonly #exitBoot = new Map<VirtioBlk, EfiEvent>();

  constructor(bs: EfiBootServices, agent: EfiHandle, libraries: ModuleLibraries) {
    this.#bs = bs;
    this.#agent = agent;
    this.#libraries = libraries;
  }

  supported(controller: EfiHandle): EfiStatus {
    return virtioSupported(this.#bs, this.#agent, controller, VIRTIO_SUBSYSTEM_BLOCK_DEVICE);
  }

  start(controller: EfiHandle): void {
    unwinding((unwind) => {
      const virtIo = this.#bs.openProtocol(
        controller,
        VirtioDeviceProtocol,
        this.#agent,
        controller,
        EFI_OPEN_PROTOCOL_BY_DRIVER,
      );
      unwind.push(() => this.#close(controller));
      const blk = new VirtioBlk(virtIo, this.#bs, this.#libraries);
      unwind.push(() => blk.uninit());
      const exitBoot = this.#bs.createEvent(
        EVT_SIGNAL_EXIT_BOOT_SERVICES,
        TPL_CALLBACK,
        (_event, device) => device.exitBoot(),
        blk,
      );
      unwind.push(() => this.#bs.closeEvent(exitBoot));
      this.#bs.installProtocolInterface(controller, BlockIoProtocol, blk);
      this.#exitBoot.set(blk, exitBoot);
    });
  }

  stop(controller: EfiHandle): void {
    const blk = this.#bs.openProtocol(
      controller,
      BlockIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
    const exitBoot = blk instanceof VirtioBlk ? this.#exitBoot.get(blk) : undefined;
    if (!(blk instanceof VirtioBlk) || exitBoot === undefined) {
      throw new EfiError('EFI_DEVICE_ERROR', 'the BlockIo of the controller is not of this driver');
    }
    this.#bs.uninstallProtocolInterface(controller, BlockIoProtocol, blk);
    this.#exitBoot.delete(blk);
    try {
      this.#bs.closeEvent(exitBoot);
      blk.uninit();
    } finally {
      this.#close(controller);
    }
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, VirtioDeviceProtocol, this.#agent, controller);
  }
}

/** OvmfPkg/VirtioBlkDxe/VirtioBlk.inf */
export const virtioBlkDxe: DxeModule = {
  name: 'VirtioBlkDxe',
  fileGuid: guid('11d92dfb-3ca9-4f93-ba2e-4780ed3e03b5'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, libraries) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Virtio Block Driver',
      (agent) => new VirtioBlkDriver(bootServices, agent, libraries),
    );
  },
};
