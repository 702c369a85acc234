import type { PhysicalAddress } from './address.ts';

/** The types of EFI_MEMORY_TYPE in the order of their numbers (UEFI §7.2.1, Table 7.10). */
export const EFI_MEMORY_TYPES = [
  'EfiReservedMemoryType',
  'EfiLoaderCode',
  'EfiLoaderData',
  'EfiBootServicesCode',
  'EfiBootServicesData',
  'EfiRuntimeServicesCode',
  'EfiRuntimeServicesData',
  'EfiConventionalMemory',
  'EfiUnusableMemory',
  'EfiACPIReclaimMemory',
  'EfiACPIMemoryNVS',
  'EfiMemoryMappedIO',
  'EfiMemoryMappedIOPortSpace',
  'EfiPalCode',
  'EfiPersistentMemory',
  'EfiUnacceptedMemoryType',
] as const;

/** A memory type by its word; 0x70000000 and above (OEM and OS loader types) by their number. */
export type EfiMemoryType = (typeof EFI_MEMORY_TYPES)[number] | number;

/** Memory attributes (UEFI §7.2.3). */
export const EFI_MEMORY_UC = 0x1n;
export const EFI_MEMORY_WC = 0x2n;
export const EFI_MEMORY_WT = 0x4n;
export const EFI_MEMORY_WB = 0x8n;
export const EFI_MEMORY_UCE = 0x10n;
export const EFI_MEMORY_WP = 0x1000n;
export const EFI_MEMORY_RP = 0x2000n;
export const EFI_MEMORY_XP = 0x4000n;
export const EFI_MEMORY_NV = 0x8000n;
export const EFI_MEMORY_RO = 0x20000n;
export const EFI_MEMORY_SP = 0x40000n;
export const EFI_MEMORY_CPU_CRYPTO = 0x80000n;
export const EFI_MEMORY_RUNTIME: bigint = 1n << 63n;

/** EFI_MEMORY_DESCRIPTOR (UEFI §7.2.3). */
export interface EfiMemoryDescriptor {
  readonly type: EfiMemoryType;
  readonly physicalStart: PhysicalAddress;
  readonly virtualStart: number;
  /** In pages of 4 KiB. */
  readonly numberOfPages: number;
  readonly attribute: bigint;
}

/** What GetMemoryMap delivers (UEFI §7.2.3). */
export interface EfiMemoryMap {
  readonly descriptors: readonly EfiMemoryDescriptor[];
  /** Names this state of the map; ExitBootServices takes no other. */
  readonly mapKey: number;
  /** In bytes; larger than the structure, as in EDK II, so that callers must honour it. */
  readonly descriptorSize: number;
  readonly descriptorVersion: number;
}

/** EFI_ALLOCATE_TYPE (UEFI §7.2.1). */
export type EfiAllocateType = 'AllocateAnyPages' | 'AllocateMaxAddress' | 'AllocateAddress';
