import type { EfiPciIo, EfiPciOperation, HostBuffer, PhysicalAddress } from '@dxelab/uefi';
import { EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED } from '@dxelab/uefi';
import type { VirtioMapOperation, VirtioMapping } from '@dxelab/virtio';

/** What brings memory and the device together below a transport: PciIo, or CoherentDma. */
export interface DmaServices extends Pick<
  EfiPciIo,
  'allocateBuffer' | 'freeBuffer' | 'map' | 'unmap'
> {
  /** Frees what is kept for later mappings. */
  giveBack?(): void;
}

/** The same operations by the names of EFI_PCI_IO_PROTOCOL. */
const PCI_OPERATION: Readonly<Record<VirtioMapOperation, EfiPciOperation>> = {
  VirtioOperationBusMasterRead: 'BusMasterRead',
  VirtioOperationBusMasterWrite: 'BusMasterWrite',
  VirtioOperationBusMasterCommonBuffer: 'BusMasterCommonBuffer',
};

/** The members of VIRTIO_DEVICE_PROTOCOL that share memory with the device. */
export class SharedMemory {
  private readonly dma: DmaServices;

  constructor(dma: DmaServices) {
    this.dma = dma;
  }

  allocatePages(pages: number): PhysicalAddress {
    return this.dma.allocateBuffer(
      'EfiBootServicesData',
      pages,
      EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED,
    );
  }

  freePages(pages: number, hostAddress: PhysicalAddress): void {
    this.dma.freeBuffer(pages, hostAddress);
  }

  map(operation: VirtioMapOperation, host: HostBuffer, numberOfBytes: number): VirtioMapping {
    return this.dma.map(PCI_OPERATION[operation], host, numberOfBytes);
  }

  unmap(mapping: VirtioMapping): void {
    this.dma.unmap(mapping);
  }

  /** The transport goes: nothing is mapped any more, and nothing is kept. */
  release(): void {
    this.dma.giveBack?.();
  }
}
