import type { EfiMemoryDescriptor } from '../memory-type.ts';

/** ConvertPointer's DebugDisposition (UEFI §8.4.2): 0 is allowed to stay 0. */
export const EFI_OPTIONAL_PTR = 0x00000001;

/** Virtual memory services (UEFI §8.4). */
export interface EfiVirtualMemoryServices {
  /**
   * Once, after ExitBootServices: from then on runtime code runs at the virtual addresses.
   * @param virtualMap what of the memory map has EFI_MEMORY_RUNTIME, with `virtualStart`
   * @throws EFI_UNSUPPORTED if boot services exist or it was called before, EFI_NO_MAPPING,
   *   EFI_NOT_FOUND, EFI_INVALID_PARAMETER
   */
  setVirtualAddressMap(virtualMap: readonly EfiMemoryDescriptor[]): void;

  /**
   * Only while SetVirtualAddressMap notifies runtime drivers.
   * @returns where `address` will be
   * @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER, EFI_UNSUPPORTED
   */
  convertPointer(debugDisposition: number, address: number): number;
}
