import type { PhysicalAddress } from '../address.ts';
import type { GuestBuffer } from '../buffer.ts';
import type { EfiAllocateType, EfiMemoryMap, EfiMemoryType } from '../memory-type.ts';

/** Memory allocation services (UEFI §7.2), and CopyMem and SetMem (§7.5). */
export interface EfiMemoryServices {
  /**
   * @param pages of 4 KiB
   * @param memory the highest address allowed (AllocateMaxAddress, inclusive) or the address wanted
   *   (AllocateAddress)
   * @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES, EFI_NOT_FOUND
   */
  allocatePages(
    type: EfiAllocateType,
    memoryType: EfiMemoryType,
    pages: number,
    memory?: PhysicalAddress,
  ): PhysicalAddress;

  /** @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER */
  freePages(memory: PhysicalAddress, pages: number): void;

  getMemoryMap(): EfiMemoryMap;

  /**
   * Memory of `size` bytes, aligned to 8; its content is whatever was there.
   * @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES
   */
  allocatePool(poolType: EfiMemoryType, size: number): GuestBuffer;

  /** @throws EFI_INVALID_PARAMETER if the buffer was not allocated by AllocatePool */
  freePool(buffer: GuestBuffer): void;

  /** Copies `length` bytes; the two may overlap. */
  copyMem(destination: PhysicalAddress, source: PhysicalAddress, length: number): void;

  /** Fills `size` bytes with one value. */
  setMem(buffer: PhysicalAddress, size: number, value: number): void;
}
