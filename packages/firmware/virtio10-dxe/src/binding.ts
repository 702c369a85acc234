import type { EfiBootServices, EfiPciIo } from '@dxelab/uefi';
import {
  EFI_PCI_IO_ATTRIBUTE_BUS_MASTER,
  EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_IO_ATTRIBUTE_IO,
  EFI_PCI_IO_ATTRIBUTE_MEMORY,
  EfiError,
} from '@dxelab/uefi';
import type { PciTransport } from '@dxelab/virtio-transport-lib';
import type { VirtioCapabilities } from './capabilities.ts';
import { readVirtioCapabilities } from './capabilities.ts';
import { Virtio10Device } from './device.ts';
import { modernDeviceType } from './identity.ts';
import type { Virtio10Quirks } from './quirks.ts';

/** What PciTransportDriver binds to functions of the modern PCI transport. */
export function modernTransport(bs: EfiBootServices, quirks: Virtio10Quirks): PciTransport {
  return {
    // Higher than VirtioPciDeviceDxe's where both can drive a device: a transitional one goes to this.
    version: quirks.strictIdentity ? 0x10 : 0x11,
    stopFailsWithClose: false,
    matches: (pciIo) => isModern(pciIo, quirks),
    start(pciIo, enableAttributes) {
      const deviceType = modernDeviceType(pciIo, quirks);
      if (deviceType === undefined) {
        throw new EfiError('EFI_UNSUPPORTED', 'the function is no modern virtio device');
      }
      const capabilities = readVirtioCapabilities(pciIo, quirks);
      enableAttributes(neededAttributes(capabilities));
      return new Virtio10Device(bs, pciIo, deviceType, capabilities, quirks);
    },
  };
}

/** A device, above all a transitional one, counts only if it really has the modern structures. */
function isModern(pciIo: EfiPciIo, quirks: Virtio10Quirks): boolean {
  if (modernDeviceType(pciIo, quirks) === undefined) return false;
  if (quirks.strictIdentity) return true;
  // A malformed list of capabilities is a reason to say no, too: its status is the answer.
  const { common, notify } = readVirtioCapabilities(pciIo, quirks);
  return common !== undefined && notify !== undefined;
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
