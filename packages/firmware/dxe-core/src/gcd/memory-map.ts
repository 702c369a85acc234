import type { EfiGcdMemoryType, EfiMemoryDescriptor, EfiMemoryType } from '@dxelab/uefi';
import { EFI_MEMORY_NV, EFI_MEMORY_RUNTIME, EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { GcdUse } from './gcd-space.ts';
import type { MemorySpace } from './memory-space.ts';
import { ACCESS_ATTRIBUTES, isSystemMemory } from './memory-space.ts';
import type { SpaceRange } from './space-map.ts';
import { wholePages } from './whole-pages.ts';

type Range = SpaceRange<GcdUse<EfiGcdMemoryType>>;

/** What is no RAM of the allocator's, and in the memory map all the same, by its type there. */
const TYPES: Partial<Record<EfiGcdMemoryType, EfiMemoryType>> = {
  EfiGcdMemoryTypeReserved: 'EfiReservedMemoryType',
  EfiGcdMemoryTypeMemoryMappedIo: 'EfiMemoryMappedIO',
  EfiGcdMemoryTypePersistent: 'EfiPersistentMemory',
  EfiGcdMemoryTypeUnaccepted: 'EfiUnacceptedMemoryType',
};

/** As what a range is in the memory map; of what is mapped I/O, only what is needed at runtime is. */
export function memoryMapType({
  type,
  attributes,
}: GcdUse<EfiGcdMemoryType>): EfiMemoryType | undefined {
  const isDevice = type === 'EfiGcdMemoryTypeMemoryMappedIo';
  return isDevice && (attributes & EFI_MEMORY_RUNTIME) === 0n ? undefined : TYPES[type];
}

/**
 * The memory map of UEFI §7.2.3, of the allocator's pages and what the Global Coherency Domain knows: which
 * attributes RAM can have, and ranges that are none of the allocator's. In ascending order.
 * MdeModulePkg/Core/Dxe/Mem/Page.c, CoreGetMemoryMap.
 * @param pages the allocator's, in ascending order
 */
export function memoryMapOf(
  pages: readonly EfiMemoryDescriptor[],
  space: MemorySpace,
): readonly EfiMemoryDescriptor[] {
  const others = space.ranges.flatMap((range) => {
    const type = memoryMapType(range.value);
    const { base, length } = wholePages(range.start, range.end - range.start);
    return type === undefined || length === 0 ? [] : [descriptor(type, base, length, range.value)];
  });
  const all = [...pages.flatMap((one) => withCapabilities(one, space)), ...others];
  return joined(all.toSorted((a, b) => a.physicalStart - b.physicalStart));
}

/** The parts of a descriptor that can have different attributes. */
function withCapabilities(
  pages: EfiMemoryDescriptor,
  space: MemorySpace,
): readonly EfiMemoryDescriptor[] {
  const start = pages.physicalStart;
  const end = start + pages.numberOfPages * EFI_PAGE_SIZE;
  const ranges = space.over(start, end - start) ?? [];
  const first = ranges[0]?.value;
  // PEI may have used what is no RAM, such as flash
  if (first === undefined || !isSystemMemory(first.type)) {
    return first !== undefined && memoryMapType(first) !== undefined ? [] : [pages];
  }
  return ranges.map((range) => {
    const physicalStart = Math.max(start, range.start);
    const numberOfPages = (Math.min(end, range.end) - physicalStart) / EFI_PAGE_SIZE;
    const can = range.value.capabilities & ~(ACCESS_ATTRIBUTES | EFI_MEMORY_RUNTIME);
    const attribute = can | (pages.attribute & EFI_MEMORY_RUNTIME);
    return { ...pages, physicalStart, numberOfPages, attribute };
  });
}

function descriptor(
  type: EfiMemoryType,
  base: number,
  length: number,
  { capabilities, attributes }: Range['value'],
): EfiMemoryDescriptor {
  const persists = type === 'EfiPersistentMemory' ? EFI_MEMORY_NV : 0n;
  const can = capabilities & ~EFI_MEMORY_RUNTIME;
  return {
    type,
    physicalStart: base,
    virtualStart: 0,
    numberOfPages: length / EFI_PAGE_SIZE,
    attribute: (attributes | can | persists) & ~ACCESS_ATTRIBUTES,
  };
}

/** Neighbours that are alike as one. */
function joined(descriptors: readonly EfiMemoryDescriptor[]): readonly EfiMemoryDescriptor[] {
  const result: EfiMemoryDescriptor[] = [];
  for (const next of descriptors) {
    const previous = result.at(-1);
    const isNeighbour =
      previous !== undefined &&
      previous.physicalStart + previous.numberOfPages * EFI_PAGE_SIZE === next.physicalStart;
    if (isNeighbour && previous.type === next.type && previous.attribute === next.attribute) {
      const numberOfPages = previous.numberOfPages + next.numberOfPages;
      result[result.length - 1] = { ...previous, numberOfPages };
    } else {
      result.push(next);
    }
  }
  return result;
}
