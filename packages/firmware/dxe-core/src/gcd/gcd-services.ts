import type {
  EfiGcdAllocateType,
  EfiGcdIoServices,
  EfiGcdIoSpaceDescriptor,
  EfiGcdIoType,
  EfiGcdMemoryServices,
  EfiGcdMemorySpaceDescriptor,
  EfiGcdMemoryType,
  EfiHandle,
  PhysicalAddress,
} from '@dxelab/uefi';
import { CpuArchProtocol, EfiError, TPL_NOTIFY } from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { Architecture } from '../core/architecture.ts';
import type { EventServices } from '../event/event-services.ts';
import type { MemoryServices } from '../mem/memory-services.ts';
import type { CoherencyDomain } from './coherency-domain.ts';
import type { GcdUse } from './gcd-space.ts';
import { memoryMapType } from './memory-map.ts';
import { isSystemMemory } from './memory-space.ts';
import type { SpaceRange } from './space-map.ts';
import { wholePages } from './whole-pages.ts';

/** What the services of the Global Coherency Domain need of the core. */
export interface GcdServicesParts {
  readonly events: EventServices;
  readonly memory: MemoryServices;
  readonly architecture: Architecture;
  readonly quirks: Quirks;
  /** The core's own image, whose all system memory is. */
  readonly core: EfiHandle;
}

/**
 * The services of the Global Coherency Domain (PI Vol. 2 §7.2.4) under EDK II's two locks, both at TPL_NOTIFY.
 * System memory that is added goes to the page allocator. MdeModulePkg/Core/Dxe/Gcd/Gcd.c.
 */
export class GcdServices implements EfiGcdMemoryServices, EfiGcdIoServices {
  readonly #domain: CoherencyDomain;
  readonly #parts: GcdServicesParts;
  readonly #keepsMapKey: boolean;
  readonly #refusesLessThanPage: boolean;

  constructor(domain: CoherencyDomain, parts: GcdServicesParts) {
    this.#domain = domain;
    this.#parts = parts;
    this.#keepsMapKey = parts.quirks.has('DxeCore.GcdKeepsMapKey');
    this.#refusesLessThanPage = parts.quirks.has('DxeCore.GcdRefusesLessThanPage');
    domain.claim(parts.core);
  }

