import type { EfiHandle, EfiLoadedImage, EfiStatus } from '@dxelab/uefi';
import type { ImageEntryPoint } from './image-runtime.ts';

/** Unwinds an image that called Exit. It is no error: whoever catches it is unwound again. */
export class ImageExit {
  readonly image: ImageRecord;
  readonly status: EfiStatus;
  readonly exitData: Uint8Array | undefined;

  constructor(image: ImageRecord, status: EfiStatus, exitData: Uint8Array | undefined) {
    this.image = image;
    this.status = status;
    this.exitData = exitData;
  }
}

/** What the core knows of an image (UEFI §7.4). */
export interface ImageRecord {
  readonly handle: EfiHandle;
  /** The module's BASE_NAME, or the last part of the file's path. */
  readonly name: string;
  readonly loadedImage: EfiLoadedImage;
  readonly isApplication: boolean;
  /** What executes it; absent for the core and the lab, which are not started. */
  readonly entryPoint: ImageEntryPoint | undefined;
  /** Gives its memory back. */
  readonly release: () => void;
  started: boolean;
  /** Set when it has called Exit: from then on it is on its way out. */
  exit: ImageExit | undefined;
}
