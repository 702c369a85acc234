import type { EfiMemoryDescriptor, EfiMemoryMap, EfiVirtualMemoryServices } from '@dxelab/uefi';
import {
  EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE,
  EFI_MEMORY_RUNTIME,
  EFI_OPTIONAL_PTR,
  EFI_SOFTWARE_DXE_BS_DRIVER,
  EFI_SOFTWARE_EFI_RUNTIME_SERVICE,
  EFI_SW_DXE_BS_PC_VIRTUAL_ADDRESS_CHANGE_EVENT,
  EFI_SW_RS_PC_SET_VIRTUAL_ADDRESS_MAP,
  EfiError,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { StatusCodes } from '../core/status-codes.ts';
import type { EventServices } from '../event/event-services.ts';
import type { ExitBootServices } from './exit-boot-services.ts';

const PAGE = 4096;

export interface VirtualAddressMapOptions {
  readonly quirks: Quirks;
  readonly statusCodes: StatusCodes;
  /** Lets the tables follow; an address that the virtual map leaves out stays as it is. */
  readonly convertTables: (convert: (address: number) => number) => void;
}

/**
 * Virtual memory services (UEFI §8.4): who waits for EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE is notified,
 * and can convert the addresses that it keeps. Guest memory is physical to all that runs here, before
 * and after. MdeModulePkg/Core/RuntimeDxe/Runtime.c.
 */
export class VirtualAddressMap implements EfiVirtualMemoryServices {
  readonly #events: EventServices;
  readonly #exit: ExitBootServices;
  readonly #physicalMap: () => EfiMemoryMap;
  readonly #convertTables: VirtualAddressMapOptions['convertTables'];
  readonly #statusCodes: StatusCodes;
  readonly #unchecked: boolean;
  /** Only while SetVirtualAddressMap notifies. */
  #virtualMap: readonly EfiMemoryDescriptor[] = [];
  #virtualMode = false;

  /** @param physicalMap the memory map as it is */
  constructor(
    events: EventServices,
    exit: ExitBootServices,
    physicalMap: () => EfiMemoryMap,
    { quirks, statusCodes, convertTables }: VirtualAddressMapOptions,
  ) {
    this.#events = events;
    this.#exit = exit;
    this.#physicalMap = physicalMap;
    this.#statusCodes = statusCodes;
    this.#convertTables = convertTables;
    this.#unchecked = quirks.has('DxeCore.VirtualMapUnchecked');
  }

  setVirtualAddressMap(virtualMap: readonly EfiMemoryDescriptor[]): void {
    if (this.#exit.endedBy === undefined) {
      throw new EfiError('EFI_UNSUPPORTED', 'SetVirtualAddressMap: boot services still exist');
    }
    if (this.#virtualMode) {
      throw new EfiError('EFI_UNSUPPORTED', 'SetVirtualAddressMap: there is a virtual map already');
    }
    const runtime = virtualMap.filter(isRuntime);
    if (!this.#unchecked) checkMaps(this.#physicalMap().descriptors.filter(isRuntime), runtime);
    this.#virtualMode = true;
    this.#virtualMap = runtime;
    this.#statusCodes.progress(
      EFI_SOFTWARE_EFI_RUNTIME_SERVICE | EFI_SW_RS_PC_SET_VIRTUAL_ADDRESS_MAP,
    );
    this.#statusCodes.progress(
      EFI_SOFTWARE_DXE_BS_DRIVER | EFI_SW_DXE_BS_PC_VIRTUAL_ADDRESS_CHANGE_EVENT,
    );
    this.#events.notifyMembers(EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE);
    this.#convertTables((address) => this.#virtualAddress(address) ?? address);
    this.#virtualMap = [];
  }

  convertPointer(debugDisposition: number, address: number): number {
    if (address === 0) {
      if ((debugDisposition & EFI_OPTIONAL_PTR) !== 0) return 0;
      throw new EfiError('EFI_INVALID_PARAMETER', 'ConvertPointer of 0, which is not optional');
    }
    const converted = this.#virtualAddress(address);
    if (converted !== undefined) return converted;
    const message = `ConvertPointer: 0x${address.toString(16)} is in no range of a virtual map`;
    throw new EfiError('EFI_NOT_FOUND', message);
  }

  #virtualAddress(address: number): number | undefined {
    const range = this.#virtualMap.find((one) => holds(one, address));
    return range && address - range.physicalStart + range.virtualStart;
  }
}

function isRuntime({ attribute }: EfiMemoryDescriptor): boolean {
  return (attribute & EFI_MEMORY_RUNTIME) !== 0n;
}

function endOf({ physicalStart, numberOfPages }: EfiMemoryDescriptor): number {
  return physicalStart + numberOfPages * PAGE;
}

function holds(range: EfiMemoryDescriptor, address: number): boolean {
  return address >= range.physicalStart && address < endOf(range);
}

/** Both ways: every range that needs a virtual address has one, and no other has. */
function checkMaps(
  physical: readonly EfiMemoryDescriptor[],
  virtual: readonly EfiMemoryDescriptor[],
): void {
  const missing = firstUncovered(physical, virtual);
  if (missing !== undefined) {
    const message = `SetVirtualAddressMap: 0x${missing.toString(16)} needs a virtual address and has none`;
    throw new EfiError('EFI_NO_MAPPING', message);
  }
  const strange = firstUncovered(virtual, physical);
  if (strange !== undefined) {
    const message = `SetVirtualAddressMap: 0x${strange.toString(16)} is not runtime memory of the memory map`;
    throw new EfiError('EFI_NOT_FOUND', message);
  }
}

/** The first address of `ranges` that none of `others` holds. */
function firstUncovered(
  ranges: readonly EfiMemoryDescriptor[],
  others: readonly EfiMemoryDescriptor[],
): number | undefined {
  for (const range of ranges) {
    let address = range.physicalStart;
    while (address < endOf(range)) {
      const at = address;
      const cover = others.find((other) => holds(other, at));
      if (cover === undefined) return address;
      address = endOf(cover);
    }
  }
  return undefined;
}
