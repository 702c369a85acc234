/** Machine types of an image (UEFI §2.1.1; PE/COFF specification §3.3.1). */
export const IMAGE_FILE_MACHINE_I386 = 0x014c;
export const IMAGE_FILE_MACHINE_X64 = 0x8664;
export const IMAGE_FILE_MACHINE_EBC = 0x0ebc;
export const IMAGE_FILE_MACHINE_ARMTHUMB_MIXED = 0x01c2;
export const IMAGE_FILE_MACHINE_ARM64 = 0xaa64;
export const IMAGE_FILE_MACHINE_RISCV64 = 0x5064;
export const IMAGE_FILE_MACHINE_LOONGARCH64 = 0x6264;

/** Machine types by the names of UEFI's file names and messages. */
export const PE_MACHINE_NAMES: ReadonlyMap<number, string> = new Map([
  [IMAGE_FILE_MACHINE_I386, 'IA32'],
  [IMAGE_FILE_MACHINE_X64, 'X64'],
  [IMAGE_FILE_MACHINE_EBC, 'EBC'],
  [IMAGE_FILE_MACHINE_ARMTHUMB_MIXED, 'ARM'],
  [IMAGE_FILE_MACHINE_ARM64, 'AARCH64'],
  [IMAGE_FILE_MACHINE_RISCV64, 'RISCV64'],
  [IMAGE_FILE_MACHINE_LOONGARCH64, 'LOONGARCH64'],
]);

/** Subsystems of an EFI image (UEFI §2.1.1). */
export const EFI_IMAGE_SUBSYSTEM_EFI_APPLICATION = 10;
export const EFI_IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER = 11;
export const EFI_IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER = 12;
export const EFI_IMAGE_SUBSYSTEM_SAL_RUNTIME_DRIVER = 13;

/** Characteristics of an image: it has no base relocations. */
export const EFI_IMAGE_FILE_RELOCS_STRIPPED = 0x0001;

/** Indices of the data directories. */
export const EFI_IMAGE_DIRECTORY_ENTRY_SECURITY = 4;
export const EFI_IMAGE_DIRECTORY_ENTRY_BASERELOC = 5;

/** Types of a base relocation. */
export const EFI_IMAGE_REL_BASED_ABSOLUTE = 0;
export const EFI_IMAGE_REL_BASED_HIGH = 1;
export const EFI_IMAGE_REL_BASED_LOW = 2;
export const EFI_IMAGE_REL_BASED_HIGHLOW = 3;
export const EFI_IMAGE_REL_BASED_DIR64 = 10;
