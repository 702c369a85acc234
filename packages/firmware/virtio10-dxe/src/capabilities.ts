import type { PciCapability } from '@dxelab/pci';
import { EFI_PCI_CAPABILITY_ID_VENDOR, PCI_MAX_BAR, readPciCapabilities } from '@dxelab/pci';
import type { EfiPciIo, EfiPciResource } from '@dxelab/uefi';
import { EfiError, efiStatusOf, EfiPciWidthUint32, EfiPciWidthUint8 } from '@dxelab/uefi';
import {
  VIRTIO_PCI_CAP,
  VIRTIO_PCI_CAP_COMMON_CFG,
  VIRTIO_PCI_CAP_DEVICE_CFG,
  VIRTIO_PCI_CAP_NOTIFY_CFG,
} from '@dxelab/virtio';
import { CapabilityBlock } from './registers.ts';
import type { Virtio10Quirks } from './quirks.ts';

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
 * Finds the structures of a modern device through its vendor-specific capabilities: of each type the
 * first that is usable. With `lastCapabilityWins` it is the last, and one that points nowhere fails
 * them all, as in OVMF.
 * @throws EFI_DEVICE_ERROR if the capability list is malformed; with `lastCapabilityWins`
 *   EFI_UNSUPPORTED and EFI_BAD_BUFFER_SIZE
 */
export function readVirtioCapabilities(
  pciIo: EfiPciIo,
  { lastCapabilityWins, listUnchecked }: Virtio10Quirks,
): VirtioCapabilities {
  const found = new Map<number, CapabilityBlock>();
  let notifyOffMultiplier = 0;
  const list = readPciCapabilities((width, at) => pciIo.pci.read(width, at), listUnchecked);
  for (const capability of list) {
    // the extended list counts its ids anew
    if (capability.domain !== 'normal' || capability.id !== EFI_PCI_CAPABILITY_ID_VENDOR) continue;
    const at = capability.offset;
    const length = pciIo.pci.read(EfiPciWidthUint8, at + VIRTIO_PCI_CAP.len);
    if (length < CAP_SIZE || !fits(capability, CAP_SIZE, lastCapabilityWins)) continue;
    const bytes = new Uint8Array(CAP_SIZE);
    pciIo.pci.readBuffer(EfiPciWidthUint32, at, CAP_SIZE / 4, bytes);
    const fields = new DataView(bytes.buffer);
    const cfgType = fields.getUint8(VIRTIO_PCI_CAP.cfgType);
    if (!isWanted(cfgType) || (found.has(cfgType) && !lastCapabilityWins)) continue;
    const block = locateBlock(pciIo, fields, lastCapabilityWins);
    if (block === undefined) continue;
    if (cfgType === VIRTIO_PCI_CAP_NOTIFY_CFG) {
      if (length < NOTIFY_CAP_SIZE || !fits(capability, NOTIFY_CAP_SIZE, lastCapabilityWins)) {
        // OVMF has noted the place by now, which counts if an earlier one gave the multiplier
        if (lastCapabilityWins && found.has(cfgType)) found.set(cfgType, block);
        continue;
      }
      notifyOffMultiplier = pciIo.pci.read(EfiPciWidthUint32, at + VIRTIO_PCI_CAP.extra);
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

/** Whether a capability can be as long as it says before the next one begins. */
function fits({ offset, sizeHint }: PciCapability, size: number, strict: boolean): boolean {
  if (size <= sizeHint) return true;
  if (!strict) return false;
  throw new EfiError(
    'EFI_BAD_BUFFER_SIZE',
    `the capability at 0x${offset.toString(16)} has ${sizeHint} bytes, and ${size} are to be read`,
  );
}

/** The structure that a capability points to; `undefined` if it is not usable. */
function locateBlock(
  pciIo: EfiPciIo,
  fields: DataView,
  strict: boolean,
): CapabilityBlock | undefined {
  const bar = fields.getUint8(VIRTIO_PCI_CAP.bar);
  const offset = fields.getUint32(VIRTIO_PCI_CAP.offset, true);
  const length = fields.getUint32(VIRTIO_PCI_CAP.length, true);
  const resource = strict ? pciIo.getBarAttributes(bar).resource : usableBar(pciIo, bar);
  // virtio §4.1.4.1: what lies outside its BAR is ignored
  if (resource === undefined || (!strict && offset + length > resource.length)) return undefined;
  return new CapabilityBlock(pciIo, resource.type === 'io' ? 'io' : 'memory', bar, offset, length);
}

/** What lies behind a BAR; reserved values and BARs that are not there are ignored (virtio §4.1.4.1). */
function usableBar(pciIo: EfiPciIo, bar: number): EfiPciResource | undefined {
  if (bar >= PCI_MAX_BAR) return undefined;
  try {
    return pciIo.getBarAttributes(bar).resource;
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_UNSUPPORTED') return undefined;
    throw caught;
  }
}
