import type {
  EfiHandle,
  EfiLoadedImage,
  EfiStatus,
  EfiSystemTable,
  PhysicalAddress,
} from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';

/** Runs an image. What it returns is its status, EFI_SUCCESS if nothing; or it throws an EfiError. */
export type ImageEntryPoint = (
  imageHandle: EfiHandle,
  systemTable: EfiSystemTable,
  libraries: ModuleLibraries,
) => EfiStatus | void;

/** An image that lies relocated in guest RAM and wants to be executed. */
export interface ExecutableImage {
  /** The path of its file on its volume: `\EFI\BOOT\BOOTX64.EFI`; empty if it came from memory. */
  readonly fileName: string;
  /** Where it came from, as text; empty if nobody knows. */
  readonly devicePath: string;
  /** IMAGE_FILE_MACHINE_ of its headers. */
  readonly machine: number;
  readonly subsystem: number;
  /** Where its entry point lies in guest RAM. */
  readonly entryPoint: PhysicalAddress;
  readonly loadedImage: EfiLoadedImage;
  /** Of the file, in hexadecimal. */
  sha256(): string;
}

/** A plug-in that can execute images: TypeScript that stands in for a file, later machine code. */
export interface ImageRuntime {
  readonly name: string;
  /** What executes the image; `undefined` if this runtime does not. */
  resolve(image: ExecutableImage): ImageEntryPoint | undefined;
}
