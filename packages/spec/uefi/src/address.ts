/**
 * Addresses are numbers with a flavour: plain arithmetic stays plain, but an address of one space
 * cannot be passed where an address of the other is meant.
 */

/** A guest-physical address, as the CPU sees it. */
export type PhysicalAddress = number & { readonly space?: 'physical' };

/** An address as a bus master sees it; an IOMMU may stand between it and RAM. */
export type DeviceAddress = number & { readonly space?: 'device' };

/** UEFI's page: 4 KiB. */
export const EFI_PAGE_SIZE = 4096;

/** How many pages hold `bytes` bytes. */
export function efiSizeToPages(bytes: number): number {
  return Math.ceil(bytes / EFI_PAGE_SIZE);
}
