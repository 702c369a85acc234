import type { EfiStatus } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import type { ImageRecord } from './image-record.ts';
import { ImageExit } from './image-record.ts';

/** How an image ended. */
export interface ImageResult {
  readonly status: EfiStatus;
  readonly exitData: Uint8Array | undefined;
  /** What it threw, if it did. */
  readonly cause: unknown;
}

/**
 * Calls an image's code, and says how it ended: it returned, threw a status, or called Exit. Whoever
 * swallowed the unwinding of Exit has exited all the same. A bug of the image, and the end of the
 * world, go through.
 */
export function runImage(image: ImageRecord, call: () => EfiStatus | void): ImageResult {
  let status: EfiStatus;
  let cause: unknown;
  try {
    status = call() ?? 'EFI_SUCCESS';
  } catch (caught) {
    if (isEfiFailure(caught)) ({ status } = caught);
    else if (caught instanceof ImageExit && caught.image === image) ({ status } = caught);
    else throw caught;
    cause = caught;
  }
  if (image.exit !== undefined) {
    return { status: image.exit.status, exitData: image.exit.exitData, cause: undefined };
  }
  return { status, exitData: undefined, cause };
}
