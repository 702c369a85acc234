import type { EfiSimpleTextOutput, EfiSimpleTextOutputMode } from '@dxelab/uefi';
import { EFI_LIGHTGRAY, EfiError, utf8Bytes } from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { SerialLine } from './serial-line.ts';
import { TextCursor } from './text-cursor.ts';
import { TEXT_MODES } from './text-modes.ts';

const ESC = '\u001B';
/** Bits 0 to 3 are the foreground, bits 4 to 6 the background. */
const ATTRIBUTE_BITS = 0x7f;
const FOREGROUND_BRIGHT = 0x08;
/** ECMA-48's number of each EFI colour: red and blue have changed places. */
const ECMA_COLOURS = [0, 4, 2, 6, 1, 5, 3, 7];

/**
 * EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL on a VT-UTF8 terminal (UEFI §12.4).
 * MdeModulePkg/Universal/Console/TerminalDxe/TerminalConOut.c.
 */
export class TerminalOutput implements EfiSimpleTextOutput {
  readonly #line: SerialLine;
  readonly #cursor = new TextCursor();
  readonly #hidesCursor: boolean;
  readonly #showsAnything: boolean;
  #modeNumber = 0;
  #attribute = EFI_LIGHTGRAY;
  #cursorVisible = true;

  constructor(line: SerialLine, quirks: Quirks) {
    this.#line = line;
    this.#hidesCursor = !quirks.has('TerminalDxe.CursorNeverHidden');
    this.#showsAnything = quirks.has('TerminalDxe.GlyphsUnchecked');
  }

  get mode(): EfiSimpleTextOutputMode {
    return {
      maxMode: TEXT_MODES.length,
      mode: this.#modeNumber,
      attribute: this.#attribute,
      cursorColumn: this.#cursor.column,
      cursorRow: this.#cursor.row,
      cursorVisible: this.#cursorVisible,
    };
  }

  /** With extended verification the line underneath begins anew too. */
  reset(extendedVerification: boolean): void {
    if (extendedVerification) this.#line.reset();
    this.setAttribute(EFI_LIGHTGRAY);
    this.setMode(0);
    if (!this.#cursorVisible) this.enableCursor(true);
  }

  outputString(text: string): 'EFI_WARN_UNKNOWN_GLYPH' | void {
    const { columns, rows } = this.queryMode(this.#modeNumber);
    for (const character of text) {
      this.#send(character);
      this.#cursor.advance(character, columns, rows);
    }
    if (!this.testString(text)) return 'EFI_WARN_UNKNOWN_GLYPH';
  }

  /** A terminal that takes UTF-8 has a glyph for every character; half a surrogate pair is none. */
  testString(text: string): boolean {
    return this.#showsAnything || !/\p{Surrogate}/u.test(text);
  }

  queryMode(modeNumber: number): { readonly columns: number; readonly rows: number } {
    const mode = TEXT_MODES[modeNumber];
    if (mode !== undefined) return mode;
    const last = TEXT_MODES.length - 1;
    throw new EfiError('EFI_UNSUPPORTED', `text mode ${modeNumber}: there are 0 to ${last}`);
  }

  setMode(modeNumber: number): void {
    this.queryMode(modeNumber);
    this.#modeNumber = modeNumber;
    this.clearScreen();
  }

  setAttribute(attribute: number): void {
    if ((attribute & ~ATTRIBUTE_BITS) !== 0) {
      const message = `text attribute 0x${attribute.toString(16)}: it has the bits 0 to 6 only`;
      throw new EfiError('EFI_UNSUPPORTED', message);
    }
    if (attribute === this.#attribute) return;
    const brightness = (attribute & FOREGROUND_BRIGHT) === 0 ? 0 : 1;
    const foreground = ECMA_COLOURS[attribute & 7] ?? 0;
    const background = ECMA_COLOURS[attribute >> 4] ?? 0;
    this.#send(`${ESC}[${brightness}m${ESC}[3${foreground}m${ESC}[4${background}m`);
    this.#attribute = attribute;
  }

  clearScreen(): void {
    this.#send(`${ESC}[2J`);
    this.setCursorPosition(0, 0);
  }

  setCursorPosition(column: number, row: number): void {
    const { columns, rows } = this.queryMode(this.#modeNumber);
    const isInside = column >= 0 && column < columns && row >= 0 && row < rows;
    if (!isInside) {
      const message = `cursor position ${column}, ${row}: the screen has ${columns} × ${rows}`;
      throw new EfiError('EFI_UNSUPPORTED', message);
    }
    this.#send(`${ESC}[${twoDigits(row + 1)};${twoDigits(column + 1)}H`);
    this.#cursor.moveTo(column, row);
  }

  enableCursor(visible: boolean): void {
    if (!this.#hidesCursor) {
      if (visible) return;
      throw new EfiError('EFI_UNSUPPORTED', 'this terminal cannot hide its cursor');
    }
    this.#send(`${ESC}[?25${visible ? 'h' : 'l'}`);
    this.#cursorVisible = visible;
  }

  #send(text: string): void {
    this.#line.write(Uint8Array.from(utf8Bytes(text)));
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
