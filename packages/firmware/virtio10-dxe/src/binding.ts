import type { EfiBootServices, EfiHandle, EfiPciIo, EfiStatus } from '@dxelab/uefi';
import {
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EFI_PCI_IO_ATTRIBUTE_BUS_MASTER,
  EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_IO_ATTRIBUTE_IO,
  EFI_PCI_IO_ATTRIBUTE_MEMORY,
  EfiError,
  efiStatusOf,
  PciIoProtocol,
} from '@dxelab/uefi';
import type { DriverBindingBody } from '@dxelab/uefi-lib';
import { unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { installVirtioDevice, uninstallVirtioDevice } from '@dxelab/virtio-transport-lib';
import type { VirtioCapabilities } from './capabilities.ts';
import { readVirtioCapabilities } from './capabilities.ts';
import { Virtio10Device } from './device.ts';
import { modernDeviceType } from './identity.ts';
import type { Virtio10Quirks } from './quirks.ts';

/** What Stop gives back to a function that was started. */
interface StartedFunction {
  readonly device: Virtio10Device;
  readonly pciIo: EfiPciIo;
  readonly originalAttributes: number;
}

/** The binding of the modern PCI transport: PciIo below, VIRTIO_DEVICE_PROTOCOL above, one handle. */
export class Virtio10Driver implements DriverBindingBody {
  /** Higher than VirtioPciDeviceDxe's where both can drive a device: a transitional one goes to this. */
  readonly version: number;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #quirks: Virtio10Quirks;
  readonly #started = new Map<VirtioDevice, StartedFunction>();

  constructor(bs: EfiBootServices, agent: EfiHandle, quirks: Virtio10Quirks) {
    this.#bs = bs;
    this.#agent = agent;
    this.#quirks = quirks;
    this.version = quirks.strictIdentity ? 0x10 : 0x11;
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
      return this.#isModern(opened.interface) ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED';
    } catch (caught) {
      // a malformed capability list is a reason to say no
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
      const deviceType = modernDeviceType(pciIo, this.#quirks);
      if (deviceType === undefined) {
        throw new EfiError('EFI_UNSUPPORTED', 'the function is no modern virtio device');
      }
      const capabilities = readVirtioCapabilities(pciIo, this.#quirks);
      const originalAttributes = pciIo.getAttributes();
      unwind.push(() => pciIo.setAttributes(originalAttributes));
      pciIo.enableAttributes(neededAttributes(capabilities));
      const device = new Virtio10Device(this.#bs, pciIo, deviceType, capabilities, this.#quirks);
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
    try {
      started.pciIo.setAttributes(started.originalAttributes);
    } finally {
      this.#close(controller);
    }
  }

  /** A device, above all a transitional one, counts only if it really has the modern structures. */
  #isModern(pciIo: EfiPciIo): boolean {
    if (modernDeviceType(pciIo, this.#quirks) === undefined) return false;
    if (this.#quirks.strictIdentity) return true;
    const { common, notify } = readVirtioCapabilities(pciIo, this.#quirks);
    return common !== undefined && notify !== undefined;
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, PciIoProtocol, this.#agent, controller);
  }
}

/** Bus mastering, 64-bit addresses, and the decoding of the BARs that the structures lie in. */
function neededAttributes({ common, notify, device }: VirtioCapabilities): number {
  let attributes = EFI_PCI_IO_ATTRIBUTE_BUS_MASTER | EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE;
  for (const block of [common, notify, device]) {
    if (block === undefined) continue;
    attributes |= block.kind === 'io' ? EFI_PCI_IO_ATTRIBUTE_IO : EFI_PCI_IO_ATTRIBUTE_MEMORY;
  }
  return attributes;
}
