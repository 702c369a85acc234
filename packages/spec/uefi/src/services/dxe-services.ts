import type { PhysicalAddress } from '../address.ts';
import type {
  EfiGcdAllocateType,
  EfiGcdIoSpaceDescriptor,
  EfiGcdIoType,
  EfiGcdMemorySpaceDescriptor,
  EfiGcdMemoryType,
} from '../gcd.ts';
import type { Guid } from '../guid.ts';
import { guid } from '../guid.ts';
import type { EfiHandle } from '../handle.ts';

/** Names the table of DXE services among the configuration tables (PI Vol. 2 §4.1.1). */
export const EFI_DXE_SERVICES_TABLE_GUID: Guid = guid('05ad34ba-6f02-4214-952e-4da0398e2bb9');

/** Services for memory that the processor can address (PI Vol. 2 §7.2.4). */
export interface EfiGcdMemoryServices {
  /**
   * Says what decodes a range so far nonexistent. Whole pages of system memory, or of more reliable memory,
   * can be allocated with AllocatePages from then on.
   * @param length in bytes
   * @param capabilities which attributes the range can have; EFI_MEMORY_RUNTIME is added
   * @throws EFI_INVALID_PARAMETER for a type that nothing can be, or no length
   * @throws EFI_UNSUPPORTED if the processor does not reach all of it
   * @throws EFI_ACCESS_DENIED if a part of it was added, or is allocated
   */
  addMemorySpace(
    gcdMemoryType: EfiGcdMemoryType,
    baseAddress: PhysicalAddress,
    length: number,
    capabilities: bigint,
  ): void;

  /**
   * Allocates a range of one type, whatever its attributes.
   * @param alignment the base 2 logarithm of what the address is a multiple of
   * @param length in bytes
   * @param baseAddress the address wanted, or the highest that may be used; not needed for the searches
   *   without limit
   * @param imageHandle whose it is
   * @param deviceHandle for which device
   * @returns where it begins
   * @throws EFI_INVALID_PARAMETER for an unknown type, no length, no address or no image handle
   * @throws EFI_NOT_FOUND if there is no such range
   */
  allocateMemorySpace(
    gcdAllocateType: EfiGcdAllocateType,
    gcdMemoryType: EfiGcdMemoryType,
    alignment: number,
    length: number,
    baseAddress: PhysicalAddress | undefined,
    imageHandle: EfiHandle | undefined,
    deviceHandle?: EfiHandle,
  ): PhysicalAddress;

  /**
   * Frees a range, which may be of several allocations, or a part of one.
   * @throws EFI_INVALID_PARAMETER for no length
   * @throws EFI_UNSUPPORTED if the processor does not reach all of it
   * @throws EFI_NOT_FOUND if a part of it is not allocated
   */
  freeMemorySpace(baseAddress: PhysicalAddress, length: number): void;

  /**
   * Says that nothing decodes a range any more.
   * @throws EFI_INVALID_PARAMETER for no length
   * @throws EFI_UNSUPPORTED if the processor does not reach all of it
   * @throws EFI_NOT_FOUND if a part of it was never added
   * @throws EFI_ACCESS_DENIED if a part of it is allocated
   */
  removeMemorySpace(baseAddress: PhysicalAddress, length: number): void;

  /** The range that holds an address. @throws EFI_NOT_FOUND for one that the processor does not reach */
  getMemorySpaceDescriptor(baseAddress: PhysicalAddress): EfiGcdMemorySpaceDescriptor;

  /**
   * Gives a range its attributes; one that is only to become EFI_MEMORY_RUNTIME keeps how it is cached.
   * @throws EFI_INVALID_PARAMETER for no length, or EFI_MEMORY_RUNTIME of a part of a page
   * @throws EFI_UNSUPPORTED if the processor does not reach all of it, or if the range, or the processor,
   *   cannot have these attributes
   * @throws EFI_NOT_AVAILABLE_YET if there is no EFI_CPU_ARCH_PROTOCOL
   */
  setMemorySpaceAttributes(baseAddress: PhysicalAddress, length: number, attributes: bigint): void;

