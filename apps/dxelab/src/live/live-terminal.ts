import type { ReadStream, WriteStream } from 'node:tty';
import { ByteRing } from './byte-ring.ts';
import { ESCAPE_HELP, EscapeKeys } from './escape-keys.ts';

/** Usual colours, and a cursor that can be seen: the next program is not to suffer from the last. */
const AS_USUAL = '\u001B[0m\u001B[?25h';

/** What a live terminal is made of. */
export interface LiveTerminalOptions {
  readonly keyboard: ReadStream;
  readonly screen: WriteStream;
  /** Where what is typed goes to. */
  readonly typed: SharedArrayBuffer;
  /** Called when the machine is to be switched off. */
  readonly onSwitchOff: () => void;
  /** Called when the boot is to end at once. */
  readonly onEnd: () => void;
}

/**
 * The user's terminal as that of the machine: each key goes to its serial port, but for those of `EscapeKeys`.
 * The terminal is as it was before when this process ends, however it does, unless it is killed.
 */
export class LiveTerminal {
  readonly #options: LiveTerminalOptions;
  readonly #typed: ByteRing;
  readonly #keys = new EscapeKeys();
  readonly #close = (): void => this.close();
  #isOpen = false;
  /** Whether the last that was shown ended a line. */
  #atLineStart = true;

  constructor(options: LiveTerminalOptions) {
    this.#options = options;
    this.#typed = new ByteRing(options.typed);
  }

  open(): void {
    const { keyboard, onEnd } = this.#options;
    this.#isOpen = true;
    process.once('exit', this.#close);
    keyboard.setRawMode(true);
    keyboard.on('data', this.#press);
    // the terminal is gone
    keyboard.once('end', onEnd);
    this.#say(['Ctrl-A x switches the machine off, Ctrl-C ends the boot, Ctrl-A h says more']);
  }

  /** What has left the serial port. */
  show(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#atLineStart = bytes.at(-1) === 0x0a;
    this.#options.screen.write(bytes);
  }

  /** Gives the terminal back. Once is enough. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { keyboard, screen } = this.#options;
    keyboard.off('data', this.#press);
    keyboard.setRawMode(false);
    keyboard.pause();
    keyboard.unref();
    process.off('exit', this.#close);
    screen.write(this.#atLineStart ? AS_USUAL : `${AS_USUAL}\r\n`);
  }

  readonly #press = (bytes: Uint8Array): void => {
    for (const byte of bytes) {
      const key = this.#keys.press(byte);
      if (key === 'end') this.#options.onEnd();
      else if (key === 'switch-off') this.#options.onSwitchOff();
      else if (key === 'help') this.#say(ESCAPE_HELP);
      // what does not fit any more was pasted, and nobody reads it
      else if (key !== undefined) this.#typed.write(key);
    }
  };

  #say(lines: readonly string[]): void {
    const before = this.#atLineStart ? '' : '\r\n';
    this.#options.screen.write(`${before}${lines.map((line) => `[dxelab] ${line}\r\n`).join('')}`);
    this.#atLineStart = true;
  }
}
