/** Registered, so that two copies of this package in one process recognise each other's errors. */
const BACKEND_ERROR = Symbol.for('@dxelab/block-backends/BackendError');

/** A backend could not do what it was asked; a device answers it with an error of its own. */
export class BackendError extends Error {
  override readonly name = 'BackendError';

  /** @param message what was asked for, what was expected and what came */
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    Object.defineProperty(this, BACKEND_ERROR, { value: true });
  }
}

/** Whether `caught` is a failed operation of a backend, and not a bug of it. */
export function isBackendError(caught: unknown): caught is BackendError {
  return typeof caught === 'object' && caught !== null && BACKEND_ERROR in caught;
}

/** @throws BackendError unless `[position, position + length)` lies within `size` bytes */
export function checkRange(name: string, size: number, position: number, length: number): void {
  // The comparison is written so that NaN and negative numbers fail it too.
  if (!(position >= 0 && length >= 0 && position <= size - length)) {
    throw outOfRange(name, size, position, length);
  }
}

/** Apart, so that the check is small enough to be compiled into every read. */
function outOfRange(name: string, size: number, position: number, length: number): BackendError {
  return new BackendError(
    `${name}: ${length} bytes at ${position} are not within its ${size} bytes`,
  );
}

/** @throws BackendError if the backend is read-only */
export function checkWritable(name: string, readOnly: boolean): void {
  if (readOnly) throw new BackendError(`${name} is read-only`);
}
