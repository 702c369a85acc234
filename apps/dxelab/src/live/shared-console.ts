import type { LiveConsole } from '@dxelab/scenario';
import { ByteRing } from './byte-ring.ts';

/** A person at the console, as the worker sees him: the other thread has his keyboard. */
export class SharedConsole implements LiveConsole {
  readonly #typed: ByteRing;
  readonly #switchedOff: Int32Array;
  /** As far as `sleep` has told of. */
  #told = 0;

  constructor(typed: SharedArrayBuffer, switchedOff: Int32Array) {
    this.#typed = new ByteRing(typed);
    this.#switchedOff = switchedOff;
  }

  read(): number | undefined {
    return this.#typed.read();
  }

  now(): number {
    return Math.floor(performance.now() * 1e6);
  }

  sleep(nanoseconds: number): boolean {
    // between the look and the sleep something may come: then it does not sleep
    if (this.#typed.written === this.#told) {
      this.#typed.waitForMore(this.#told, Math.min(nanoseconds / 1e6, LONGEST_SLEEP));
    }
    const { written } = this.#typed;
    const isNews = written !== this.#told;
    this.#told = written;
    return isNews;
  }

  isSwitchedOff(): boolean {
    return Atomics.load(this.#switchedOff, 0) !== 0;
  }
}

/** In milliseconds: then it is looked whether the machine is still on. */
const LONGEST_SLEEP = 50;

/**
 * Sends on what leaves the serial port.
 * @param tell called when there is something that the other thread does not know of
 */
export function serialSender(shown: SharedArrayBuffer, tell: () => void): (byte: number) => void {
  const ring = new ByteRing(shown);
  return (byte) => {
    while (!ring.write(byte)) ring.waitForRoom();
    if (ring.holdsOne) tell();
  };
}
