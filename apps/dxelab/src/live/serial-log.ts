import { closeSync, openSync, writeSync } from 'node:fs';
import { UsageError } from '../boot-options.ts';

/** A file that what leaves the serial port is written to as it comes, as it is: escape sequences and all. */
export class SerialLog {
  readonly #file: number;
  #isOpen = true;

  /** @throws UsageError if it cannot be written */
  constructor(path: string) {
    try {
      this.#file = openSync(path, 'w');
    } catch (caught) {
      const reason = caught instanceof Error ? caught.message : String(caught);
      throw new UsageError(`--serial-log ${path}: ${reason}`);
    }
  }

  write(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writeSync(this.#file, rest));
  }

  /** Once is enough. */
  close(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
  }
}
