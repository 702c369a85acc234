import type { GuestBuffer, PhysicalAddress } from '@dxelab/uefi';
import type { PrivateMemoryHob } from './private-memory.ts';

/** A range of addresses of some kind: EFI_HOB_RESOURCE_DESCRIPTOR (PI Vol. 3 §5.5). */
export interface ResourceDescriptorHob {
  readonly type: 'EFI_RESOURCE_SYSTEM_MEMORY' | 'EFI_RESOURCE_MEMORY_MAPPED_IO' | 'EFI_RESOURCE_IO';
  readonly base: PhysicalAddress;
  /** In bytes, or ports. */
  readonly length: number;
}

/** A range of RAM that PEI used and that is not free: EFI_HOB_MEMORY_ALLOCATION (PI Vol. 3 §5.4). */
export interface MemoryAllocationHob {
  readonly memoryType: 'EfiReservedMemoryType' | 'EfiBootServicesData' | 'EfiACPIMemoryNVS';
  readonly base: PhysicalAddress;
  /** In bytes, whole pages. */
  readonly length: number;
}

/** A range of addresses that a root bridge decodes. */
export interface PciAperture {
  readonly base: number;
  /** In bytes, or ports. */
  readonly length: number;
}

/** One PCI root bridge as the platform's PEI would have described it to PciHostBridgeLib. */
export interface PciRootBridgeHob {
  readonly segment: number;
  readonly firstBus: number;
  readonly lastBus: number;
  readonly io: PciAperture;
  /** Below 4 GiB. */
  readonly mem32: PciAperture;
  /** Above 4 GiB; absent if the bridge decodes nothing there. */
  readonly mem64: PciAperture | undefined;
  /** ECAM, if set up: 4 KiB a function. Without it configuration goes through 0xCF8 / 0xCFC. */
  readonly ecam: PciAperture | undefined;
  /** Whether the chipset carries what bus masters do above 4 GiB. */
  readonly dmaAbove4G: boolean;
}

/** What PEI would have left: a read-only description of the machine (PI Vol. 3 §4). */
export interface HobList {
  /** The machine's own image type: images of others are EFI_UNSUPPORTED. */
  readonly machineType: 'X64' | 'AARCH64';
  readonly resources: readonly ResourceDescriptorHob[];
  readonly allocations: readonly MemoryAllocationHob[];
  readonly pciRootBridges: readonly PciRootBridgeHob[];
  /** A flattened device tree in RAM. */
  readonly deviceTree: GuestBuffer | undefined;
  /** How pages are shared with devices; absent on a machine where they reach all of RAM. */
  readonly privateMemory?: PrivateMemoryHob | undefined;
}
