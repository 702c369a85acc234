import type { EfiError, EfiHandle, EfiLoadedImage } from '@dxelab/uefi';
import type { ImageCaller } from './image-caller.ts';
import type { ImageEntryPoint } from './image-runtime.ts';

/** What the core knows of an image (UEFI §7.4). */
export interface ImageRecord {
  readonly handle: EfiHandle;
  /** The module's BASE_NAME, or the last part of the file's path. */
  readonly name: string;
  readonly loadedImage: EfiLoadedImage;
  readonly isApplication: boolean;
  /** What executes it; absent if it is none of this machine's images. */
  readonly entryPoint: ImageEntryPoint | undefined;
  readonly caller: ImageCaller;
  /** Gives its memory back. */
  readonly release: () => void;
  started: boolean;
  /** Why it is loaded and must not be started: EFI_SECURITY_VIOLATION. */
  refusal: EfiError | undefined;
}
