import type { HobList } from '@dxelab/platform';
import type {
  EfiAllocateType,
  EfiMemoryDescriptor,
  EfiMemoryMap,
  EfiMemoryType,
  PhysicalAddress,
} from '@dxelab/uefi';
import { EFI_MEMORY_RUNTIME, EFI_MEMORY_TYPES, EFI_PAGE_SIZE, EfiError } from '@dxelab/uefi';
import { RAM_ATTRIBUTES } from '../gcd/coherency-domain.ts';
import type { MemoryUse } from './memory-guard.ts';
import { PageMap } from './page-map.ts';

/** The page at 4 GiB. Below it is what every bus master can reach. */
const FOUR_GIB_PAGE = 0x10_0000;
const OEM_RESERVED_MIN = 0x7000_0000;
const OS_RESERVED_MAX = 0xffff_ffff;
/** sizeof(EFI_MEMORY_DESCRIPTOR) is 40; EDK II reports more, so that callers must ask. */
const DESCRIPTOR_SIZE = 48;

/** Types that are in the map, but that nobody can ask for. */
const NOT_ALLOCATABLE: ReadonlySet<EfiMemoryType> = new Set([
  'EfiConventionalMemory',
  'EfiPersistentMemory',
  'EfiUnacceptedMemoryType',
]);

/** Types that the operating system keeps for the runtime services. */
const RUNTIME: ReadonlySet<EfiMemoryType> = new Set([
  'EfiRuntimeServicesCode',
  'EfiRuntimeServicesData',
]);

/**
 * Page allocation and the memory map (UEFI §7.2.1 to §7.2.3), without the lock. Allocation goes from
 * the top down, below 4 GiB first, where OVMF's default bin lies.
 * MdeModulePkg/Core/Dxe/Mem/Page.c; the bins of memory types are not modelled.
 */
export class PageServices {
  readonly #map = new PageMap();
  readonly #changed: () => void;
  #mapKey = 0;

  /** @param changed called when the memory map has changed */
  constructor(hobs: HobList, changed: () => void) {
    this.#changed = changed;
    for (const { type, base, length } of hobs.resources) {
      const start = Math.ceil(base / EFI_PAGE_SIZE);
      const end = Math.floor((base + length) / EFI_PAGE_SIZE);
      if (type === 'EFI_RESOURCE_SYSTEM_MEMORY' && start < end) {
        this.#map.add(start, end, 'EfiConventionalMemory');
      }
    }
    for (const { memoryType, base, length } of hobs.allocations) {
      this.#reserve(base, length, memoryType);
    }
  }

  /** Names the present state of the map. */
  get mapKey(): number {
    return this.#mapKey;
  }

  /** What the page of an address is used for, for a guard. */
  useOf(address: PhysicalAddress): MemoryUse {
    const range = this.#map.find(Math.floor(address / EFI_PAGE_SIZE));
    if (range?.pool === true) return 'pool';
    return range?.type === 'EfiConventionalMemory' ? 'free' : 'other';
  }

  /** AllocatePages (UEFI §7.2.1). @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES, EFI_NOT_FOUND */
  allocate(
    type: EfiAllocateType,
    memoryType: EfiMemoryType,
    pages: number,
    memory?: PhysicalAddress,
  ): PhysicalAddress {
    checkMemoryType(memoryType, 'AllocatePages');
    if (type === 'AllocateAnyPages') return this.allocateAny(memoryType, pages, false);
    if (memory === undefined) {
      throw new EfiError('EFI_INVALID_PARAMETER', `${type} needs an address`);
    }
    if (type === 'AllocateAddress') return this.#allocateAt(memoryType, pages, memory);
    if (type !== 'AllocateMaxAddress') {
      throw new EfiError('EFI_INVALID_PARAMETER', `${String(type)} is not an allocation type`);
    }
    const limit = Math.floor((memory + 1) / EFI_PAGE_SIZE);
    const start = this.#highestFree(pages, limit);
    if (start === undefined) throw noRoom(pages, `up to 0x${memory.toString(16)}`);
    return this.#convert(start, pages, memoryType, false);
  }

  /**
   * AllocateAnyPages of a type that was checked.
   * @param pool whether it is for the pool, from which FreePages cannot take it
   * @throws EFI_OUT_OF_RESOURCES
   */
  allocateAny(memoryType: EfiMemoryType, pages: number, pool: boolean): PhysicalAddress {
    const start =
      this.#highestFree(pages, FOUR_GIB_PAGE) ?? this.#highestFree(pages, Number.MAX_SAFE_INTEGER);
    if (start === undefined) throw noRoom(pages, 'anywhere');
    return this.#convert(start, pages, memoryType, pool);
  }

