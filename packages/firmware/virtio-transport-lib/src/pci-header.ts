import type { EfiPciIo } from '@dxelab/uefi';
import { EfiPciWidthUint32 } from '@dxelab/uefi';
import {
  VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_FIRST,
  VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_LAST,
} from '@dxelab/virtio';

/** PCI_TYPE00 is read whole, as 16 double words. */
const HEADER_WORDS = 16;

/** The configuration header of a function, little-endian, in one call as OVMF reads it. */
export function readPciHeader(pciIo: Pick<EfiPciIo, 'pci'>): DataView {
  const bytes = new Uint8Array(HEADER_WORDS * 4);
  pciIo.pci.readBuffer(EfiPciWidthUint32, 0, HEADER_WORDS, bytes);
  return new DataView(bytes.buffer);
}

/** Whether a PCI device id is one of those that legacy and transitional devices have (virtio §4.1.2). */
export function isTransitional(deviceId: number): boolean {
  return (
    deviceId >= VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_FIRST &&
    deviceId <= VIRTIO_PCI_TRANSITIONAL_DEVICE_ID_LAST
  );
}
