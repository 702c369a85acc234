import type { GuestRam } from '@dxelab/platform';
import type { EfiMemoryServices, PhysicalAddress } from '@dxelab/uefi';
import {
  EFI_PAGE_SIZE,
  EFI_SYSTEM_TABLE_POINTER_ALIGNMENT as ALIGNMENT,
  encodeSystemTablePointer,
} from '@dxelab/uefi';

/**
 * Leaves EFI_SYSTEM_TABLE_POINTER on the highest free boundary of 4 MiB below 4 GiB, where a debugger looks
 * for it (UEFI §18.4.2); a machine without a free one has none.
 * MdeModulePkg/Core/Dxe/Misc/DebugImageInfo.c.
 */
export function leaveSystemTablePointer(
  ram: GuestRam,
  memory: EfiMemoryServices,
  systemTable: PhysicalAddress,
): void {
  const boundaries = memory.getMemoryMap().descriptors.flatMap((range) => {
    if (range.type !== 'EfiConventionalMemory' || range.physicalStart >= 2 ** 32) return [];
    const lastPage = range.physicalStart + (range.numberOfPages - 1) * EFI_PAGE_SIZE;
    const boundary = Math.floor(lastPage / ALIGNMENT) * ALIGNMENT;
    return boundary >= range.physicalStart && boundary > 0 ? [boundary] : [];
  });
  if (boundaries.length === 0) return;
  const place = Math.max(...boundaries);
  const address = memory.allocatePages('AllocateAddress', 'EfiBootServicesData', 1, place);
  ram.writeBytes(address, encodeSystemTablePointer(systemTable));
}
