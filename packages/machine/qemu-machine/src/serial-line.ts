import { writeSync } from 'node:fs';
import { isTryAgain } from './launch/qemu-process.ts';

/** Whoever sits at the serial port while the machine runs; called every few milliseconds. */
export interface QemuTerminal {
  /** Whether there may be something to read, ever. */
  readonly mayType: boolean;
  /** The next byte that is typed by now; `undefined` if there is none. @param now nanoseconds since power-on */
  read(now: number): number | undefined;
  /** Receives what the guest has sent, and often nothing. What came after the last call is in `takeConsole`. */
  show(bytes: Uint8Array): void;
  /** Whether he has switched the machine off. */
  isSwitchedOff(): boolean;
}

/** What is typed at once, at most, in bytes: the rest waits on our side. */
const LARGEST_PIECE = 4096;

/** What is typed, on its way to QEMU: nothing is lost where QEMU or its guest does not take it yet. */
export class SerialLine {
  readonly #terminal: QemuTerminal;
  readonly #file: number;
  #waiting: Uint8Array = new Uint8Array(0);

  /** @param file a FIFO that does not block */
  constructor(terminal: QemuTerminal, file: number) {
    this.#terminal = terminal;
    this.#file = file;
  }

  /** Passes on what is typed by now, in nanoseconds since power-on. */
  serve(now: number): void {
    if (this.#waiting.length === 0) this.#waiting = this.#typed(now);
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.subarray(this.#send());
  }

  #typed(now: number): Uint8Array {
    const bytes: number[] = [];
    while (bytes.length < LARGEST_PIECE) {
      const byte = this.#terminal.read(now);
      if (byte === undefined) break;
      bytes.push(byte);
    }
    return Uint8Array.from(bytes);
  }

  /** @returns how much was taken */
  #send(): number {
    try {
      return writeSync(this.#file, this.#waiting);
    } catch (caught) {
      if (isTryAgain(caught)) return 0;
      throw caught;
    }
  }
}
