import type { GuestRam } from '@dxelab/platform';
import type { EfiMemoryServices, EfiMemoryType, PeImage, PhysicalAddress } from '@dxelab/uefi';
import {
  EFI_IMAGE_SUBSYSTEM_EFI_APPLICATION,
  EFI_IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER,
  EFI_IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER,
  EFI_PAGE_SIZE,
  EfiError,
  efiSizeToPages,
  isEfiFailure,
  layOutPeImage,
} from '@dxelab/uefi';
import type { ModuleType } from '@dxelab/uefi-lib';

/** Below it nothing is linked to run; old PCs keep it for themselves. */
const ONE_MIB = 0x10_0000;
/** The last address that a PE32 image can hold. */
const LAST_OF_4_GIB = 0xffff_ffff;

/** The types of the memory that an image's code and data lie in. */
export interface ImageMemoryTypes {
  readonly code: EfiMemoryType;
  readonly data: EfiMemoryType;
}

const BOOT_SERVICES: ImageMemoryTypes = {
  code: 'EfiBootServicesCode',
  data: 'EfiBootServicesData',
};

/** By what kind of module it is (UEFI §7.2, Table 7.5). */
export const IMAGE_MEMORY_TYPES: Readonly<Record<ModuleType, ImageMemoryTypes>> = {
  UEFI_APPLICATION: { code: 'EfiLoaderCode', data: 'EfiLoaderData' },
  UEFI_DRIVER: BOOT_SERVICES,
  DXE_DRIVER: BOOT_SERVICES,
  DXE_RUNTIME_DRIVER: { code: 'EfiRuntimeServicesCode', data: 'EfiRuntimeServicesData' },
};

/** @throws EFI_UNSUPPORTED for a subsystem that is none of EFI's */
export function moduleTypeOf({ subsystem }: PeImage): ModuleType {
  switch (subsystem) {
    case EFI_IMAGE_SUBSYSTEM_EFI_APPLICATION:
      return 'UEFI_APPLICATION';
    case EFI_IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER:
      return 'UEFI_DRIVER';
    case EFI_IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER:
      return 'DXE_RUNTIME_DRIVER';
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
 * Puts an image into guest RAM: where it was linked for, if that is free, or else relocated to where
 * there is room. MdeModulePkg/Core/Dxe/Image/Image.c, CoreLoadPeImage.
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
  // What is aligned to more than pages needs room to be moved up.
  const slack = alignment > EFI_PAGE_SIZE ? alignment : 0;
  const pages = efiSizeToPages(image.sizeOfImage + slack);
  const start = allocate(memory, image, pages, type);
  const release = (): void => memory.freePages(start, pages);
  try {
    const base = Math.ceil(start / alignment) * alignment;
    ram.writeBytes(base, layOutPeImage(image, file, base));
    return { base, size: image.sizeOfImage, release };
  } catch (caught) {
    release();
    throw caught;
  }
}

function allocate(
  memory: EfiMemoryServices,
  image: PeImage,
  pages: number,
  type: EfiMemoryType,
): PhysicalAddress {
  const { imageBase, relocationsStripped, format } = image;
  const linkedFor = Number(imageBase);
  if (linkedFor >= ONE_MIB || relocationsStripped) {
    try {
      return memory.allocatePages('AllocateAddress', type, pages, linkedFor);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      if (relocationsStripped) {
        throw new EfiError(
          'EFI_LOAD_ERROR',
          `the image can only be loaded at 0x${imageBase.toString(16)}, which is not free: its relocations are stripped`,
          { cause: caught },
        );
      }
    }
  }
  return format === 'PE32'
    ? memory.allocatePages('AllocateMaxAddress', type, pages, LAST_OF_4_GIB)
    : memory.allocatePages('AllocateAnyPages', type, pages);
}
