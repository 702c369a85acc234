import type { EfiStatus } from '@dxelab/uefi';

/** An image as it stands behind its face of the system table: who calls a service. */
export class ImageCaller {
  /** The module's BASE_NAME, or the last part of the file's path. */
  readonly name: string;
  /** What each boot service throws: the image is on its way out, or gone. */
  barrier: ImageExit | ImageUnloaded | undefined = undefined;

  constructor(name: string) {
    this.name = name;
  }
}

/** Unwinds an image that called Exit. It is no error, and whoever catches it is unwound again. */
export class ImageExit {
  readonly caller: ImageCaller;
  readonly status: EfiStatus;
  readonly exitData: Uint8Array | undefined;

  constructor(caller: ImageCaller, status: EfiStatus, exitData: Uint8Array | undefined) {
    this.caller = caller;
    this.status = status;
    this.exitData = exitData;
  }
}

/**
 * Code of an image was called after the image had been unloaded: by an event that it left open, or
 * through a protocol that it left installed. In C, its memory would be gone.
 */
export class ImageUnloaded extends Error {
  override readonly name = 'ImageUnloaded';

  constructor(image: string) {
    super(`${image} called a boot service after it had been unloaded: it left something behind`);
  }
}
