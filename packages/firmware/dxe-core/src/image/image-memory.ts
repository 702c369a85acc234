import type { GuestRam } from '@dxelab/platform';
import type { EfiMemoryServices, EfiMemoryType, PeImage, PhysicalAddress } from '@dxelab/uefi';
import {
  EFI_IMAGE_SUBSYSTEM_EFI_APPLICATION,
  EFI_IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER,
  EFI_IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER,
  EFI_PAGE_SIZE,
  EfiError,
  efiSizeToPages,
  layOutPeImage,
} from '@dxelab/uefi';

/** The types of the memory that an image's code and data lie in. */
export interface ImageMemoryTypes {
  readonly code: EfiMemoryType;
  readonly data: EfiMemoryType;
}

/** By the image's subsystem (UEFI §7.2, Table 7.5). @throws EFI_UNSUPPORTED for one that is none of EFI's */
export function imageMemoryTypes(subsystem: number): ImageMemoryTypes {
  switch (subsystem) {
    case EFI_IMAGE_SUBSYSTEM_EFI_APPLICATION:
      return { code: 'EfiLoaderCode', data: 'EfiLoaderData' };
    case EFI_IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER:
      return { code: 'EfiBootServicesCode', data: 'EfiBootServicesData' };
    case EFI_IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER:
      return { code: 'EfiRuntimeServicesCode', data: 'EfiRuntimeServicesData' };
    default:
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `subsystem ${subsystem}: an EFI application (10) or driver (11, 12) is expected`,
      );
  }
}

/** An image as it lies in guest RAM. */
export interface ImageMemory {
  readonly base: PhysicalAddress;
  /** In bytes. */
  readonly size: number;
  release(): void;
}

/**
 * Puts an image into guest RAM, relocated to where there is room for it; one without relocations to
 * where it was linked for.
 * @throws EFI_OUT_OF_RESOURCES, EFI_LOAD_ERROR, EFI_UNSUPPORTED
 */
export function loadIntoMemory(
  memory: EfiMemoryServices,
  ram: GuestRam,
  image: PeImage,
  file: Uint8Array,
  type: EfiMemoryType,
): ImageMemory {
  const alignment = Math.max(image.sectionAlignment, EFI_PAGE_SIZE);
  const slack = alignment - EFI_PAGE_SIZE;
  const pages = efiSizeToPages(image.sizeOfImage + slack);
  const pool = image.relocationsStripped
    ? allocateAtImageBase(memory, image, type, pages)
    : memory.allocatePages('AllocateAnyPages', type, pages);
  try {
    const base = image.relocationsStripped ? pool : Math.ceil(pool / alignment) * alignment;
    ram.writeBytes(base, layOutPeImage(image, file, base));
    return { base, size: image.sizeOfImage, release: () => memory.freePages(pool, pages) };
  } catch (caught) {
    memory.freePages(pool, pages);
    throw caught;
  }
}

function allocateAtImageBase(
  memory: EfiMemoryServices,
  image: PeImage,
  type: EfiMemoryType,
  pages: number,
): PhysicalAddress {
  try {
    return memory.allocatePages('AllocateAddress', type, pages, Number(image.imageBase));
  } catch (caught) {
    throw new EfiError(
      'EFI_LOAD_ERROR',
      `the image can only be loaded at 0x${image.imageBase.toString(16)}, which is not free`,
      { cause: caught },
    );
  }
}
