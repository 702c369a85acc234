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
  guid,
  PciIoProtocol,
} from '@dxelab/uefi';
import type { DriverBindingBody, DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2, unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import type { VirtioCapabilities } from './virtio-capabilities.ts';
import { readVirtioCapabilities } from './virtio-capabilities.ts';
import { Virtio10Device } from './virtio10-device.ts';
import { modernDeviceType } from './virtio10-identity.ts';
import type { Virtio10Quirks } from './virtio10-quirks.ts';
import { virtio10Quirks } from './virtio10-quirks.ts';

/** What Stop gives back to a function that was started. */
interface StartedFunction {
  readonly pciIo: EfiPciIo;
  readonly originalAttributes: number;
}

/** The binding of the modern PCI transport: PciIo below, VIRTIO_DEVICE_PROTOCOL above, one handle. */
class Virtio10Driver implements DriverBindingBody {
  readonly version: number = 0x10;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #quirks: Virtio10Quirks;
  readonly #started = new Map<VirtioDevice, StartedFunction>();

  constructor(bs: EfiBootServices, agent: EfiHandle, quirks: Virtio10Quirks) {
    this.#bs = bs;
    this.#agent = agent;
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
      this.#bs.installProtocolInterface(controller, VirtioDeviceProtocol, device);
      this.#started.set(device, { pciIo, originalAttributes });
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
    this.#bs.uninstallProtocolInterface(controller, VirtioDeviceProtocol, device);
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

/** OvmfPkg/Virtio10Dxe/Virtio10.inf */
export const virtio10Dxe: DxeModule = {
  name: 'Virtio10Dxe',
  fileGuid: guid('0170f60c-1d40-4651-956d-f0bd9879d527'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }, { quirks }) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Virtio 1.0 PCI Driver',
      (agent) => new Virtio10Driver(bootServices, agent, virtio10Quirks(quirks)),
    );
  },
};
