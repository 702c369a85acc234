import type { PhysicalAddress } from '@dxelab/uefi';
import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import { unwinding } from '@dxelab/uefi-lib';
import type { PageServices } from './common-buffers.ts';
import type { PageSharing } from './page-sharing.ts';

/** mReservedMemRanges: how many slots there are of how many pages; what booting a GRUB needs. */
const RANGES: readonly (readonly [slots: number, pages: number])[] = [
  [4, 1],
  [8, 8],
  [2, 32],
  [1, 256],
  [2, 512],
];
/** Before each slot, and private: the header of a common buffer. */
const HEADER_PAGES = 1;
const LAST_32_BIT_ADDRESS = 0xffffffff;

interface Slot {
  readonly address: PhysicalAddress;
  readonly pages: number;
  taken: boolean;
}

/**
 * Pages that are shared with devices from the start, so that most mappings change no page (IoMmuBuffer.c).
 * The price is that devices reach them also while nothing is mapped.
 */
export class ReservedPool {
  readonly #sharing: Pick<PageSharing, 'share' | 'makePrivate'>;
  readonly #slots: readonly Slot[];

  /**
   * IoMmuInitReservedSharedMem. Here the pool lies below 4 GiB, whatever devices reach; EDK II leaves that to
   * luck.
   * @throws EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR
   */
  constructor(bs: PageServices, sharing: Pick<PageSharing, 'share' | 'makePrivate'>) {
    this.#sharing = sharing;
    const total = RANGES.reduce((sum, [slots, pages]) => sum + slots * (HEADER_PAGES + pages), 0);
    this.#slots = unwinding((unwind) => {
      const base = bs.allocatePages(
        'AllocateMaxAddress',
        'EfiBootServicesData',
        total,
        LAST_32_BIT_ADDRESS,
      );
      unwind.push(() => bs.freePages(base, total));
      const slots = slotsFrom(base);
      for (const { address, pages } of slots) sharing.share(address, pages);
      return slots;
    });
  }

  /**
   * InternalAllocateBuffer: a slot of the smallest size that holds so many pages; `undefined` if there is none,
   * or none is left of that size.
   */
  allocate(pages: number): PhysicalAddress | undefined {
    const size = RANGES.find(([, slotPages]) => pages <= slotPages)?.[1];
    const slot = this.#slots.find((each) => each.pages === size && !each.taken);
    if (slot === undefined) return undefined;
    slot.taken = true;
    return slot.address;
  }

  /** Of what `allocate` returned. */
  free(address: PhysicalAddress): void {
    const slot = this.#slots.find((each) => each.address === address);
    if (slot !== undefined) slot.taken = false;
  }

  /** IoMmuReleaseReservedSharedMem with the memory map locked: nothing is shared any more. */
  makePrivate(): void {
    for (const { address, pages } of this.#slots) this.#sharing.makePrivate(address, pages);
  }
}

function slotsFrom(base: PhysicalAddress): readonly Slot[] {
  const slots: Slot[] = [];
  let next: number = base;
  for (const [count, pages] of RANGES) {
    for (let index = 0; index < count; index++) {
      slots.push({ address: next + HEADER_PAGES * EFI_PAGE_SIZE, pages, taken: false });
      next += (HEADER_PAGES + pages) * EFI_PAGE_SIZE;
    }
  }
  return slots;
}