  addMemorySpace(
    gcdMemoryType: EfiGcdMemoryType,
    baseAddress: PhysicalAddress,
    length: number,
    capabilities: bigint,
  ): void {
    this.#locked(() =>
      this.#change(baseAddress, length, () =>
        this.#domain.memory.add(gcdMemoryType, baseAddress, length, capabilities),
      ),
    );
    if (isSystemMemory(gcdMemoryType)) this.#givePages(gcdMemoryType, baseAddress, length);
  }

  allocateMemorySpace(
    gcdAllocateType: EfiGcdAllocateType,
    gcdMemoryType: EfiGcdMemoryType,
    alignment: number,
    length: number,
    baseAddress: PhysicalAddress | undefined,
    imageHandle: EfiHandle | undefined,
    deviceHandle?: EfiHandle,
  ): PhysicalAddress {
    return this.#locked(() =>
      this.#domain.memory.allocate({
        allocateType: gcdAllocateType,
        type: gcdMemoryType,
        alignment,
        length,
        address: baseAddress,
        imageHandle,
        deviceHandle,
      }),
    );
  }

  freeMemorySpace(baseAddress: PhysicalAddress, length: number): void {
    this.#locked(() => this.#domain.memory.free(baseAddress, length));
  }

  removeMemorySpace(baseAddress: PhysicalAddress, length: number): void {
    this.#locked(() =>
      this.#change(baseAddress, length, () => this.#domain.memory.remove(baseAddress, length)),
    );
  }

  getMemorySpaceDescriptor(baseAddress: PhysicalAddress): EfiGcdMemorySpaceDescriptor {
    return this.#locked(() => memoryDescriptor(this.#domain.memory.at(baseAddress)));
  }

  setMemorySpaceAttributes(baseAddress: PhysicalAddress, length: number, attributes: bigint): void {
    const { architecture } = this.#parts;
    this.#locked(() =>
      this.#change(baseAddress, length, () =>
        this.#domain.memory.setAttributes(baseAddress, length, attributes, () =>
          architecture.get(CpuArchProtocol, 'SetMemorySpaceAttributes'),
        ),
      ),
    );
  }

  setMemorySpaceCapabilities(
    baseAddress: PhysicalAddress,
    length: number,
    capabilities: bigint,
  ): void {
    this.#locked(() =>
      this.#change(baseAddress, length, () =>
        this.#domain.memory.setCapabilities(baseAddress, length, capabilities),
      ),
    );
  }

  getMemorySpaceMap(): readonly EfiGcdMemorySpaceDescriptor[] {
    return this.#locked(() => this.#domain.memory.ranges.map(memoryDescriptor));
  }

  addIoSpace(gcdIoType: EfiGcdIoType, baseAddress: number, length: number): void {
    this.#locked(() => this.#domain.io.add(gcdIoType, baseAddress, length, 0n));
  }

  allocateIoSpace(
    gcdAllocateType: EfiGcdAllocateType,
    gcdIoType: EfiGcdIoType,
    alignment: number,
    length: number,
    baseAddress: number | undefined,
    imageHandle: EfiHandle | undefined,
    deviceHandle?: EfiHandle,
  ): number {
    return this.#locked(() =>
      this.#domain.io.allocate({
        allocateType: gcdAllocateType,
        type: gcdIoType,
        alignment,
        length,
        address: baseAddress,
        imageHandle,
        deviceHandle,
      }),
    );
  }

  freeIoSpace(baseAddress: number, length: number): void {
    this.#locked(() => this.#domain.io.free(baseAddress, length));
  }

  removeIoSpace(baseAddress: number, length: number): void {
    this.#locked(() => this.#domain.io.remove(baseAddress, length));
  }

  getIoSpaceDescriptor(baseAddress: number): EfiGcdIoSpaceDescriptor {
    return this.#locked(() => ioDescriptor(this.#domain.io.at(baseAddress)));
  }

  getIoSpaceMap(): readonly EfiGcdIoSpaceDescriptor[] {
    return this.#locked(() => this.#domain.io.ranges.map(ioDescriptor));
  }

  /** CoreAddMemorySpace's second half: whole pages are for AllocatePages. @throws EFI_INVALID_PARAMETER */
  #givePages(type: EfiGcdMemoryType, baseAddress: PhysicalAddress, added: number): void {
    const { core, memory } = this.#parts;
    const { base, length } = wholePages(baseAddress, added);
    if (length > 0) {
      this.allocateMemorySpace('EfiGcdAllocateAddress', type, 0, length, base, core);
      memory.addPages(base, length);
    } else if (this.#refusesLessThanPage) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `AddMemorySpace: there is no whole page in 0x${added.toString(16)} bytes from ` +
          `0x${baseAddress.toString(16)}; they were added`,
      );
    }
  }

  #locked<Result>(body: () => Result): Result {
    const { events } = this.#parts;
    const tpl = events.raiseTpl(TPL_NOTIFY);
    try {
      return body();
    } finally {
      events.restoreTpl(tpl);
    }
  }

  /** Does something that may change what the memory map says of a range. */
  #change(base: PhysicalAddress, length: number, change: () => void): void {
    const before = this.#inMemoryMap(base, length);
    change();
    if (this.#inMemoryMap(base, length) !== before) this.#parts.memory.noteChange();
  }

  /** What the memory map says of a range, as far as another map means another key. */
  #inMemoryMap(base: PhysicalAddress, length: number): string {
    const ranges = this.#domain.memory.over(base, length) ?? [];
    return ranges
      .map(({ start, end, value }) => {
        const { type, capabilities, attributes } = value;
        if (isSystemMemory(type)) return `${start}-${end}: ${capabilities}`;
        const mapType = this.#keepsMapKey ? undefined : memoryMapType(value);
        return mapType && `${start}-${end}: ${mapType} ${capabilities} ${attributes}`;
      })
      .join();
  }
}

function memoryDescriptor({
  start,
  end,
  value,
}: SpaceRange<GcdUse<EfiGcdMemoryType>>): EfiGcdMemorySpaceDescriptor {
  const { type, capabilities, attributes, imageHandle, deviceHandle } = value;
  return {
    baseAddress: start,
    length: end - start,
    capabilities,
    attributes,
    gcdMemoryType: type,
    imageHandle,
    deviceHandle,
  };
}

function ioDescriptor({
  start,
  end,
  value,
}: SpaceRange<GcdUse<EfiGcdIoType>>): EfiGcdIoSpaceDescriptor {
  const { type, imageHandle, deviceHandle } = value;
  return { baseAddress: start, length: end - start, gcdIoType: type, imageHandle, deviceHandle };
}
