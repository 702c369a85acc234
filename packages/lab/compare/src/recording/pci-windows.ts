import type { PciConfigReader } from '@dxelab/pci';
import {
  EFI_PCI_CAPABILITY_ID_MSIX,
  EFI_PCI_CAPABILITY_ID_VENDOR,
  PCI_BASE_ADDRESSREG_OFFSET,
  PCI_COMMAND_IO_SPACE,
  PCI_COMMAND_MEMORY_SPACE,
  PCI_COMMAND_OFFSET,
  readPciCapabilities,
} from '@dxelab/pci';
import { EfiError } from '@dxelab/uefi';
import {
  VIRTIO_PCI_CAP,
  VIRTIO_PCI_CAP_COMMON_CFG,
  VIRTIO_PCI_CAP_DEVICE_CFG,
  VIRTIO_PCI_CAP_ISR_CFG,
  VIRTIO_PCI_CAP_NOTIFY_CFG,
  VIRTIO_PCI_CAP_PCI_CFG,
  VIRTIO_PCI_LEGACY_BAR,
  VIRTIO_PCI_LEGACY_CONFIG,
  VIRTIO_PCI_LEGACY_CONFIG_MSIX,
} from '@dxelab/virtio';
import type { NamedCapability } from './pci-registers.ts';
import type { StructureName } from './registers.ts';

/** A range of addresses behind which a structure of a device is. */
export interface Window {
  readonly space: 'mmio' | 'port';
  readonly base: number;
  /** In bytes, or ports. */
  readonly length: number;
  readonly structure: StructureName;
  /** Where the device's own configuration begins in it, if it holds that too. */
  readonly configOffset: number | undefined;
}

const STRUCTURES: Readonly<Record<number, StructureName>> = {
  [VIRTIO_PCI_CAP_COMMON_CFG]: 'common',
  [VIRTIO_PCI_CAP_NOTIFY_CFG]: 'notify',
  [VIRTIO_PCI_CAP_ISR_CFG]: 'isr',
  [VIRTIO_PCI_CAP_DEVICE_CFG]: 'config',
};

/** How the capabilities of PCI itself are called; others by their number. */
const CAPABILITIES: Readonly<Record<number, string>> = {
  0x01: 'powerManagement',
  0x05: 'msi',
  0x10: 'express',
  [EFI_PCI_CAPABILITY_ID_MSIX]: 'msix',
};

const MODERN_DEVICE = 0x1040;
/** A BAR of I/O has so many ports at most. */
const MOST_PORTS = 0x100;
const MSIX_ENABLE = 0x8000;
const MSIX_CONTROL = 2;
const IO_BAR = 1;
const BAR_TYPE = 0x6;
const BAR_64 = 0x4;

/** The capabilities of a function by their names; none if its list is broken. */
export function namedCapabilities(read: PciConfigReader): readonly NamedCapability[] {
  return capabilitiesOf(read).map(({ id, offset }) => ({
    offset,
    name:
      id === EFI_PCI_CAPABILITY_ID_VENDOR
        ? vendorName(read(0, offset + VIRTIO_PCI_CAP.cfgType))
        : (CAPABILITIES[id] ?? `capability${id}`),
  }));
}

function vendorName(type: number): string {
  if (type === VIRTIO_PCI_CAP_PCI_CFG) return 'pciCfgCapability';
  return `${STRUCTURES[type] ?? `type${type}`}Capability`;
}

/** Where a virtio function's structures are, as far as it decodes its BARs now. */
export function pciWindows(read: PciConfigReader, deviceId: number): readonly Window[] {
  const command = read(1, PCI_COMMAND_OFFSET);
  const capabilities = capabilitiesOf(read);
  const windows: Window[] = [];
  const legacy = read(2, PCI_BASE_ADDRESSREG_OFFSET + VIRTIO_PCI_LEGACY_BAR * 4);
  const hasLegacy = deviceId < MODERN_DEVICE && (legacy & IO_BAR) !== 0;
  if (hasLegacy && (command & PCI_COMMAND_IO_SPACE) !== 0) {
    const msix = capabilities.find(({ id }) => id === EFI_PCI_CAPABILITY_ID_MSIX);
    const enabled = msix !== undefined && (read(1, msix.offset + MSIX_CONTROL) & MSIX_ENABLE) !== 0;
    windows.push({
      space: 'port',
      base: (legacy & ~3) >>> 0,
      length: MOST_PORTS,
      structure: 'legacy',
      configOffset: enabled ? VIRTIO_PCI_LEGACY_CONFIG_MSIX : VIRTIO_PCI_LEGACY_CONFIG,
    });
  }
  if ((command & PCI_COMMAND_MEMORY_SPACE) === 0) return windows;
  for (const { id, offset } of capabilities) {
    const structure = STRUCTURES[read(0, offset + VIRTIO_PCI_CAP.cfgType)];
    if (id !== EFI_PCI_CAPABILITY_ID_VENDOR || structure === undefined) continue;
    const bar = barAddress(read, read(0, offset + VIRTIO_PCI_CAP.bar));
    if (bar === undefined) continue;
    const base = bar + read(2, offset + VIRTIO_PCI_CAP.offset);
    const length = read(2, offset + VIRTIO_PCI_CAP.length);
    windows.push({ space: 'mmio', base, length, structure, configOffset: undefined });
  }
  return windows;
}

/** Where a BAR of memory is; `undefined` if it is none. */
function barAddress(read: PciConfigReader, index: number): number | undefined {
  const offset = PCI_BASE_ADDRESSREG_OFFSET + index * 4;
  const low = read(2, offset);
  if (index > 5 || (low & IO_BAR) !== 0) return undefined;
  const high = (low & BAR_TYPE) === BAR_64 ? read(2, offset + 4) : 0;
  return high * 2 ** 32 + ((low & ~0xf) >>> 0);
}

function capabilitiesOf(read: PciConfigReader): ReturnType<typeof readPciCapabilities> {
  try {
    return readPciCapabilities(read);
  } catch (caught) {
    if (caught instanceof EfiError) return [];
    throw caught;
  }
}
