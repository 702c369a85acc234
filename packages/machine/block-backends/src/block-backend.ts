/**
 * Where a disk keeps its bytes. Everything is synchronous, and an image of any size is reached piece
 * by piece, never read whole.
 *
 * An operation is done completely or it throws a BackendError: a short file, an unreadable sector and
 * a range outside the backend are all errors, and the device answers them with IOERR. After a failed
 * read the target's bytes, and after a failed write the backend's bytes, of that range are undefined.
 * Anything else that is thrown is a bug of the backend and stops the machine.
 */
export interface BlockBackend {
  /** In bytes: a safe integer. */
  readonly size: number;
  /** Whether `write`, `discard` and `writeZeroes` fail. */
  readonly readOnly: boolean;
  /**
   * Moves `length` bytes at `position` of the backend into `target`, from index `offset` on.
   * @throws BackendError
   */
  read(position: number, target: Uint8Array, offset: number, length: number): void;
  /**
   * Moves `length` bytes of `source`, from index `offset` on, to `position` of the backend.
   * @throws BackendError
   */
  write(position: number, source: Uint8Array, offset: number, length: number): void;
  /** Returns when everything that was written is where it survives. @throws BackendError */
  flush(): void;
  /** The bytes are no longer needed: what they read afterwards is undefined. @throws BackendError */
  discard?(position: number, length: number): void;
  /** Makes the bytes zero without being handed zeroes. @throws BackendError */
  writeZeroes?(position: number, length: number): void;
  /**
   * The first byte at or behind `position`, in bytes, that may be other than zero; `size` if all are zero.
   * So who copies a disk need not read what it does not hold. Without it any byte may be.
   */
  nextData?(position: number): number;
}
