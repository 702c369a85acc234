import type { EfiStatus } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import type { ImageCaller } from './image-caller.ts';
import { ImageExit } from './image-caller.ts';

/** How an image ended. */
export interface ImageResult {
  readonly status: EfiStatus;
  readonly exitData: Uint8Array | undefined;
  /** The failed service that it let through, if it did. */
  readonly cause: unknown;
}

/**
 * Calls an image's code, and says how it ended: it returned, threw a status, or called Exit. Whoever
 * swallowed the unwinding of Exit has exited all the same. A bug of the image, the exit of another
 * one, and the end of the world go through.
 */
export function runImage(caller: ImageCaller, code: () => EfiStatus | void): ImageResult {
  let status: EfiStatus = 'EFI_SUCCESS';
  let cause: unknown;
  try {
    status = code() ?? 'EFI_SUCCESS';
  } catch (caught) {
    if (isEfiFailure(caught)) ({ status } = caught);
    else if (caught !== caller.barrier || !(caught instanceof ImageExit)) throw caught;
    cause = caught;
  }
  const { barrier } = caller;
  if (!(barrier instanceof ImageExit)) return { status, exitData: undefined, cause };
  return { status: barrier.status, exitData: barrier.exitData, cause: undefined };
}
