import type { EfiBootServices, EfiEvent, EfiHandle, EfiStatus, Protocol } from '@dxelab/uefi';
import {
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EfiError,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { DriverBindingBody } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2, unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice, VirtioQueueAccess } from '@dxelab/virtio';
import { VirtioDeviceProtocol, VirtioQueueAccessProtocol } from '@dxelab/virtio';
import { virtioSupported } from './virtio-supported.ts';

/** What a driver makes of a device: the interface of its protocol, with the two ways in which it ends. */
export interface VirtioProduct {
  /** At ExitBootServices: stops the device; memory can no longer be given back, and need not be. */
  exitBoot(): void;
  /** Resets the device and gives back all that it had. */
  uninit(): void;
}

/** What distinguishes one virtio driver from another. */
export interface VirtioDriverOptions<Interface> {
  /** In English, for EFI_COMPONENT_NAME2_PROTOCOL. */
  readonly driverName: string;
  /** Of the devices that it drives. */
  readonly subSystemDeviceId: number;
  /** What is installed on the device's handle. */
  readonly protocol: Protocol<Interface>;
  /**
   * Brings a device up.
   * @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR: nothing remains then
   * @param access if `usesQueueAccess`, and if the transport has it
   */
  init(virtIo: VirtioDevice, access: VirtioQueueAccess | undefined): Interface & VirtioProduct;
  /** Whether it asks the transport for more than OVMF's rings need. Default: no. */
  readonly usesQueueAccess?: boolean;
}

/**
 * The entry point of every virtio driver: installs a driver binding, version 0x10, that turns
 * VIRTIO_DEVICE_PROTOCOL into another protocol on the same handle (UEFI §11.1), in the order of OVMF's
 * drivers. OvmfPkg/VirtioBlkDxe, VirtioScsiDxe, VirtioRngDxe.
 * @throws as `efiLibInstallDriverBindingComponentName2`
 */
export function virtioInstallDriver<Interface>(
  imageHandle: EfiHandle,
  bs: EfiBootServices,
  options: VirtioDriverOptions<Interface>,
): void {
  efiLibInstallDriverBindingComponentName2(
    bs,
    imageHandle,
    options.driverName,
    (agent) => new VirtioDriver(bs, agent, options),
  );
}

interface Running {
  readonly product: VirtioProduct;
  readonly exitBoot: EfiEvent;
}

class VirtioDriver<Interface> implements DriverBindingBody {
  readonly version: number = 0x10;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #options: VirtioDriverOptions<Interface>;
  /** By what was installed. */
  readonly #running = new Map<Interface, Running>();

  constructor(bs: EfiBootServices, agent: EfiHandle, options: VirtioDriverOptions<Interface>) {
    this.#bs = bs;
    this.#agent = agent;
    this.#options = options;
  }

  supported(controller: EfiHandle): EfiStatus {
    return virtioSupported(this.#bs, this.#agent, controller, this.#options.subSystemDeviceId);
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
      const product = this.#options.init(virtIo, this.#queueAccess(controller));
      unwind.push(() => product.uninit());
      const exitBoot = this.#bs.createEvent(
        EVT_SIGNAL_EXIT_BOOT_SERVICES,
        TPL_CALLBACK,
        (_event, device: VirtioProduct) => device.exitBoot(),
        product,
      );
      unwind.push(() => this.#bs.closeEvent(exitBoot));
      this.#bs.installProtocolInterface(controller, this.#options.protocol, product);
      this.#running.set(product, { product, exitBoot });
    });
  }

  stop(controller: EfiHandle): void {
    const { protocol } = this.#options;
    const installed = this.#bs.openProtocol(
      controller,
      protocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
    const running = this.#running.get(installed);
    if (running === undefined) {
      const message = `the ${protocol.name} of the controller is not of this driver`;
      throw new EfiError('EFI_DEVICE_ERROR', message);
    }
    this.#bs.uninstallProtocolInterface(controller, protocol, installed);
    this.#running.delete(installed);
    try {
      this.#bs.closeEvent(running.exitBoot);
      running.product.uninit();
    } finally {
      this.#close(controller);
    }
  }

  #queueAccess(controller: EfiHandle): VirtioQueueAccess | undefined {
    if (this.#options.usesQueueAccess !== true) return undefined;
    const attributes = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
    const agent = this.#agent;
    return this.#bs.tryOpenProtocol(
      controller,
      VirtioQueueAccessProtocol,
      agent,
      controller,
      attributes,
    ).interface;
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, VirtioDeviceProtocol, this.#agent, controller);
  }
}
