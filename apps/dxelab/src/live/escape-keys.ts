const CTRL_A = 0x01;
const CTRL_C = 0x03;

/** What a person wants who types at a live console, beside typing. */
export type ConsoleWish =
  /** The boot is to end, now. */
  | 'end'
  /** The machine is to be switched off. */
  | 'switch-off'
  /** To be told what there is to wish. */
  | 'help';

/** Wishes by the key behind Ctrl-A, as QEMU has them. */
const WISHES: ReadonlyMap<string, ConsoleWish> = new Map([
  ['x', 'switch-off'],
  ['h', 'help'],
  ['?', 'help'],
]);

/** What `EscapeKeys` takes for itself, for whoever asks. */
export const ESCAPE_HELP: readonly string[] = [
  'Ctrl-C    end the boot at once',
  'Ctrl-A x  switch the machine off; its report follows',
  'Ctrl-A a  type Ctrl-A',
  'Ctrl-A c  type Ctrl-C',
  'Ctrl-A h  this help',
];

/** Tells keys that are meant for the lab from those that are typed. */
export class EscapeKeys {
  #escaped = false;

  /** @returns a wish, the byte that is typed, or `undefined` if neither is complete */
  press(byte: number): ConsoleWish | number | undefined {
    if (!this.#escaped) {
      if (byte === CTRL_C) return 'end';
      this.#escaped = byte === CTRL_A;
      return this.#escaped ? undefined : byte;
    }
    this.#escaped = false;
    const key = String.fromCharCode(byte).toLowerCase();
    // also with Ctrl still held
    if (key === 'a' || byte === CTRL_A) return CTRL_A;
    if (key === 'c' || byte === CTRL_C) return CTRL_C;
    return WISHES.get(key);
  }
}
