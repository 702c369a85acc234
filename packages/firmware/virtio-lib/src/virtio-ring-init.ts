import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { VirtioDevice, VirtioMapping } from '@dxelab/virtio';
import { virtioMapAllBytesInSharedBuffer } from './virtio-map-all-bytes.ts';
import type { RingLibraries, RingServices } from './virtio-ring.ts';
import { VirtioRing, vringLayout } from './virtio-ring.ts';

/**
 * VirtioRingInit: allocates and zeroes the memory of a ring.
 * @param queueSize in descriptors, as the device offers it
 * @throws what AllocateSharedPages throws
 */
export function virtioRingInit(
  virtIo: VirtioDevice,
  queueSize: number,
  bs: RingServices,
  libraries: RingLibraries,
): VirtioRing {
  const { pages } = vringLayout(queueSize);
  const base = virtIo.allocateSharedPages(pages);
  libraries.ram.fill(base, pages * EFI_PAGE_SIZE, 0);
  return new VirtioRing(base, queueSize, bs, libraries);
}

/** Where the device finds a ring: the shift for SetQueueAddress, and what undoes the mapping. */
export interface VirtioRingMapping {
  /** Device address minus host address. */
  readonly ringBaseShift: number;
  readonly mapping: VirtioMapping;
}

/**
 * VirtioRingMap: maps a ring so that both sides reach it.
 * @throws what MapSharedBuffer throws; EFI_OUT_OF_RESOURCES
 */
export function virtioRingMap(virtIo: VirtioDevice, ring: VirtioRing): VirtioRingMapping {
  const length = ring.numPages * EFI_PAGE_SIZE;
  const mapping = virtioMapAllBytesInSharedBuffer(
    virtIo,
    'VirtioOperationBusMasterCommonBuffer',
    { address: ring.base, length },
    length,
  );
  return { ringBaseShift: mapping.deviceAddress - ring.base, mapping };
}

/** VirtioRingUninit: frees a ring, which must be unmapped, and which the device must not use any more. */
export function virtioRingUninit(virtIo: VirtioDevice, ring: VirtioRing): void {
  virtIo.freeSharedPages(ring.numPages, ring.base);
}
