import type { PhysicalAddress } from '../address.ts';
import type { HostBuffer } from '../buffer.ts';
import type { EfiHandle } from '../handle.ts';
import type { EfiMemoryType } from '../memory-type.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';
import type { EfiPciMapping, EfiPciOperation64 } from './pci-root-bridge-io.ts';

/** Of the protocol, by its major and minor number: 1.0. */
export const EDKII_IOMMU_PROTOCOL_REVISION = 0x00010000;

/** What a device may do with a mapping (EDKII_IOMMU_ACCESS_*): none, one of them or both. */
export const EDKII_IOMMU_ACCESS_READ = 0x1;
export const EDKII_IOMMU_ACCESS_WRITE = 0x2;

/** Attributes of AllocateBuffer: those of EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL. */
export const EDKII_IOMMU_ATTRIBUTE_MEMORY_WRITE_COMBINE = 0x0080;
export const EDKII_IOMMU_ATTRIBUTE_MEMORY_CACHED = 0x0800;
export const EDKII_IOMMU_ATTRIBUTE_DUAL_ADDRESS_CYCLE = 0x8000;

/** EDKII_IOMMU_PROTOCOL: what stands between devices and memory (MdeModulePkg/Include/Protocol/IoMmu.h). */
export interface EdkiiIoMmu {
  readonly revision: number;
  /**
   * Says what a device may do with a mapping; 0 before it is unmapped.
   * @throws EFI_INVALID_PARAMETER for what is not mapped, or an access that Map was not asked for
   */
  setAttribute(deviceHandle: EfiHandle, mapping: EfiPciMapping, ioMmuAccess: number): void;
  /**
   * Only the operations that end in 64 may be given addresses above 4 GiB.
   * @throws EFI_INVALID_PARAMETER, EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR
   */
  map(operation: EfiPciOperation64, host: HostBuffer, numberOfBytes: number): EfiPciMapping;
  /** @throws EFI_INVALID_PARAMETER for what is not mapped; EFI_DEVICE_ERROR */
  unmap(mapping: EfiPciMapping): void;
  /**
   * Pages for common buffers.
   * @throws EFI_UNSUPPORTED for unknown attributes; EFI_INVALID_PARAMETER; EFI_OUT_OF_RESOURCES
   */
  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress;
  /** @throws EFI_INVALID_PARAMETER for what AllocateBuffer did not make */
  freeBuffer(pages: number, address: PhysicalAddress): void;
}

/** By which EDKII_IOMMU_PROTOCOL is found. */
export const EdkiiIoMmuProtocol: Protocol<EdkiiIoMmu> = defineProtocol(
  'EdkiiIoMmu',
  '4e939de9-d948-4b0f-88ed-e6e1ce517c1e',
);

/** Says that the platform needs no EDKII_IOMMU_PROTOCOL, and none will come (OvmfPkg/OvmfPkg.dec). */
export const IoMmuAbsentProtocol: Protocol<null> = defineProtocol(
  'IoMmuAbsent',
  'f8775d50-8abd-4adf-92ac-853e51f6c8dc',
);
