import type { EfiBootServices, EfiHandle, EfiPciIo, EfiStatus } from '@dxelab/uefi';
import {
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EfiError,
  efiStatusOf,
  isEfiFailure,
  PciIoProtocol,
} from '@dxelab/uefi';
import type { DriverBindingBody } from '@dxelab/uefi-lib';
import { unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import type { TransportDevice } from './install-device.ts';
import { installVirtioDevice, uninstallVirtioDevice } from './install-device.ts';

/** What is left of the binding of a PCI transport when that is taken away which all of them do. */
export interface PciTransport {
  /** Of the driver binding. */
  readonly version: number;
  /** Whether Stop fails if somebody else has closed PciIo; otherwise that has done no harm. */
  readonly stopFailsWithClose: boolean;
  /** Whether the function is a device of this transport. @throws whatever keeps it from being asked */
  matches(pciIo: EfiPciIo): boolean;
  /**
   * Makes a device of a function.
   * @param enableAttributes enables some of PciIo's, until the driver is stopped
   * @throws EFI_UNSUPPORTED if it is none of this transport; what PciIo throws
   */
  start(pciIo: EfiPciIo, enableAttributes: (attributes: number) => void): TransportDevice;
}

/** What Stop gives back to a function that was started. */
interface StartedFunction {
  readonly device: TransportDevice;
  readonly pciIo: EfiPciIo;
  readonly originalAttributes: number;
}

/** The binding of a PCI transport: PciIo below, VIRTIO_DEVICE_PROTOCOL above, one handle. */
export class PciTransportDriver implements DriverBindingBody {
  readonly version: number;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #transport: PciTransport;
  readonly #started = new Map<VirtioDevice, StartedFunction>();

  constructor(bs: EfiBootServices, agent: EfiHandle, transport: PciTransport) {
    this.#bs = bs;
    this.#agent = agent;
    this.#transport = transport;
    this.version = transport.version;
  }

  supported(controller: EfiHandle): EfiStatus {
    const opened = this.#bs.tryOpenProtocol(
      controller,
      PciIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_BY_DRIVER,
    );
    if (opened.status !== 'EFI_SUCCESS' || opened.interface === undefined) return opened.status;
    try {
      return this.#transport.matches(opened.interface) ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED';
    } catch (caught) {
      // a function that cannot be asked is none of ours, and why is the answer
      return efiStatusOf(caught);
    } finally {
      this.#close(controller);
    }
  }

  start(controller: EfiHandle): void {
    unwinding((unwind) => {
      const pciIo = this.#bs.openProtocol(
        controller,
        PciIoProtocol,
        this.#agent,
        controller,
        EFI_OPEN_PROTOCOL_BY_DRIVER,
      );
      unwind.push(() => this.#close(controller));
      let originalAttributes = 0;
      const device = this.#transport.start(pciIo, (attributes) => {
        originalAttributes = pciIo.getAttributes();
        unwind.push(() => pciIo.setAttributes(originalAttributes));
        pciIo.enableAttributes(attributes);
      });
      installVirtioDevice(this.#bs, controller, device);
      this.#started.set(device, { device, pciIo, originalAttributes });
    });
  }

  stop(controller: EfiHandle): void {
    const installed = this.#bs.openProtocol(
      controller,
      VirtioDeviceProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
    const started = this.#started.get(installed);
    if (started === undefined) {
      throw new EfiError('EFI_DEVICE_ERROR', 'the VirtioDevice is not one of this driver');
    }
    const { device, pciIo, originalAttributes } = started;
    uninstallVirtioDevice(this.#bs, controller, device);
    this.#started.delete(installed);
    device.release();
    try {
      pciIo.setAttributes(originalAttributes);
    } finally {
      this.#closeStopped(controller);
    }
  }

  #closeStopped(controller: EfiHandle): void {
    try {
      this.#close(controller);
    } catch (caught) {
      if (this.#transport.stopFailsWithClose || !isEfiFailure(caught)) throw caught;
    }
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, PciIoProtocol, this.#agent, controller);
  }
}
