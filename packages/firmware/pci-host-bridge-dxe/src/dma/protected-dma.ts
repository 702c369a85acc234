import type {
  EdkiiIoMmu,
  EfiMemoryType,
  EfiPciMapping,
  EfiPciOperation,
  EfiPciOperation64,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import { EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE } from '@dxelab/uefi';
import type { RootBridgeDma } from './root-bridge-dma.ts';

/** Where EDKII_IOMMU_PROTOCOL is once somebody has installed it (mIoMmu). */
export interface IoMmuSlot {
  ioMmu: EdkiiIoMmu | undefined;
}

/** What a 64-bit operation becomes where the root bridge does not reach above 4 GiB. */
const NARROWED: Readonly<Record<EfiPciOperation64, EfiPciOperation>> = {
  BusMasterRead: 'BusMasterRead',
  BusMasterWrite: 'BusMasterWrite',
  BusMasterCommonBuffer: 'BusMasterCommonBuffer',
  BusMasterRead64: 'BusMasterRead',
  BusMasterWrite64: 'BusMasterWrite',
  BusMasterCommonBuffer64: 'BusMasterCommonBuffer',
};

/**
 * DMA through EDKII_IOMMU_PROTOCOL as soon as there is one, and until then without (PciRootBridgeIo.c:
 * RootBridgeIoMap and following). What was mapped before it came cannot be unmapped any more.
 */
export class ProtectedDma implements RootBridgeDma {
  private readonly direct: RootBridgeDma;
  private readonly slot: IoMmuSlot;
  private readonly dmaAbove4G: boolean;

  /** @param dmaAbove4G whether 64-bit operations may go above 4 GiB */
  constructor(direct: RootBridgeDma, slot: IoMmuSlot, dmaAbove4G: boolean) {
    this.direct = direct;
    this.slot = slot;
    this.dmaAbove4G = dmaAbove4G;
  }

  map(operation: EfiPciOperation64, host: HostBuffer, numberOfBytes: number): EfiPciMapping {
    const { ioMmu } = this.slot;
    if (ioMmu === undefined) return this.direct.map(operation, host, numberOfBytes);
    // What is no operation at all is for the IOMMU to refuse.
    const narrowed = this.dmaAbove4G ? operation : (NARROWED[operation] ?? operation);
    return ioMmu.map(narrowed, host, numberOfBytes);
  }

  unmap(mapping: EfiPciMapping): void {
    (this.slot.ioMmu ?? this.direct).unmap(mapping);
  }

  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress {
    const { ioMmu } = this.slot;
    if (ioMmu === undefined) return this.direct.allocateBuffer(memoryType, pages, attributes);
    const allowed = this.dmaAbove4G
      ? attributes
      : attributes & ~EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE;
    return ioMmu.allocateBuffer(memoryType, pages, allowed);
  }

  freeBuffer(pages: number, address: PhysicalAddress): void {
    (this.slot.ioMmu ?? this.direct).freeBuffer(pages, address);
  }
}
