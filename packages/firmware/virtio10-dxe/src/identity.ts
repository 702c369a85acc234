import {
  PCI_CLASSCODE_OFFSET,
  PCI_DEVICE_ID_OFFSET,
  PCI_PRIMARY_STATUS_OFFSET,
  PCI_REVISION_ID_OFFSET,
  PCI_STATUS_CAPABILITY,
  PCI_SUBSYSTEM_ID_OFFSET,
  PCI_VENDOR_ID_OFFSET,
} from '@dxelab/pci';
import type { EfiPciIo } from '@dxelab/uefi';
import { VIRTIO_PCI_MODERN_DEVICE_ID_BASE, VIRTIO_VENDOR_ID } from '@dxelab/virtio';
import { isTransitional, readPciHeader } from '@dxelab/virtio-transport-lib';
import type { Virtio10Quirks } from './quirks.ts';

const MODERN_LAST = 0x107f;
const GPU = VIRTIO_PCI_MODERN_DEVICE_ID_BASE + 16;
/** Display controller, VGA compatible, as the upper three bytes of the class code register. */
const CLASS_VGA = 0x030000;

/**
 * The virtio device type of a PCI function that this transport drives; `undefined` if it does not
 * (virtio §4.1.2). With `strictIdentity` OVMF's stricter rules hold.
 */
export function modernDeviceType(pciIo: EfiPciIo, quirks: Virtio10Quirks): number | undefined {
  const header = readPciHeader(pciIo);
  const deviceId = header.getUint16(PCI_DEVICE_ID_OFFSET, true);
  const hasCapabilities =
    (header.getUint16(PCI_PRIMARY_STATUS_OFFSET, true) & PCI_STATUS_CAPABILITY) !== 0;
  if (header.getUint16(PCI_VENDOR_ID_OFFSET, true) !== VIRTIO_VENDOR_ID || !hasCapabilities) {
    return undefined;
  }
  const modern = deviceId >= VIRTIO_PCI_MODERN_DEVICE_ID_BASE && deviceId <= MODERN_LAST;
  const subsystemId = header.getUint16(PCI_SUBSYSTEM_ID_OFFSET, true);
  if (quirks.strictIdentity) {
    const vga = header.getUint32(PCI_CLASSCODE_OFFSET - 1, true) >>> 8 === CLASS_VGA;
    const revision = header.getUint8(PCI_REVISION_ID_OFFSET);
    if (!modern || revision < 1 || subsystemId < 0x40 || (deviceId === GPU && vga)) {
      return undefined;
    }
  }
  if (modern) return deviceId - VIRTIO_PCI_MODERN_DEVICE_ID_BASE;
  return isTransitional(deviceId) ? subsystemId : undefined;
}
