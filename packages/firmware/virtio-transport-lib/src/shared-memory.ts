import type { EfiPciIo, EfiPciOperation, HostBuffer, PhysicalAddress } from '@dxelab/uefi';
import { EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED } from '@dxelab/uefi';
import type { VirtioDevice, VirtioMapOperation, VirtioMapping } from '@dxelab/virtio';

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

/** The members of VIRTIO_DEVICE_PROTOCOL that share memory with the device: each transport has these. */
export abstract class SharedMemory implements Pick<
  VirtioDevice,
  'allocateSharedPages' | 'freeSharedPages' | 'mapSharedBuffer' | 'unmapSharedBuffer'
> {
  private readonly dma: DmaServices;

  /** @param dma what brings the device to memory */
  constructor(dma: DmaServices) {
    this.dma = dma;
  }

  allocateSharedPages(pages: number): PhysicalAddress {
    return this.dma.allocateBuffer(
      'EfiBootServicesData',
      pages,
      EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED,
    );
  }

  freeSharedPages(pages: number, hostAddress: PhysicalAddress): void {
    this.dma.freeBuffer(pages, hostAddress);
  }

  mapSharedBuffer(
    operation: VirtioMapOperation,
    host: HostBuffer,
    numberOfBytes: number,
  ): VirtioMapping {
    return this.dma.map(PCI_OPERATION[operation], host, numberOfBytes);
  }

  unmapSharedBuffer(mapping: VirtioMapping): void {
    this.dma.unmap(mapping);
  }

  /** The protocol is gone: nothing is mapped any more, and nothing is kept. */
  release(): void {
    this.dma.giveBack?.();
  }
}
