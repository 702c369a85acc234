import type { PhysicalAddress } from './address.ts';
import type { EfiHandle } from './handle.ts';

/** The types of EFI_GCD_MEMORY_TYPE in the order of their numbers (PI Vol. 2 §7.2.4.1). */
export const EFI_GCD_MEMORY_TYPES = [
  'EfiGcdMemoryTypeNonExistent',
  'EfiGcdMemoryTypeReserved',
  'EfiGcdMemoryTypeSystemMemory',
  'EfiGcdMemoryTypeMemoryMappedIo',
  'EfiGcdMemoryTypePersistent',
  'EfiGcdMemoryTypeMoreReliable',
  'EfiGcdMemoryTypeUnaccepted',
] as const;

/** What decodes a range of memory space; nothing does what is `NonExistent` (PI Vol. 2 §7.2.4.1). */
export type EfiGcdMemoryType = (typeof EFI_GCD_MEMORY_TYPES)[number];

/** The types of EFI_GCD_IO_TYPE in the order of their numbers (PI Vol. 2 §7.2.4.9). */
export const EFI_GCD_IO_TYPES = [
  'EfiGcdIoTypeNonExistent',
  'EfiGcdIoTypeReserved',
  'EfiGcdIoTypeIo',
] as const;

/** What decodes a range of I/O space (PI Vol. 2 §7.2.4.9). */
export type EfiGcdIoType = (typeof EFI_GCD_IO_TYPES)[number];

/** The ways to allocate in the order of their numbers (PI Vol. 2 §7.2.4.2, EFI_GCD_ALLOCATE_TYPE). */
export const EFI_GCD_ALLOCATE_TYPES = [
  'EfiGcdAllocateAnySearchBottomUp',
  'EfiGcdAllocateMaxAddressSearchBottomUp',
  'EfiGcdAllocateAddress',
  'EfiGcdAllocateAnySearchTopDown',
  'EfiGcdAllocateMaxAddressSearchTopDown',
] as const;

/** Where to look for a range, and from which end (PI Vol. 2 §7.2.4.2). */
export type EfiGcdAllocateType = (typeof EFI_GCD_ALLOCATE_TYPES)[number];

/** A range of memory space that is alike throughout (PI Vol. 2 §7.2.4.5). */
export interface EfiGcdMemorySpaceDescriptor {
  readonly baseAddress: PhysicalAddress;
  /** In bytes. */
  readonly length: number;
  /** Which attributes the range can have, as in UEFI §7.2.3. */
  readonly capabilities: bigint;
  /** Which it has. */
  readonly attributes: bigint;
  readonly gcdMemoryType: EfiGcdMemoryType;
  /** Who has allocated it; absent if nobody has. */
  readonly imageHandle: EfiHandle | undefined;
  /** For which device, if for one with a handle. */
  readonly deviceHandle: EfiHandle | undefined;
}

/** A range of I/O space that is alike throughout (PI Vol. 2 §7.2.4.13). */
export interface EfiGcdIoSpaceDescriptor {
  readonly baseAddress: number;
  /** In ports of a byte. */
  readonly length: number;
  readonly gcdIoType: EfiGcdIoType;
  /** Who has allocated it; absent if nobody has. */
  readonly imageHandle: EfiHandle | undefined;
  /** For which device, if for one with a handle. */
  readonly deviceHandle: EfiHandle | undefined;
}
