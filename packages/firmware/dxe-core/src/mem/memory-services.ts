import type { GuestRam, Platform } from '@dxelab/platform';
import type {
  EfiAllocateType,
  EfiMemoryMap,
  EfiMemoryType,
  GuestBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_MEMORY_MAP_CHANGE,
  EFI_PAGE_SIZE,
  EfiError,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { FirmwareFinding } from '../core/firmware-finding.ts';
import type { EventServices } from '../event/event-services.ts';
import { memoryMapOf } from '../gcd/memory-map.ts';
import type { MemorySpace } from '../gcd/memory-space.ts';
import type { HeldMemory } from './held-memory.ts';
import { MemoryGuard } from './memory-guard.ts';
import { PageOwners } from './page-owners.ts';
import { PageServices } from './page-services.ts';
import { notAllocated, PoolServices } from './pool-services.ts';

/** Who calls when no image does. */
const CORE = 'DxeCore';
/** How many freed blocks of the pool a guard keeps from being used again. */
const QUARANTINE = 256;

/**
 * Memory services (UEFI §7.2, and CopyMem and SetMem of §7.5) under EDK II's memory lock at
 * TPL_NOTIFY: calling one above it fails an ASSERT, and whoever waits for the MemoryMapChange event
 * group is notified as the lock is released. MdeModulePkg/Core/Dxe/Mem.
 */
export class MemoryServices {
  readonly #events: EventServices;
  readonly #ram: GuestRam;
  readonly #space: MemorySpace;
  readonly #pages: PageServices;
  readonly #pool: PoolServices;

  /** What watches drivers' use of memory, if it is watched. */
  readonly guard: MemoryGuard | undefined;
  readonly #owners = new PageOwners();
  /** What the pool gets back later: while it is nobody's, its use is seen. */
  readonly #quarantine: GuestBuffer[] = [];

  /**
   * @param space what the Global Coherency Domain knows of memory
   * @param onGuardFinding watches memory and hears of its misuse; without it memory is not watched
   */
  constructor(
    platform: Platform,
    events: EventServices,
    space: MemorySpace,
    onGuardFinding?: (finding: FirmwareFinding) => void,
  ) {
    this.#events = events;
    this.#ram = platform.ram;
    this.#space = space;
    const changed = (): void => events.signalGroup(EFI_EVENT_GROUP_MEMORY_MAP_CHANGE);
    this.#pages = new PageServices(platform.hobs, changed);
    this.#pool = new PoolServices(this.#pages);
    if (onGuardFinding === undefined) return;
    this.guard = new MemoryGuard((address) => this.#pages.useOf(address), onGuardFinding);
  }

  /** What images have allocated and not freed. */
  held(): readonly HeldMemory[] {
    return [...this.#owners.held(), ...this.#pool.held()];
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES, EFI_NOT_FOUND */
  allocatePages(
    type: EfiAllocateType,
    memoryType: EfiMemoryType,
    pages: number,
    memory?: PhysicalAddress,
    caller: string = CORE,
  ): PhysicalAddress {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    try {
      const address = this.#pages.allocate(type, memoryType, pages, memory);
      this.#owners.allocated(caller, address, pages);
      this.guard?.allocated(caller, address, pages * EFI_PAGE_SIZE);
      return address;
    } finally {
      this.#events.restoreTpl(tpl);
    }
  }

  /** @throws EFI_NOT_FOUND, EFI_INVALID_PARAMETER */
  freePages(memory: PhysicalAddress, pages: number, caller: string = CORE): void {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    try {
      this.guard?.doubleFree(caller, memory);
      this.#pages.free(memory, pages);
      this.#owners.freed(memory, pages);
      this.guard?.freed(caller, memory, pages * EFI_PAGE_SIZE);
    } finally {
      this.#events.restoreTpl(tpl);
    }
  }

  getMemoryMap(): EfiMemoryMap {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    const map = this.#pages.getMemoryMap();
    const descriptors = memoryMapOf(map.descriptors, this.#space);
    this.#events.restoreTpl(tpl);
    return { ...map, descriptors };
  }

  /** Adds RAM to what can be allocated, in whole pages. */
  addPages(memory: PhysicalAddress, length: number): void {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    this.#pages.addFree(memory, length);
    this.#events.restoreTpl(tpl);
  }

  /** The memory map is another, because the Global Coherency Domain is: its key is another too. */
  noteChange(): void {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    this.#pages.noteChange();
    this.#events.restoreTpl(tpl);
  }

  /** @throws EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES */
  allocatePool(poolType: EfiMemoryType, size: number, caller: string = CORE): GuestBuffer {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    try {
      const buffer = this.#pool.allocate(poolType, size, caller);
      this.guard?.allocated(caller, buffer.address, size);
      return buffer;
    } finally {
      this.#events.restoreTpl(tpl);
    }
  }

  /** @throws EFI_INVALID_PARAMETER */
  freePool(buffer: GuestBuffer, caller: string = CORE): void {
    const tpl = this.#events.raiseTpl(TPL_NOTIFY);
    try {
      if (this.guard === undefined) this.#pool.free(buffer);
      else this.#freeGuarded(this.guard, buffer, caller);
    } finally {
      this.#events.restoreTpl(tpl);
    }
  }

  /** Copies `length` bytes; the two may overlap. */
  copyMem(
    destination: PhysicalAddress,
    source: PhysicalAddress,
    length: number,
    caller: string = CORE,
  ): void {
    this.guard?.check(caller, 'read', source, length);
    this.guard?.check(caller, 'wrote', destination, length);
    if (length > 0) this.#ram.copy(destination, source, length);
  }

  /** Fills `size` bytes with the low byte of `value`. */
  setMem(buffer: PhysicalAddress, size: number, value: number, caller: string = CORE): void {
    this.guard?.check(caller, 'wrote', buffer, size);
    if (size > 0) this.#ram.fill(buffer, size, value & 0xff);
  }

  /** The pool gets a block back only after so many others: until then, who uses it is seen. */
  #freeGuarded(guard: MemoryGuard, buffer: GuestBuffer, caller: string): void {
    const { address } = buffer;
    const isFree = guard.doubleFree(caller, address);
    const { length } = this.#pool.block(buffer);
    if (isFree) throw notAllocated(address);
    guard.freed(caller, address, length);
    this.#pool.disown(address);
    this.#quarantine.push(buffer);
    const oldest = this.#quarantine.length > QUARANTINE ? this.#quarantine.shift() : undefined;
    if (oldest !== undefined) this.#pool.free(oldest);
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
