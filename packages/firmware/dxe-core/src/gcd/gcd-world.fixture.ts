import type {
  EfiDxeServices,
  EfiGcdAllocateType,
  EfiGcdMemoryType,
  EfiMemoryDescriptor,
} from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_MEMORY_MAP_CHANGE,
  EFI_MEMORY_UC,
  EFI_MEMORY_WB,
  EFI_MEMORY_WC,
  EFI_MEMORY_WT,
  EVT_NOTIFY_SIGNAL,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { dxeServicesTable } from '@dxelab/uefi-lib';
import { CoreWorld } from '../core/core-world.fixture.ts';

export const MIB = 2 ** 20;
/** Where the machine of these tests has nothing: its RAM ends at 16 MiB. */
export const FREE = 0x1_0000_0000;
/** What the processor of these tests does not reach. */
export const BEYOND = 2 ** 48;
export const RAM = EFI_MEMORY_UC | EFI_MEMORY_WC | EFI_MEMORY_WT | EFI_MEMORY_WB;
export const MMIO: EfiGcdMemoryType = 'EfiGcdMemoryTypeMemoryMappedIo';
export const RESERVED: EfiGcdMemoryType = 'EfiGcdMemoryTypeReserved';
export const SYSTEM: EfiGcdMemoryType = 'EfiGcdMemoryTypeSystemMemory';
export const ADDRESS = 'EfiGcdAllocateAddress';
export const UP = 'EfiGcdAllocateAnySearchBottomUp';
export const UP_TO = 'EfiGcdAllocateMaxAddressSearchBottomUp';
export const DOWN = 'EfiGcdAllocateAnySearchTopDown';
export const DOWN_FROM = 'EfiGcdAllocateMaxAddressSearchTopDown';

/** A core on a machine with 16 MiB of RAM, ports and nothing else, and its DXE services. */
export class GcdWorld extends CoreWorld {
  readonly ds: EfiDxeServices;
  readonly image = this.core.labImage;

  constructor(profile: Profile) {
    super(profile);
    this.ds = dxeServicesTable(this.core.systemTable);
  }

  /** Memory-mapped I/O of 1 MiB where there was nothing. */
  withMmio(capabilities: bigint = EFI_MEMORY_UC): this {
    this.ds.addMemorySpace(MMIO, FREE, MIB, capabilities);
    return this;
  }

  /** Allocates memory-mapped I/O in this way. */
  allocate(way: EfiGcdAllocateType) {
    return (length: number, address?: number, alignment = 0): number =>
      this.ds.allocateMemorySpace(way, MMIO, alignment, length, address, this.image);
  }

  /** The memory map from an address on. */
  mapFrom(address: number): readonly EfiMemoryDescriptor[] {
    return this.bs
      .getMemoryMap()
      .descriptors.filter(({ physicalStart }) => physicalStart >= address);
  }

  /** Whether something changes the map key, and whether it tells so. */
  changesMap(body: () => void): boolean {
    const before = this.bs.getMemoryMap().mapKey;
    let told = false;
    const notify = (): void => {
      told = true;
    };
    const group = EFI_EVENT_GROUP_MEMORY_MAP_CHANGE;
    const event = this.bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, notify, null, group);
    body();
    this.bs.closeEvent(event);
    const changed = this.bs.getMemoryMap().mapKey !== before;
    if (changed !== told) throw new Error(`the key has changed: ${changed}, it was told: ${told}`);
    return told;
  }
}
