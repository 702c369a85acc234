import type { PciAperture } from '@dxelab/platform';
import type { EfiDxeServices, EfiHandle } from '@dxelab/uefi';
import { EFI_MEMORY_UC, EfiError } from '@dxelab/uefi';

/** A range that is alike throughout. */
export interface ApertureRange {
  readonly base: number;
  readonly length: number;
  /** Whether root bridges decode it. */
  readonly isDecoded: boolean;
  /** Whether nothing else does. */
  readonly isNew: boolean;
  /** Whether nobody has it. */
  readonly isFree: boolean;
}

/** A space of the Global Coherency Domain, as root bridges use it (PI Vol. 2 §7.2). */
export interface ApertureSpace {
  /** All of the space. */
  ranges(): readonly ApertureRange[];
  /** Says that root bridges decode a range. */
  add(base: number, length: number): void;
  /** Takes a range that is decoded, and free. */
  allocate(base: number, length: number): void;
  free(base: number, length: number): void;
}

/** The two spaces in which root bridges have apertures. */
export interface ApertureSpaces {
  readonly io: ApertureSpace;
  readonly memory: ApertureSpace;
}

/** The spaces as the DXE services show them; what is allocated there belongs to the driver's image. */
export function apertureSpaces(ds: EfiDxeServices, image: EfiHandle): ApertureSpaces {
  return {
    io: {
      ranges: () =>
        ds.getIoSpaceMap().map(({ baseAddress, length, gcdIoType, imageHandle }) => ({
          base: baseAddress,
          length,
          isDecoded: gcdIoType === 'EfiGcdIoTypeIo',
          isNew: gcdIoType === 'EfiGcdIoTypeNonExistent',
          isFree: imageHandle === undefined,
        })),
      add: (base, length) => ds.addIoSpace('EfiGcdIoTypeIo', base, length),
      allocate: (base, length) =>
        void ds.allocateIoSpace('EfiGcdAllocateAddress', 'EfiGcdIoTypeIo', 0, length, base, image),
      free: (base, length) => ds.freeIoSpace(base, length),
    },
    memory: {
      ranges: () =>
        ds.getMemorySpaceMap().map((range) => ({
          base: range.baseAddress,
          length: range.length,
          isDecoded:
            range.gcdMemoryType === 'EfiGcdMemoryTypeMemoryMappedIo' &&
            (range.capabilities & EFI_MEMORY_UC) !== 0n,
          isNew: range.gcdMemoryType === 'EfiGcdMemoryTypeNonExistent',
          isFree: range.imageHandle === undefined,
        })),
      add: (base, length) =>
        ds.addMemorySpace('EfiGcdMemoryTypeMemoryMappedIo', base, length, EFI_MEMORY_UC),
      allocate: (base, length) =>
        void ds.allocateMemorySpace(
          'EfiGcdAllocateAddress',
          'EfiGcdMemoryTypeMemoryMappedIo',
          0,
          length,
          base,
          image,
        ),
      free: (base, length) => ds.freeMemorySpace(base, length),
    },
  };
}

/**
 * Adds an aperture to its space, but for what was added before. PciHostBridge.c: AddIoSpace,
 * AddMemoryMappedIoSpace.
 * @throws EFI_INVALID_PARAMETER if something else decodes a part of it
 */
export function addAperture(space: ApertureSpace, { base, length }: PciAperture): void {
  for (const range of space.ranges()) {
    const from = Math.max(base, range.base);
    const end = Math.min(base + length, range.base + range.length);
    if (range.isDecoded || from >= end) continue;
    if (!range.isNew) {
      throw new EfiError(
        'EFI_INVALID_PARAMETER',
        `of the aperture 0x${base.toString(16)}-0x${(base + length).toString(16)} ` +
          `something else decodes 0x${from.toString(16)}-0x${end.toString(16)}`,
      );
    }
    space.add(from, end - from);
  }
}
