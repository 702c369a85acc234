import type { EfiMemoryServices, PhysicalAddress } from '@dxelab/uefi';

/** The boot services that bounce buffers and common buffers come from. */
export type PageServices = Pick<EfiMemoryServices, 'allocatePages' | 'freePages'>;

/** In pages: more than this is not kept for the next time. */
const LARGEST_SPARE = 256;

/**
 * Pages for bounce buffers. Requests of one size follow each other, so the last pages given back are
 * kept for the next one. At most one run is kept.
 */
export class BouncePages {
  /** Whether the pages that were last allocated hold what was the firmware's, and devices never saw. */
  areNew = false;
  readonly #bs: PageServices;
  readonly #lastAddress: PhysicalAddress | undefined;
  readonly #keep: boolean;
  #spare: PhysicalAddress = 0;
  /** 0 when there is no spare. */
  #sparePages = 0;

  /**
   * @param lastAddress the highest that devices reach; `undefined` if they reach all memory
   * @param keep whether pages are kept at all
   */
  constructor(bs: PageServices, lastAddress: PhysicalAddress | undefined, keep: boolean) {
    this.#bs = bs;
    this.#lastAddress = lastAddress;
    this.#keep = keep;
  }

  /** @throws EFI_OUT_OF_RESOURCES */
  allocate(pages: number): PhysicalAddress {
    this.areNew = pages !== this.#sparePages;
    if (!this.areNew) {
      this.#sparePages = 0;
      return this.#spare;
    }
    this.giveBack();
    if (this.#lastAddress === undefined) {
      return this.#bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', pages);
    }
    return this.#bs.allocatePages(
      'AllocateMaxAddress',
      'EfiBootServicesData',
      pages,
      this.#lastAddress,
    );
  }

  free(address: PhysicalAddress, pages: number): void {
    if (!this.#keep || pages > LARGEST_SPARE) {
      this.#bs.freePages(address, pages);
      return;
    }
    const old = this.#spare;
    const oldPages = this.#sparePages;
    this.#spare = address;
    this.#sparePages = pages;
    if (oldPages > 0) this.#bs.freePages(old, oldPages);
  }

  /** Keeps nothing any more. */
  giveBack(): void {
    const pages = this.#sparePages;
    if (pages === 0) return;
    // Forgotten first: a notification may come during FreePages, and map something itself.
    this.#sparePages = 0;
    this.#bs.freePages(this.#spare, pages);
  }
}
