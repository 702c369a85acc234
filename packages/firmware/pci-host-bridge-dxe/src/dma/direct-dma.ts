import type { PageServices } from '@dxelab/coherent-dma-lib';
import { CoherentDma } from '@dxelab/coherent-dma-lib';
import type { GuestRam } from '@dxelab/platform';
import type {
  EfiMemoryType,
  EfiPciMapping,
  EfiPciOperation64,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import {
  EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_ATTRIBUTE_MEMORY_CACHED,
  EFI_PCI_ATTRIBUTE_MEMORY_WRITE_COMBINE,
  EfiError,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { RootBridgeDma } from './root-bridge-dma.ts';

const FOUR_GIB = 0x1_0000_0000;
/** The highest address that every bus master can send. */
const LAST_32_BIT_ADDRESS = 0xffffffff;

const ALLOCATE_BUFFER_ATTRIBUTES =
  EFI_PCI_ATTRIBUTE_MEMORY_WRITE_COMBINE |
  EFI_PCI_ATTRIBUTE_MEMORY_CACHED |
  EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE;

/**
 * DMA with nothing between bus masters and RAM (PciRootBridgeIo.c: RootBridgeIoMap and following,
 * without an IOMMU): a mapping is the buffer's own address, unless the bus master cannot reach it.
 * Then it is a bounce buffer below 4 GiB.
 */
export class DirectDma implements RootBridgeDma {
  private readonly bs: PageServices;
  private readonly dma: CoherentDma;
  /** One past the last address that a 64-bit operation may be given. */
  private readonly wideLimit: number;

  /** @param dmaAbove4G whether 64-bit operations may go above 4 GiB */
  constructor(bs: PageServices, ram: GuestRam, dmaAbove4G: boolean, quirks: Quirks) {
    this.bs = bs;
    this.dma = new CoherentDma(bs, ram, {
      lastBounceAddress: LAST_32_BIT_ADDRESS,
      bounceMemoryPerMap: quirks.has('PciHostBridgeDxe.BounceMemoryPerMap'),
      bounceNotFilled: quirks.has('PciHostBridgeDxe.BounceNotFilled'),
      unmapTwice: quirks.has('PciHostBridgeDxe.UnmapTwice'),
    });
    this.wideLimit = dmaAbove4G ? Infinity : FOUR_GIB;
  }

  map(operation: EfiPciOperation64, host: HostBuffer, numberOfBytes: number): EfiPciMapping {
    return this.dma.map(operation, host, numberOfBytes, this.limit(operation));
  }

  unmap(mapping: EfiPciMapping): void {
    this.dma.unmap(mapping);
  }

  allocateBuffer(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress {
    if ((attributes & ~ALLOCATE_BUFFER_ATTRIBUTES) !== 0) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `AllocateBuffer knows attributes 0x${ALLOCATE_BUFFER_ATTRIBUTES.toString(16)}, ` +
          `not 0x${attributes.toString(16)}`,
      );
    }
    if (memoryType !== 'EfiBootServicesData' && memoryType !== 'EfiRuntimeServicesData') {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `bus masters get EfiBootServicesData or EfiRuntimeServicesData, not ${memoryType}`,
      );
    }
    if (this.wideLimit > FOUR_GIB && (attributes & EFI_PCI_ATTRIBUTE_DUAL_ADDRESS_CYCLE) !== 0) {
      return this.bs.allocatePages('AllocateAnyPages', memoryType, pages);
    }
    return this.bs.allocatePages('AllocateMaxAddress', memoryType, pages, LAST_32_BIT_ADDRESS);
  }

  freeBuffer(pages: number, address: PhysicalAddress): void {
    this.bs.freePages(address, pages);
  }

  /** One past the last address that the operation may be given. */
  private limit(operation: EfiPciOperation64): number {
    switch (operation) {
      case 'BusMasterRead':
      case 'BusMasterWrite':
      case 'BusMasterCommonBuffer':
        return FOUR_GIB;
      case 'BusMasterRead64':
      case 'BusMasterWrite64':
      case 'BusMasterCommonBuffer64':
        return this.wideLimit;
      default:
        throw new EfiError('EFI_INVALID_PARAMETER', `${String(operation)} is no operation of Map`);
    }
  }
}
