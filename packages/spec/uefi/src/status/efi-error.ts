import type { EfiErrorStatus } from './efi-status.ts';

/** Registered, so that two copies of this package in one process recognise each other's errors. */
const EFI_ERROR = Symbol.for('@dxelab/uefi/EfiError');

/** What an EfiError carries beside its status and message. */
export interface EfiErrorOptions<Out> {
  /** What caused it: another error, or what was caught. */
  readonly cause?: unknown;
  /** What the service delivers together with the error (LoadImage's handle, sizes, sense data). */
  readonly out?: Out;
}

/**
 * A service that failed: the EFI_STATUS that C would have returned, and a message that says what was
 * expected and what came.
 */
export class EfiError<Out = unknown> extends Error {
  readonly status: EfiErrorStatus;
  readonly out: Out | undefined;

  constructor(status: EfiErrorStatus, message: string, options: EfiErrorOptions<Out> = {}) {
    super(`${status}: ${message}`, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'EfiError';
    this.status = status;
    this.out = options.out;
    Object.defineProperty(this, EFI_ERROR, { value: true });
  }
}

/**
 * The one interpretation of an unknown caught value: a failed service, or something else (a driver's
 * bug, or the end of the world), which the catcher must throw on.
 */
export function isEfiFailure(caught: unknown): caught is EfiError {
  return typeof caught === 'object' && caught !== null && EFI_ERROR in caught;
}

/**
 * The status of a caught failure. Anything that is not a failed service is thrown on: a `TypeError`
 * inside a driver is never turned into a status.
 */
export function efiStatusOf(caught: unknown): EfiErrorStatus {
  if (isEfiFailure(caught)) return caught.status;
  throw caught;
}
