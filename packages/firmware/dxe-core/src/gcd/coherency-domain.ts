import type { HobList } from '@dxelab/platform';
import type { EfiGcdIoType, EfiHandle } from '@dxelab/uefi';
import {
  EFI_GCD_IO_TYPES,
  EFI_MEMORY_UC,
  EFI_MEMORY_WB,
  EFI_MEMORY_WC,
  EFI_MEMORY_WT,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import { GcdSpace } from './gcd-space.ts';
import { isSystemMemory, MemorySpace } from './memory-space.ts';
import { wholePages } from './whole-pages.ts';

/** As the processors are that the machines here have: 256 TiB, and 64 Ki ports. */
const MEMORY_BITS = 48;
const IO_BITS = 16;
/** How RAM can be cached (OvmfPkg/Library/PlatformInitLib, PlatformAddMemoryBaseSizeHob). */
export const RAM_ATTRIBUTES: bigint = EFI_MEMORY_UC | EFI_MEMORY_WC | EFI_MEMORY_WT | EFI_MEMORY_WB;

/** Memory and I/O as the processor sees them, as PEI describes them. Gcd.c, CoreInitializeGcdServices. */
export class CoherencyDomain {
  readonly memory: MemorySpace;
  readonly io: GcdSpace<EfiGcdIoType>;
  readonly #hobs: HobList;

  /** @throws RangeError for a HOB list that contradicts itself */
  constructor(hobs: HobList, quirks: Quirks) {
    const losesLast = quirks.has('DxeCore.GcdTopDownLosesLast');
    this.memory = new MemorySpace(MEMORY_BITS, quirks);
    this.io = new GcdSpace('Io', IO_BITS, EFI_GCD_IO_TYPES, 'EfiGcdIoTypeNonExistent', losesLast);
    this.#hobs = hobs;
    for (const { type, base, length } of hobs.resources.filter(isSomething)) {
      requireNew(type === 'EFI_RESOURCE_IO' ? this.io : this.memory, base, length);
      if (type === 'EFI_RESOURCE_IO') this.io.add('EfiGcdIoTypeIo', base, length, 0n);
      else if (type === 'EFI_RESOURCE_SYSTEM_MEMORY') {
        this.memory.add('EfiGcdMemoryTypeSystemMemory', base, length, RAM_ATTRIBUTES);
      } else this.memory.add('EfiGcdMemoryTypeMemoryMappedIo', base, length, EFI_MEMORY_UC);
    }
  }

  /** What PEI used, and all pages of system memory, are the core's: they are for AllocatePages. */
  claim(core: EfiHandle): void {
    for (const { base, length } of this.#hobs.allocations.filter(isSomething)) {
      this.#allocate(base, length, core);
    }
    for (const { start, end, value } of this.memory.ranges.slice()) {
      const pages = wholePages(start, end - start);
      if (isSystemMemory(value.type) && pages.length > 0) {
        this.#allocate(pages.base, pages.length, core);
      }
    }
  }

  /** Allocates what nobody has of a range, which may be of several types. */
  #allocate(base: number, length: number, core: EfiHandle): void {
    for (const { start, end, value } of this.memory.over(base, length) ?? []) {
      if (value.imageHandle !== undefined) continue;
      const address = Math.max(base, start);
      this.memory.allocate({
        allocateType: 'EfiGcdAllocateAddress',
        type: value.type,
        alignment: 0,
        length: Math.min(base + length, end) - address,
        address,
        imageHandle: core,
        deviceHandle: undefined,
      });
    }
  }
}

/** A HOB may describe nothing, such as an empty device tree. */
function isSomething({ length }: { readonly length: number }): boolean {
  return length > 0;
}

function requireNew(
  space: { isNew: (base: number, length: number) => boolean },
  base: number,
  length: number,
): void {
  if (space.isNew(base, length)) return;
  throw new RangeError(`0x${length.toString(16)} from 0x${base.toString(16)} are described twice`);
}
