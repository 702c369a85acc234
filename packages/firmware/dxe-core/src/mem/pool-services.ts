import type { EfiMemoryType, GuestBuffer, PhysicalAddress } from '@dxelab/uefi';
import { EFI_PAGE_SIZE, EfiError, efiSizeToPages } from '@dxelab/uefi';
import type { HeldMemory } from './held-memory.ts';
import type { PageServices } from './page-services.ts';
import { checkMemoryType } from './page-services.ts';
import { PoolRun } from './pool-run.ts';

/** The smallest block, in bytes, as a power of two. */
const SMALLEST = 7;
/** The largest block that shares a page; larger ones have pages of their own. */
const LARGEST = 11;

/**
 * Pool allocation (UEFI §7.2.4, §7.2.5), without the lock: blocks of 128 to 2048 bytes that share
 * pages of their memory type, and whole pages for larger ones. Its books are kept beside guest RAM,
 * not in it, so that no overrun can damage them. MdeModulePkg/Core/Dxe/Mem/Pool.c.
 */
export class PoolServices {
  readonly #pages: PageServices;
  /** By memory type and block size: the runs with a free block. */
  readonly #bins = new Map<EfiMemoryType, readonly PoolRun[][]>();
  /** The run that has a page, by its first page: blocks that share a run share that page. */
  readonly #runs = new Map<number, PoolRun>();

  constructor(pages: PageServices) {
    this.#pages = pages;
  }

  /**
   * AllocatePool. The map key changes only if the pool has to grow.
   * @param size in bytes; 0 is a size like any other
   * @param owner the image that asks
   * @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES
   */
  allocate(type: EfiMemoryType, size: number, owner = ''): GuestBuffer {
    const bins = this.#bins.get(type) ?? this.#newBins(type);
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new EfiError('EFI_OUT_OF_RESOURCES', `AllocatePool: no memory has ${size} bytes`);
    }
    const order = size <= 1 ? SMALLEST : Math.max(SMALLEST, 32 - Math.clz32(size - 1));
    const bin = size > 2 ** LARGEST ? undefined : bins[order - SMALLEST];
    const run = bin?.at(-1) ?? this.#grow(type, size, order, bin);
    return { address: run.take(owner, size), length: size };
  }

  /** FreePool. @throws EFI_INVALID_PARAMETER if no block begins at this address */
  free(buffer: GuestBuffer): void {
    const { address } = buffer;
    const run = this.#runs.get(Math.floor(address / EFI_PAGE_SIZE));
    if (run === undefined || !run.isOut(address)) throw notAllocated(address);
    if (run.putBack(address)) {
      run.leave();
      this.#runs.delete(run.address / EFI_PAGE_SIZE);
      this.#pages.release(run.address, run.pages, true);
    }
  }

  /** A block that is out: all of it, whatever was asked for. @throws EFI_INVALID_PARAMETER */
  block({ address }: GuestBuffer): GuestBuffer {
    const run = this.#runs.get(Math.floor(address / EFI_PAGE_SIZE));
    if (run === undefined || !run.isOut(address)) throw notAllocated(address);
    return { address, length: run.blockSize };
  }

  /** What images have allocated and not freed. */
  held(): readonly HeldMemory[] {
    return [...new Set(this.#runs.values())].flatMap((run) => run.held());
  }

  /** A block that is out is nobody's from now on: it is kept for a while after it was freed. */
  disown(address: PhysicalAddress): void {
    this.#runs.get(Math.floor(address / EFI_PAGE_SIZE))?.disown(address);
  }

  #grow(type: EfiMemoryType, size: number, order: number, bin: PoolRun[] | undefined): PoolRun {
    const pages = bin === undefined ? efiSizeToPages(size) : 1;
    const blockSize = bin === undefined ? pages * EFI_PAGE_SIZE : 2 ** order;
    const address = this.#pages.allocateAny(type, pages, true);
    const run = new PoolRun(type, address, pages, blockSize, bin);
    this.#runs.set(address / EFI_PAGE_SIZE, run);
    return run;
  }

  #newBins(type: EfiMemoryType): readonly PoolRun[][] {
    checkMemoryType(type, 'AllocatePool');
    const bins = Array.from({ length: LARGEST - SMALLEST + 1 }, (): PoolRun[] => []);
    this.#bins.set(type, bins);
    return bins;
  }
}

/** What FreePool fails with. */
export function notAllocated(address: PhysicalAddress): EfiError {
  return new EfiError(
    'EFI_INVALID_PARAMETER',
    `FreePool: 0x${address.toString(16)} was not allocated with AllocatePool, or is free already`,
  );
}
