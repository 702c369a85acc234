import { ftruncateSync, readSync } from 'node:fs';

const SIZE = 0x4_0000;
const NEWLINE = 0x0a;
/** How long the file may become, in bytes, before its beginning is given back. */
const LONGEST_FILE = 0x10_0000;

/** QEMU's answers, line by line, from the file to which it appends them. */
export class AnswerFile {
  readonly #file: number;
  readonly #buffer = Buffer.allocUnsafe(SIZE);
  /** What of the buffer is not yet taken. */
  #start = 0;
  #end = 0;
  /** Where in the file the next bytes will be. */
  #position = 0;
  #shortenAt = LONGEST_FILE;

  constructor(file: number) {
    this.#file = file;
  }

  /** The next line without its newline; `undefined` if QEMU has not yet written all of it. */
  take(): string | undefined {
    let newline = this.#find();
    if (newline < 0 && this.#fill()) newline = this.#find();
    if (newline < 0) return undefined;
    const line = this.#buffer.toString('latin1', this.#start, newline);
    this.#start = newline + 1;
    return line;
  }

  #find(): number {
    if (this.#start === this.#end) return -1;
    const at = this.#buffer.indexOf(NEWLINE, this.#start);
    return at < this.#end ? at : -1;
  }

  /** Reads what is new. @returns whether there was anything */
  #fill(): boolean {
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
    } else if (this.#end === SIZE) {
      // Half a line at the end; no line is as long as the buffer.
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const room = SIZE - this.#end;
    const length = readSync(this.#file, this.#buffer, this.#end, room, this.#position);
    this.#end += length;
    this.#position += length;
    return length > 0;
  }

  /** Every answer has been taken and none is under way: the file may be emptied. */
  shorten(): void {
    if (this.#position < this.#shortenAt) return;
    // QEMU goes on where it is; what lies before that becomes a hole, which takes no memory.
    ftruncateSync(this.#file, 0);
    this.#shortenAt = this.#position + LONGEST_FILE;
  }
}
