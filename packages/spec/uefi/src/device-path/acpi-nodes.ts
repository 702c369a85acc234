import { EfiError } from '../status/efi-error.ts';
import type { DevicePathNode } from './node.ts';
import { char8Field, packNode, uint32, uint8 } from './node.ts';
import {
  ACPI_ADR_DP,
  ACPI_DEVICE_PATH,
  ACPI_DP,
  ACPI_EXTENDED_DP,
  ACPI_NVDIMM_DP,
} from './node-types.ts';

// ACPI nodes (UEFI §10.3.3). Every constructor throws EFI_INVALID_PARAMETER for a value too wide.

/** The compressed letters of "PNP", the low word of most EISA ids. */
const PNP = 0x41d0;

/** EISA_PNP_ID(): the _HID of `PNPxxxx` (0x0A03 is a PCI root bridge). */
export function eisaPnpId(product: number): number {
  return product * 0x10000 + PNP;
}

/** @param hid the compressed EISA id, as `eisaPnpId` makes it */
export function acpiNode(hid: number, uid: number): DevicePathNode {
  return packNode(ACPI_DEVICE_PATH, ACPI_DP, uint32(hid), uint32(uid));
}

/** A PCI root bridge, PNP0A03: `PciRoot(uid)`. */
export function pciRootNode(uid: number): DevicePathNode {
  return acpiNode(eisaPnpId(0x0a03), uid);
}

/** A PCI Express root bridge, PNP0A08: `PcieRoot(uid)`. */
export function pcieRootNode(uid: number): DevicePathNode {
  return acpiNode(eisaPnpId(0x0a08), uid);
}

/** The identifiers of an expanded ACPI node (UEFI §10.3.3), as numbers or as text. */
export interface AcpiExtendedIds {
  readonly hid?: number;
  readonly uid?: number;
  readonly cid?: number;
  readonly hidStr?: string;
  readonly uidStr?: string;
  readonly cidStr?: string;
}

/** What is absent is 0 or empty. */
export function acpiExtendedNode(ids: AcpiExtendedIds): DevicePathNode {
  const end = uint8(0);
  return packNode(
    ACPI_DEVICE_PATH,
    ACPI_EXTENDED_DP,
    uint32(ids.hid ?? 0),
    uint32(ids.uid ?? 0),
    uint32(ids.cid ?? 0),
    char8Field(ids.hidStr ?? ''),
    end,
    char8Field(ids.uidStr ?? ''),
    end,
    char8Field(ids.cidStr ?? ''),
    end,
  );
}

/** The _ADR of one or more display devices. @throws EFI_INVALID_PARAMETER without any */
export function acpiAdrNode(...adrs: readonly number[]): DevicePathNode {
  if (adrs.length === 0) {
    throw new EfiError('EFI_INVALID_PARAMETER', 'an ACPI _ADR node has at least one _ADR');
  }
  return packNode(ACPI_DEVICE_PATH, ACPI_ADR_DP, ...adrs.map(uint32));
}

/** @param nfitDeviceHandle the _ADR of the NVDIMM (ACPI §9.20.3) */
export function acpiNvdimmNode(nfitDeviceHandle: number): DevicePathNode {
  return packNode(ACPI_DEVICE_PATH, ACPI_NVDIMM_DP, uint32(nfitDeviceHandle));
}
