import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { BlockBackend } from '@dxelab/virtio-devices';
import { BackendError, checkRange, checkWritable } from '@dxelab/virtio-devices';

/**
 * A disk in a file of the host, of any size: bytes are read and written where they stand, and
 * nothing is kept.
 */
export class FileBackend implements BlockBackend {
  readonly path: string;
  readonly size: number;
  readonly readOnly: boolean;
  readonly #file: number;

  /**
   * @param writable whether what is written goes to the file
   * @throws the host's error if the file cannot be opened
   */
  constructor(path: string, writable: boolean) {
    this.path = path;
    this.readOnly = !writable;
    this.#file = openSync(path, writable ? 'r+' : 'r');
    this.size = fstatSync(this.#file).size;
  }

  read(position: number, target: Uint8Array, offset: number, length: number): void {
    checkRange(this.path, this.size, position, length);
    let done = 0;
    while (done < length) {
      const count = this.#host(() =>
        readSync(this.#file, target, offset + done, length - done, position + done),
      );
      if (count === 0) {
        throw new BackendError(
          `${this.path} ends at ${position + done}: it had ${this.size} bytes`,
        );
      }
      done += count;
    }
  }

  write(position: number, source: Uint8Array, offset: number, length: number): void {
    checkWritable(this.path, this.readOnly);
    checkRange(this.path, this.size, position, length);
    let done = 0;
    while (done < length) {
      const count = this.#host(() =>
        writeSync(this.#file, source, offset + done, length - done, position + done),
      );
      if (count === 0) throw new BackendError(`${this.path} takes no more at ${position + done}`);
      done += count;
    }
  }

  /** What flush promised is on the disk, not in a cache of the host. */
  flush(): void {
    if (!this.readOnly) this.#host(() => fdatasyncSync(this.#file));
  }

  close(): void {
    closeSync(this.#file);
  }

  /** An error of the host is an unreadable or unwritable disk to the guest. */
  #host<Result>(operation: () => Result): Result {
    try {
      return operation();
    } catch (caught) {
      const message = caught instanceof Error ? caught.message : String(caught);
      throw new BackendError(`${this.path}: ${message}`, caught);
    }
  }
}
