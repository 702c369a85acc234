import { CoherentDma } from '@dxelab/coherent-dma-lib';
import type { GuestRam } from '@dxelab/platform';
import type { EfiBootServices, EfiHandle, EfiPciIo, EfiStatus } from '@dxelab/uefi';
import {
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EFI_PCI_IO_ATTRIBUTE_BUS_MASTER,
  EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_IO_ATTRIBUTE_IO,
  EfiError,
  efiStatusOf,
  isEfiFailure,
  PciIoProtocol,
} from '@dxelab/uefi';
import type { DriverBindingBody } from '@dxelab/uefi-lib';
import { unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { installVirtioDevice, uninstallVirtioDevice } from '@dxelab/virtio-transport-lib';
import { VirtioPciDevice } from './device.ts';
import { legacyDeviceType } from './identity.ts';
import type { VirtioPciQuirks } from './quirks.ts';

/** What Stop gives back to a function that was started. */
interface StartedFunction {
  readonly device: VirtioPciDevice;
  readonly pciIo: EfiPciIo;
  readonly originalAttributes: number;
}

/** The binding of the legacy PCI transport: PciIo below, VIRTIO_DEVICE_PROTOCOL above, one handle. */
export class VirtioPciDriver implements DriverBindingBody {
  readonly version: number = 0x10;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #ram: GuestRam;
  readonly #quirks: VirtioPciQuirks;
  readonly #started = new Map<VirtioDevice, StartedFunction>();

  constructor(bs: EfiBootServices, agent: EfiHandle, ram: GuestRam, quirks: VirtioPciQuirks) {
    this.#bs = bs;
    this.#agent = agent;
    this.#ram = ram;
    this.#quirks = quirks;
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
      const deviceType = legacyDeviceType(opened.interface, this.#quirks);
      return deviceType === undefined ? 'EFI_UNSUPPORTED' : 'EFI_SUCCESS';
    } catch (caught) {
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
      const originalAttributes = pciIo.getAttributes();
      pciIo.enableAttributes(neededAttributes(this.#quirks));
      unwind.push(() => pciIo.setAttributes(originalAttributes));
      const deviceType = legacyDeviceType(pciIo, this.#quirks);
      if (deviceType === undefined) {
        throw new EfiError('EFI_UNSUPPORTED', 'the function is no legacy virtio device');
      }
      const dma = this.#quirks.mapsIdentity
        ? new CoherentDma(this.#bs, this.#ram, { unmapTwice: true })
        : pciIo;
      const device = new VirtioPciDevice(this.#bs, pciIo, deviceType, dma, this.#quirks);
      installVirtioDevice(this.#bs, controller, device);
      this.#started.set(device, { device, pciIo, originalAttributes });
    });
  }

  stop(controller: EfiHandle): void {
    const device = this.#bs.openProtocol(
      controller,
      VirtioDeviceProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
    const started = this.#started.get(device);
    if (started === undefined) {
      throw new EfiError('EFI_DEVICE_ERROR', 'the VirtioDevice is not one of this driver');
    }
    uninstallVirtioDevice(this.#bs, controller, started.device);
    this.#started.delete(device);
    started.device.release();
    try {
      started.pciIo.setAttributes(started.originalAttributes);
    } finally {
      this.#closeStopped(controller);
    }
  }

  /** Whoever closed it before has done no harm: the device is stopped. */
  #closeStopped(controller: EfiHandle): void {
    try {
      this.#close(controller);
    } catch (caught) {
      if (this.#quirks.stopFailsWithClose || !isEfiFailure(caught)) throw caught;
    }
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, PciIoProtocol, this.#agent, controller);
  }
}

/** The decoding of BAR 0 and bus mastering; with PciIo's DMA also addresses of 64 bits. */
function neededAttributes({ mapsIdentity }: VirtioPciQuirks): number {
  const legacy = EFI_PCI_IO_ATTRIBUTE_IO | EFI_PCI_IO_ATTRIBUTE_BUS_MASTER;
  return mapsIdentity ? legacy : legacy | EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE;
}
