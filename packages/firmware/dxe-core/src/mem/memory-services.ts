import type { GuestRam, Platform } from '@dxelab/platform';
import type {
  EfiAllocateType,
  EfiMemoryMap,
  EfiMemoryType,
  GuestBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import { EFI_EVENT_GROUP_MEMORY_MAP_CHANGE, EfiError, TPL_NOTIFY } from '@dxelab/uefi';
import type { EventServices } from '../event/event-services.ts';
import { PageServices } from './page-services.ts';
import { PoolServices } from './pool-services.ts';

/**
 * Memory services (UEFI §7.2, and CopyMem and SetMem of §7.5) under EDK II's memory lock at
 * TPL_NOTIFY: calling one above it fails an ASSERT, and whoever waits for the MemoryMapChange event
 * group is notified as the lock is released. MdeModulePkg/Core/Dxe/Mem.
 */
export class MemoryServices {
  readonly #events: EventServices;
  readonly #ram: GuestRam;
  readonly #pages: PageServices;
  readonly #pool: PoolServices;

  constructor(platform: Platform, events: EventServices) {
    this.#events = events;
    this.#ram = platform.ram;
    const changed = (): void => events.signalGroup(EFI_EVENT_GROUP_MEMORY_MAP_CHANGE);
    this.#pages = new PageServices(platform.hobs, changed);
    this.#pool = new PoolServices(this.#pages);
  }

  /** How many pool allocations are out, for reports. */
  get poolAllocations(): number {
    return this.#pool.allocations;
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES, EFI_NOT_FOUND */
  allocatePages(
    type: EfiAllocateType,
    memoryType: EfiMemoryType,
    pages: number,
    memory?: PhysicalAddress,
  ): PhysicalAddress {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    try {
      return this.#pages.allocate(type, memoryType, pages, memory);
    } finally {
      this.#events.restoreTpl(tpl);
    }
  }

  /** @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER */
  freePages(memory: PhysicalAddress, pages: number): void {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    try {
      this.#pages.free(memory, pages);
    } finally {
      this.#events.restoreTpl(tpl);
    }
  }

  getMemoryMap(): EfiMemoryMap {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    const map = this.#pages.getMemoryMap();
    this.#events.restoreTpl(tpl);
    return map;
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES */
  allocatePool(poolType: EfiMemoryType, size: number): GuestBuffer {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    try {
      return this.#pool.allocate(poolType, size);
    } finally {
      this.#events.restoreTpl(tpl);
    }
  }

  /** @throws EFI_INVALID_PARAMETER */
  freePool(buffer: GuestBuffer): void {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    try {
      this.#pool.free(buffer);
    } finally {
      this.#events.restoreTpl(tpl);
    }
  }

  /** Copies `length` bytes; the two may overlap. */
  copyMem(destination: PhysicalAddress, source: PhysicalAddress, length: number): void {
    if (length > 0) this.#ram.copy(destination, source, length);
  }

  /** Fills `size` bytes with the low byte of `value`. */
  setMem(buffer: PhysicalAddress, size: number, value: number): void {
    if (size > 0) this.#ram.fill(buffer, size, value & 0xff);
  }

  /** ExitBootServices' question. @throws EFI_INVALID_PARAMETER if the map has changed since */
  checkMapKey(mapKey: number): void {
    const current = this.#pages.mapKey;
    if (mapKey === current) return;
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `ExitBootServices: map key ${mapKey} is not that of the present memory map, ${current}: get the map again`,
    );
  }
}
