import { PCI_DEVICE_ID_OFFSET, PCI_SUBSYSTEM_ID_OFFSET, PCI_VENDOR_ID_OFFSET } from '@dxelab/pci';
import type { EfiBootServices, EfiPciIo } from '@dxelab/uefi';
import { EfiPciWidthUint16, PciIoProtocol } from '@dxelab/uefi';
import {
  VIRTIO_PCI_MODERN_DEVICE_ID_BASE,
  VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_FIRST,
  VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_LAST,
  VIRTIO_SUBSYSTEM_ENTROPY_SOURCE,
  VIRTIO_VENDOR_ID,
  VirtioDeviceProtocol,
} from '@dxelab/virtio';
import { connect, handlesWith } from './connect.ts';
import { opened } from './opened.ts';

/**
 * Connects virtio entropy devices, so that a loader finds EFI_RNG_PROTOCOL wherever it comes from:
 * those on PCI, and those that are virtio devices already, as on MMIO.
 * OvmfPkg/Library/PlatformBootManagerLib, PlatformBootManagerLibLight.
 */
export function connectVirtioRng(bs: EfiBootServices): void {
  for (const handle of handlesWith(bs, PciIoProtocol)) {
    const pciIo = opened(bs, handle, PciIoProtocol);
    if (pciIo !== undefined && isVirtioPciRng(pciIo)) connect(bs, handle, false);
  }
  for (const handle of handlesWith(bs, VirtioDeviceProtocol)) {
    const type = opened(bs, handle, VirtioDeviceProtocol)?.subSystemDeviceId;
    if (type === VIRTIO_SUBSYSTEM_ENTROPY_SOURCE) connect(bs, handle, false);
  }
}

/** By its ids alone: no driver has looked at it yet (virtio §4.1.2). */
function isVirtioPciRng({ pci }: EfiPciIo): boolean {
  const read = (offset: number): number => pci.read(EfiPciWidthUint16, offset);
  if (read(PCI_VENDOR_ID_OFFSET) !== VIRTIO_VENDOR_ID) return false;
  const device = read(PCI_DEVICE_ID_OFFSET);
  if (device === VIRTIO_PCI_MODERN_DEVICE_ID_BASE + VIRTIO_SUBSYSTEM_ENTROPY_SOURCE) return true;
  return (
    device >= VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_FIRST &&
    device <= VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_LAST &&
    read(PCI_SUBSYSTEM_ID_OFFSET) === VIRTIO_SUBSYSTEM_ENTROPY_SOURCE
  );
}
