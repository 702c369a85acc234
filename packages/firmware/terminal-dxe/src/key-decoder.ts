import type { EfiInputKey } from '@dxelab/uefi';
import {
  CHAR_BACKSPACE,
  SCAN_DELETE,
  SCAN_DOWN,
  SCAN_END,
  SCAN_ESC,
  SCAN_F1,
  SCAN_HOME,
  SCAN_INSERT,
  SCAN_LEFT,
  SCAN_NULL,
  SCAN_PAGE_DOWN,
  SCAN_PAGE_UP,
  SCAN_RIGHT,
  SCAN_UP,
} from '@dxelab/uefi';

const ESC = '\u001B';
const DELETE = '\u007F';

/** What follows ESC on a VT100+ or VT-UTF8 terminal (UEFI Appendix B, table "EFI Scan Codes for …"). */
const VT_UTF8_KEYS: Readonly<Record<string, number>> = {
  '[A': SCAN_UP,
  '[B': SCAN_DOWN,
  '[C': SCAN_RIGHT,
  '[D': SCAN_LEFT,
  h: SCAN_HOME,
  k: SCAN_END,
  '+': SCAN_INSERT,
  '-': SCAN_DELETE,
  '?': SCAN_PAGE_UP,
  '/': SCAN_PAGE_DOWN,
  ...functionKeys(['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '!', '@']),
};

/** What the terminals of today send after ESC beside that: xterm's "PC-style" keys. */
const XTERM_KEYS: Readonly<Record<string, number>> = {
  '[H': SCAN_HOME,
  '[F': SCAN_END,
  OH: SCAN_HOME,
  OF: SCAN_END,
  '[2~': SCAN_INSERT,
  '[3~': SCAN_DELETE,
  '[5~': SCAN_PAGE_UP,
  '[6~': SCAN_PAGE_DOWN,
  ...functionKeys(['OP', 'OQ', 'OR', 'OS', '[15~', '[17~', '[18~', '[19~', '[20~', '[21~']),
  '[23~': SCAN_F1 + 10,
  '[24~': SCAN_F1 + 11,
};

/** The keys of a terminal by what follows ESC, and all that such a sequence can begin with. */
interface KeyTable {
  readonly keys: Readonly<Record<string, number>>;
  readonly prefixes: ReadonlySet<string>;
}

function keyTable(keys: Readonly<Record<string, number>>): KeyTable {
  const prefixes = Object.keys(keys).flatMap((sequence) =>
    Array.from(sequence, (_, length) => sequence.slice(0, length)),
  );
  return { keys, prefixes: new Set(prefixes) };
}

function functionKeys(sequences: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(sequences.map((sequence, index) => [sequence, SCAN_F1 + index]));
}

const VT_UTF8 = keyTable(VT_UTF8_KEYS);
const ANY_TERMINAL = keyTable({ ...VT_UTF8_KEYS, ...XTERM_KEYS });

/**
 * Makes keys of the characters that a terminal sends. ESC alone is a key too, but only time tells:
 * whoever reads says with `flush` that nothing has followed.
 * MdeModulePkg/Universal/Console/TerminalDxe/TerminalConIn.c, UnicodeToEfiKey.
 */
export class KeyDecoder {
  readonly #table: KeyTable;
  readonly #deletesBackwards: boolean;
  /** What has come of a sequence, ESC and all; empty outside of one. */
  #pending = '';

  /** @param vtUtf8Only whether the keys of other terminals are unknown */
  constructor(vtUtf8Only: boolean) {
    this.#table = vtUtf8Only ? VT_UTF8 : ANY_TERMINAL;
    this.#deletesBackwards = !vtUtf8Only;
  }

  /** Whether a sequence has begun. */
  get isPending(): boolean {
    return this.#pending !== '';
  }

  /** One character more. @returns the keys that are complete with it */
  decode(character: string): readonly EfiInputKey[] {
    if (this.#pending === '') {
      if (character === ESC) this.#pending = ESC;
      return character === ESC ? [] : [this.#plain(character)];
    }
    const sequence = this.#pending.slice(1) + character;
    const scanCode = this.#table.keys[sequence];
    if (scanCode !== undefined) {
      this.#pending = '';
      return [{ scanCode, unicodeChar: 0 }];
    }
    if (this.#table.prefixes.has(sequence)) {
      this.#pending += character;
      return [];
    }
    // no key's sequence: its characters are keys, each by itself, and this one may begin another
    return [...this.flush(), ...this.decode(character)];
  }

  /** Nothing has followed: what has come are keys of their own. */
  flush(): readonly EfiInputKey[] {
    const pending = this.#pending;
    this.#pending = '';
    return Array.from(pending, (character) => this.#plain(character));
  }

  #plain(character: string): EfiInputKey {
    if (character === ESC) return { scanCode: SCAN_ESC, unicodeChar: 0 };
    if (character === DELETE) {
      // the key above Enter: terminals of today send DEL for it
      return this.#deletesBackwards
        ? { scanCode: SCAN_NULL, unicodeChar: CHAR_BACKSPACE }
        : { scanCode: SCAN_DELETE, unicodeChar: 0 };
    }
    return { scanCode: SCAN_NULL, unicodeChar: character.charCodeAt(0) };
  }
}
