import type { EfiMemoryServices, EfiMemoryType, PhysicalAddress } from '@dxelab/uefi';
import {
  EDKII_IOMMU_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EDKII_IOMMU_ATTRIBUTE_MEMORY_CACHED,
  EDKII_IOMMU_ATTRIBUTE_MEMORY_WRITE_COMBINE,
  EfiError,
} from '@dxelab/uefi';
import { unwinding } from '@dxelab/uefi-lib';
import type { ReservedPool } from './reserved-pool.ts';

export type PageServices = Pick<EfiMemoryServices, 'allocatePages' | 'freePages'>;

const ATTRIBUTES =
  EDKII_IOMMU_ATTRIBUTE_MEMORY_WRITE_COMBINE |
  EDKII_IOMMU_ATTRIBUTE_MEMORY_CACHED |
  EDKII_IOMMU_ATTRIBUTE_DUAL_ADDRESS_CYCLE;
const LAST_32_BIT_ADDRESS = 0xffffffff;

/** Pages that AllocateBuffer handed out, with as many for their content while they change hands. */
export interface CommonBuffer {
  readonly pages: number;
  readonly stash: PhysicalAddress;
  /** They are shared already, and stay so. */
  readonly pooled: boolean;
}

/** AllocateBuffer and FreeBuffer (CcIoMmu.c: IoMmuAllocateBuffer, IoMmuFreeBuffer). */
export class CommonBuffers {
  readonly #bs: PageServices;
  readonly #pool: ReservedPool | undefined;
  /** By address. EDK II looks for a signature in the page before the buffer instead. */
  readonly #buffers = new Map<PhysicalAddress, CommonBuffer>();

  constructor(bs: PageServices, pool: ReservedPool | undefined) {
    this.#bs = bs;
    this.#pool = pool;
  }

  /** The buffer that begins there. */
  at(address: PhysicalAddress): CommonBuffer | undefined {
    return this.#buffers.get(address);
  }

  /** @throws EFI_UNSUPPORTED, EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES */
  allocate(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress {
    if ((attributes & ~ATTRIBUTES) !== 0) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `AllocateBuffer knows attributes 0x${ATTRIBUTES.toString(16)}, not 0x${attributes.toString(16)}`,
      );
    }
    if (memoryType !== 'EfiBootServicesData' && memoryType !== 'EfiRuntimeServicesData') {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `devices get EfiBootServicesData or EfiRuntimeServicesData, not ${memoryType}`,
      );
    }
    return unwinding((unwind) => {
      // The stash is never shared: it may lie anywhere.
      const stash = this.#bs.allocatePages('AllocateAnyPages', memoryType, pages);
      unwind.push(() => this.#bs.freePages(stash, pages));
      // EDK II looks for a slot with room for the header as well, which stands before the slot all the same.
      const slot = this.#pool?.allocate(pages + 1);
      const address = slot ?? this.#allocatePages(memoryType, pages, attributes);
      this.#buffers.set(address, { pages, stash, pooled: slot !== undefined });
      return address;
    });
  }

  #allocatePages(memoryType: EfiMemoryType, pages: number, attributes: number): PhysicalAddress {
    return (attributes & EDKII_IOMMU_ATTRIBUTE_DUAL_ADDRESS_CYCLE) !== 0
      ? this.#bs.allocatePages('AllocateAnyPages', memoryType, pages)
      : this.#bs.allocatePages('AllocateMaxAddress', memoryType, pages, LAST_32_BIT_ADDRESS);
  }

  /** @throws EFI_INVALID_PARAMETER for what `allocate` did not make, or another number of pages */
  free(pages: number, address: PhysicalAddress): void {
    const buffer = this.#buffers.get(address);
    if (buffer === undefined || buffer.pages !== pages) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `FreeBuffer of ${pages} pages at 0x${address.toString(16)}, which AllocateBuffer did not make`,
      );
    }
    this.#buffers.delete(address);
    if (buffer.pooled) this.#pool?.free(address);
    else this.#bs.freePages(address, pages);
    this.#bs.freePages(buffer.stash, pages);
  }
}
