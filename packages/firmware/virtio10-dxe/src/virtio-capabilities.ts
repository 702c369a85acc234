import type { PciCapability } from '@dxelab/pci';
import { EFI_PCI_CAPABILITY_ID_VENDOR, PCI_MAX_BAR, readPciCapabilities } from '@dxelab/pci';
import type { EfiPciIo } from '@dxelab/uefi';
import { efiStatusOf } from '@dxelab/uefi';
import {
  VIRTIO_PCI_CAP,
  VIRTIO_PCI_CAP_COMMON_CFG,
  VIRTIO_PCI_CAP_DEVICE_CFG,
  VIRTIO_PCI_CAP_NOTIFY_CFG,
} from '@dxelab/virtio';
import { CapabilityBlock } from './capability-block.ts';

/** Bytes of struct virtio_pci_cap, and of the one that ends with notify_off_multiplier. */
const CAP_SIZE = 16;
const NOTIFY_CAP_SIZE = 20;

/** The structures that the driver works with, as far as the device has them (virtio §4.1.4). */
export interface VirtioCapabilities {
  readonly common: CapabilityBlock | undefined;
  readonly notify: CapabilityBlock | undefined;
  readonly notifyOffMultiplier: number;
  readonly device: CapabilityBlock | undefined;
}

/**
 * Finds the structures of a modern device through its vendor-specific capabilities.
 * @param lastWins what OVMF does: of two capabilities of a type the last counts, and one that points
 *   nowhere fails them all; the standard wants the first that is usable
 * @throws EFI_DEVICE_ERROR if the capability list is malformed; with `lastWins` EFI_UNSUPPORTED
 */
export function readVirtioCapabilities(pciIo: EfiPciIo, lastWins: boolean): VirtioCapabilities {
  const found = new Map<number, CapabilityBlock>();
  let notifyOffMultiplier = 0;
  for (const capability of readPciCapabilities((width, at) => pciIo.pci.read(width, at))) {
    if (capability.id !== EFI_PCI_CAPABILITY_ID_VENDOR) continue;
    const length = pciIo.pci.read(0, capability.offset + VIRTIO_PCI_CAP.len);
    if (length < CAP_SIZE) continue;
    const cfgType = pciIo.pci.read(0, capability.offset + VIRTIO_PCI_CAP.cfgType);
    if (!isWanted(cfgType) || (found.has(cfgType) && !lastWins)) continue;
    const block = locateBlock(pciIo, capability, lastWins);
    if (block === undefined) continue;
    if (cfgType === VIRTIO_PCI_CAP_NOTIFY_CFG) {
      if (length < NOTIFY_CAP_SIZE) continue;
      notifyOffMultiplier = pciIo.pci.read(2, capability.offset + VIRTIO_PCI_CAP.extra);
    }
    found.set(cfgType, block);
  }
  return {
    common: found.get(VIRTIO_PCI_CAP_COMMON_CFG),
    notify: found.get(VIRTIO_PCI_CAP_NOTIFY_CFG),
    notifyOffMultiplier,
    device: found.get(VIRTIO_PCI_CAP_DEVICE_CFG),
  };
}

function isWanted(cfgType: number): boolean {
  return (
    cfgType === VIRTIO_PCI_CAP_COMMON_CFG ||
    cfgType === VIRTIO_PCI_CAP_NOTIFY_CFG ||
    cfgType === VIRTIO_PCI_CAP_DEVICE_CFG
  );
}

/** The structure that a capability points to; `undefined` if it is not usable. */
function locateBlock(
  pciIo: EfiPciIo,
  { offset: at }: PciCapability,
  lastWins: boolean,
): CapabilityBlock | undefined {
  const bar = pciIo.pci.read(0, at + VIRTIO_PCI_CAP.bar);
  const offset = pciIo.pci.read(2, at + VIRTIO_PCI_CAP.offset);
  const length = pciIo.pci.read(2, at + VIRTIO_PCI_CAP.length);
  if (lastWins) {
    const { resource } = pciIo.getBarAttributes(bar);
    return new CapabilityBlock(
      pciIo,
      resource.type === 'io' ? 'io' : 'memory',
      bar,
      offset,
      length,
    );
  }
  // virtio §4.1.4.1: reserved BAR values are ignored, and so is what lies outside its BAR
  if (bar >= PCI_MAX_BAR) return undefined;
  try {
    const { resource } = pciIo.getBarAttributes(bar);
    if (offset + length > resource.length) return undefined;
    return new CapabilityBlock(
      pciIo,
      resource.type === 'io' ? 'io' : 'memory',
      bar,
      offset,
      length,
    );
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_UNSUPPORTED') return undefined;
    throw caught;
  }
}
