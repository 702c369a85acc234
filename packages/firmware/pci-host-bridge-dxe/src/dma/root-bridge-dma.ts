import type {
  EfiMemoryType,
  EfiPciMapping,
  EfiPciOperation64,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';

/**
 * How bus masters behind a root bridge reach memory: the DMA half of EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL.
 * Without an IOMMU that is DirectDma; one that goes through EDKII_IOMMU_PROTOCOL takes its place when
 * the protocol appears (PciHostBridgeDxe.c: IoMmuProtocolCallback).
 */
export interface RootBridgeDma {
  map(operation: EfiPciOperation64, host: HostBuffer, numberOfBytes: number): EfiPciMapping;
  unmap(mapping: EfiPciMapping): void;
  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress;
  freeBuffer(pages: number, address: PhysicalAddress): void;
}