  /**
   * Says which attributes whole pages can have.
   * @throws EFI_INVALID_PARAMETER for no length, or a part of a page
   * @throws EFI_UNSUPPORTED if the processor does not reach all of it, or if the range has an attribute that
   *   is not among them
   */
  setMemorySpaceCapabilities(
    baseAddress: PhysicalAddress,
    length: number,
    capabilities: bigint,
  ): void;

  /** All of memory space from address 0, in ascending order and without a gap. */
  getMemorySpaceMap(): readonly EfiGcdMemorySpaceDescriptor[];
}

/** Services for the processor's I/O ports (PI Vol. 2 §7.2.4). */
export interface EfiGcdIoServices {
  /**
   * Says what decodes ports so far nonexistent.
   * @param length in ports of a byte
   * @throws EFI_INVALID_PARAMETER for a type that nothing can be, or no length
   * @throws EFI_UNSUPPORTED if the processor does not have all of them
   * @throws EFI_ACCESS_DENIED if one of them was added, or is allocated
   */
  addIoSpace(gcdIoType: EfiGcdIoType, baseAddress: number, length: number): void;

  /**
   * Allocates ports of one type; the parameters are those of `allocateMemorySpace`.
   * @throws EFI_INVALID_PARAMETER for an unknown type, no length, no address or no image handle
   * @throws EFI_NOT_FOUND if there is no such range
   */
  allocateIoSpace(
    gcdAllocateType: EfiGcdAllocateType,
    gcdIoType: EfiGcdIoType,
    alignment: number,
    length: number,
    baseAddress: number | undefined,
    imageHandle: EfiHandle | undefined,
    deviceHandle?: EfiHandle,
  ): number;

  /**
   * Frees ports.
   * @throws EFI_INVALID_PARAMETER for no length
   * @throws EFI_UNSUPPORTED if the processor does not have all of them
   * @throws EFI_NOT_FOUND if one of them is not allocated
   */
  freeIoSpace(baseAddress: number, length: number): void;

  /**
   * Says that nothing decodes these ports any more.
   * @throws EFI_INVALID_PARAMETER for no length
   * @throws EFI_UNSUPPORTED if the processor does not have all of them
   * @throws EFI_NOT_FOUND if one of them was never added
   * @throws EFI_ACCESS_DENIED if one of them is allocated
   */
  removeIoSpace(baseAddress: number, length: number): void;

  /** The range that holds a port. @throws EFI_NOT_FOUND for one that the processor does not have */
  getIoSpaceDescriptor(baseAddress: number): EfiGcdIoSpaceDescriptor;

  /** All of I/O space from port 0, in ascending order and without a gap. */
  getIoSpaceMap(): readonly EfiGcdIoSpaceDescriptor[];
}

/** The dispatcher's services (PI Vol. 2 §7.3). */
export interface EfiDispatcherServices {
  /**
   * Starts the modules whose dependency expressions hold by now.
   * @throws EFI_NOT_FOUND if there was none to start
   * @throws EFI_ALREADY_STARTED if it is called by a module that is being dispatched
   */
  dispatch(): void;

  /**
   * Lets a module be dispatched whose dependency expression begins with SOR.
   * @param firmwareVolumeHandle where its file is; absent: in the volume that the firmware started from
   * @throws EFI_NOT_FOUND if there is no such module, or it does not wait for this
   */
  schedule(firmwareVolumeHandle: EfiHandle | undefined, fileName: Guid): void;

  /**
   * Lets a module be started that the security policy has held back.
   * @throws EFI_NOT_FOUND if there is no such module, or it is not held back
   */
  trust(firmwareVolumeHandle: EfiHandle | undefined, fileName: Guid): void;

  /**
   * Makes a handle of a firmware volume in memory.
   * @throws EFI_OUT_OF_RESOURCES
   * @throws EFI_VOLUME_CORRUPTED
   */
  processFirmwareVolume(firmwareVolumeHeader: PhysicalAddress, size: number): EfiHandle;
}

/**
 * EFI_DXE_SERVICES as one image sees them (PI Vol. 2 §4.1.1, §7). Success returns the OUT value; failure throws
 * an EfiError.
 */
export interface EfiDxeServices
  extends EfiGcdMemoryServices, EfiGcdIoServices, EfiDispatcherServices {
  /** Where the table stands in guest memory, as bytes. */
  readonly address: PhysicalAddress;
}