  /**
   * FreePages (UEFI §7.2.2): all of the range or nothing. What the pool has is not to be freed here.
   * @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER
   */
  free(memory: PhysicalAddress, pages: number): void {
    const range = this.#map.find(Math.floor(memory / EFI_PAGE_SIZE));
    const allocated = range !== undefined && range.type !== 'EfiConventionalMemory' && !range.pool;
    if (!allocated) {
      throw new EfiError(
        'EFI_NOT_FOUND',
        `FreePages: the page at 0x${memory.toString(16)} was not allocated with AllocatePages`,
      );
    }
    if (memory % EFI_PAGE_SIZE !== 0 || !(pages > 0) || !Number.isSafeInteger(pages)) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `FreePages: ${pages} pages at 0x${memory.toString(16)} are not whole pages`,
      );
    }
    this.release(memory, pages, false);
  }

  /** Frees pages, given that all of them belong to the pool, or that none does. @throws EFI_NOT_FOUND */
  release(memory: PhysicalAddress, pages: number, pool: boolean): void {
    const start = memory / EFI_PAGE_SIZE;
    const end = start + pages;
    const range = this.#map.find(start);
    // Nearly always it is one range; only then nothing need be walked.
    const whole = range !== undefined && end <= range.end;
    if (
      !whole &&
      !this.#map.every(
        start,
        end,
        (part) => part.type !== 'EfiConventionalMemory' && part.pool === pool,
      )
    ) {
      throw new EfiError(
        'EFI_NOT_FOUND',
        `FreePages: of ${pages} pages at 0x${memory.toString(16)} some were not allocated`,
      );
    }
    this.#convert(start, pages, 'EfiConventionalMemory', false);
  }

  /** Adds RAM that can be allocated from now on. */
  addFree(memory: PhysicalAddress, length: number): void {
    const start = memory / EFI_PAGE_SIZE;
    this.#map.add(start, start + length / EFI_PAGE_SIZE, 'EfiConventionalMemory');
    this.noteChange();
  }

  /** The memory map is another now, though no page is used for something else. */
  noteChange(): void {
    this.#mapKey++;
    this.#changed();
  }

  /** The pages of GetMemoryMap: in ascending order, neighbours of one type in one descriptor. */
  getMemoryMap(): EfiMemoryMap {
    const descriptors: EfiMemoryDescriptor[] = [];
    for (let range = this.#map.first; range !== undefined;) {
      const { start, type } = range;
      let { end } = range;
      range = range.next;
      while (range?.start === end && range.type === type) {
        end = range.end;
        range = range.next;
      }
      descriptors.push({
        type,
        physicalStart: start * EFI_PAGE_SIZE,
        virtualStart: 0,
        numberOfPages: end - start,
        attribute: RUNTIME.has(type) ? RAM_ATTRIBUTES | EFI_MEMORY_RUNTIME : RAM_ATTRIBUTES,
      });
    }
    return {
      descriptors,
      mapKey: this.#mapKey,
      descriptorSize: DESCRIPTOR_SIZE,
      descriptorVersion: 1,
    };
  }

  #allocateAt(memoryType: EfiMemoryType, pages: number, memory: PhysicalAddress): PhysicalAddress {
    const start = memory / EFI_PAGE_SIZE;
    const range = Number.isSafeInteger(start) && start > 0 ? this.#map.find(start) : undefined;
    const fits = pages > 0 && Number.isSafeInteger(pages) && start + pages <= (range?.end ?? 0);
    if (!fits || range?.type !== 'EfiConventionalMemory') {
      throw new EfiError(
        'EFI_NOT_FOUND',
        `AllocatePages: ${pages} pages at 0x${memory.toString(16)} are not all free`,
      );
    }
    return this.#convert(start, pages, memoryType, false);
  }

  #highestFree(pages: number, limit: number): number | undefined {
    if (!(pages > 0) || !Number.isSafeInteger(pages)) return undefined;
    return this.#map.highestFree(pages, limit);
  }

  #convert(
    start: number,
    pages: number,
    memoryType: EfiMemoryType,
    pool: boolean,
  ): PhysicalAddress {
    this.#map.convert(start, start + pages, memoryType, pool);
    this.noteChange();
    return start * EFI_PAGE_SIZE;
  }

  /** What PEI used is not free; where it lies outside RAM (flash), it is in the map all the same. */
  #reserve(base: PhysicalAddress, length: number, memoryType: EfiMemoryType): void {
    const start = Math.floor(base / EFI_PAGE_SIZE);
    const end = Math.ceil((base + length) / EFI_PAGE_SIZE);
    if (this.#map.every(start, end, () => true)) this.#map.convert(start, end, memoryType, false);
    else this.#map.add(start, end, memoryType);
  }
}

/** @throws EFI_INVALID_PARAMETER for a type that nobody can allocate (UEFI §7.2.1) */
export function checkMemoryType(type: EfiMemoryType, service: string): void {
  const known =
    typeof type === 'string'
      ? EFI_MEMORY_TYPES.includes(type) && !NOT_ALLOCATABLE.has(type)
      : type >= OEM_RESERVED_MIN && type <= OS_RESERVED_MAX;
  if (!known) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `${service}: memory of type ${type} is not to be had`,
    );
  }
}

function noRoom(pages: number, where: string): EfiError {
  return new EfiError('EFI_OUT_OF_RESOURCES', `no ${pages} free pages in a row ${where}`);
}
