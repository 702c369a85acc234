import {
  EFI_PCI_ATTRIBUTE_IDE_PRIMARY_IO,
  EFI_PCI_ATTRIBUTE_IDE_SECONDARY_IO,
  EFI_PCI_ATTRIBUTE_ISA_IO_16,
  EFI_PCI_ATTRIBUTE_ISA_MOTHERBOARD_IO,
  EFI_PCI_ATTRIBUTE_VGA_IO_16,
  EFI_PCI_ATTRIBUTE_VGA_MEMORY,
  EFI_PCI_ATTRIBUTE_VGA_PALETTE_IO_16,
  EfiError,
} from '@dxelab/uefi';

/** What OVMF's root bridges decode besides their apertures (OvmfPkg/Library/PciHostBridgeLib). */
const SUPPORTS =
  EFI_PCI_ATTRIBUTE_ISA_MOTHERBOARD_IO |
  EFI_PCI_ATTRIBUTE_VGA_MEMORY |
  EFI_PCI_ATTRIBUTE_IDE_PRIMARY_IO |
  EFI_PCI_ATTRIBUTE_IDE_SECONDARY_IO |
  EFI_PCI_ATTRIBUTE_ISA_IO_16 |
  EFI_PCI_ATTRIBUTE_VGA_PALETTE_IO_16 |
  EFI_PCI_ATTRIBUTE_VGA_IO_16;

/** The attributes of one root bridge (UEFI §14.2, GetAttributes and SetAttributes). */
export class RootBridgeAttributes {
  readonly supports: number = SUPPORTS;
  #current = SUPPORTS;

  get current(): number {
    return this.#current;
  }

  /** @throws EFI_UNSUPPORTED if one of them is not among those supported */
  set(attributes: number): void {
    const refused = attributes & ~this.supports;
    if (refused !== 0) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `the root bridge supports attributes 0x${this.supports.toString(16)}, ` +
          `not 0x${(refused >>> 0).toString(16)}`,
      );
    }
    this.#current = attributes;
  }
}
