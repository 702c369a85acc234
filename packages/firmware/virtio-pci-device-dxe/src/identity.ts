import {
  PCI_DEVICE_ID_OFFSET,
  PCI_REVISION_ID_OFFSET,
  PCI_SUBSYSTEM_ID_OFFSET,
  PCI_VENDOR_ID_OFFSET,
} from '@dxelab/pci';
import type { EfiPciIo } from '@dxelab/uefi';
import { efiStatusOf } from '@dxelab/uefi';
import { VIRTIO_PCI_LEGACY_BAR, VIRTIO_PCI_LEGACY_CONFIG, VIRTIO_VENDOR_ID } from '@dxelab/virtio';
import { isTransitional, readPciHeader } from '@dxelab/virtio-transport-lib';
import type { VirtioPciQuirks } from './quirks.ts';

/**
 * The virtio device type of a PCI function that this transport drives; `undefined` if it does not
 * (virtio §4.1.2.3). With `barUnchecked` its registers are taken to be where they belong.
 */
export function legacyDeviceType(pciIo: EfiPciIo, quirks: VirtioPciQuirks): number | undefined {
  const header = readPciHeader(pciIo);
  const isVirtio = header.getUint16(PCI_VENDOR_ID_OFFSET, true) === VIRTIO_VENDOR_ID;
  const revision = header.getUint8(PCI_REVISION_ID_OFFSET);
  if (!isVirtio || !isTransitional(header.getUint16(PCI_DEVICE_ID_OFFSET, true)) || revision !== 0)
    return undefined;
  if (!quirks.barUnchecked && !hasLegacyRegisters(pciIo)) return undefined;
  return header.getUint16(PCI_SUBSYSTEM_ID_OFFSET, true);
}

/** Whether BAR 0 is of I/O space, and the registers fit (virtio §4.1.4.10). */
function hasLegacyRegisters(pciIo: EfiPciIo): boolean {
  try {
    const { type, length } = pciIo.getBarAttributes(VIRTIO_PCI_LEGACY_BAR).resource;
    return type === 'io' && length >= VIRTIO_PCI_LEGACY_CONFIG;
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_UNSUPPORTED') return false;
    throw caught;
  }
}
