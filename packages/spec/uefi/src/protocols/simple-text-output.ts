import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** SIMPLE_TEXT_OUTPUT_MODE (UEFI §12.4.1): how the console stands. */
export interface EfiSimpleTextOutputMode {
  /** How many modes QueryMode and SetMode know, from 0. */
  readonly maxMode: number;
  readonly mode: number;
  /** As SetAttribute was given it. */
  readonly attribute: number;
  /** From 0. */
  readonly cursorColumn: number;
  /** From 0. */
  readonly cursorRow: number;
  readonly cursorVisible: boolean;
}

/** EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL (UEFI §12.4). */
export interface EfiSimpleTextOutput {
  /** Clears the screen, in mode 0, in light gray on black. @throws EFI_DEVICE_ERROR */
  reset(extendedVerification: boolean): void;
  /**
   * Writes where the cursor is. Lines end in "\r\n", as on any terminal.
   * @returns EFI_WARN_UNKNOWN_GLYPH if the console could not show some character
   * @throws EFI_DEVICE_ERROR, EFI_UNSUPPORTED if its mode shows no text
   */
  outputString(text: string): 'EFI_WARN_UNKNOWN_GLYPH' | void;
  /** Whether the console can show every character of it; EFI_UNSUPPORTED in C if not. */
  testString(text: string): boolean;
  /** The size of a mode, in characters. @throws EFI_UNSUPPORTED if there is no such mode */
  queryMode(modeNumber: number): { readonly columns: number; readonly rows: number };
  /** Also clears the screen. @throws EFI_UNSUPPORTED if there is no such mode, EFI_DEVICE_ERROR */
  setMode(modeNumber: number): void;
  /**
   * @param attribute foreground in bits 0 to 3, background in bits 4 to 6
   * @throws EFI_UNSUPPORTED for any other bit, EFI_DEVICE_ERROR
   */
  setAttribute(attribute: number): void;
  /** In the present background; the cursor is at home then. @throws EFI_DEVICE_ERROR */
  clearScreen(): void;
  /** Both from 0. @throws EFI_UNSUPPORTED outside of the screen, EFI_DEVICE_ERROR */
  setCursorPosition(column: number, row: number): void;
  /** @throws EFI_UNSUPPORTED if the console cannot hide it, EFI_DEVICE_ERROR */
  enableCursor(visible: boolean): void;
  readonly mode: EfiSimpleTextOutputMode;
}

/** By which EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL (UEFI §12.4) is found. */
export const SimpleTextOutputProtocol: Protocol<EfiSimpleTextOutput> = defineProtocol(
  'SimpleTextOut',
  '387477c2-69c7-11d2-8e39-00a0c969723b',
);

/** Colours (UEFI §12.4.3): the first eight stand in the background too, moved left by `EFI_BACKGROUND`. */
export const EFI_BLACK = 0x00;
export const EFI_BLUE = 0x01;
export const EFI_GREEN = 0x02;
export const EFI_CYAN = 0x03;
export const EFI_RED = 0x04;
export const EFI_MAGENTA = 0x05;
export const EFI_BROWN = 0x06;
export const EFI_LIGHTGRAY = 0x07;
/** Added to a foreground colour. */
export const EFI_BRIGHT = 0x08;
export const EFI_YELLOW = 0x0e;
export const EFI_WHITE = 0x0f;

/** An attribute of these two colours: EFI_TEXT_ATTR (UEFI §12.4.3). */
export function efiTextAttribute(foreground: number, background: number): number {
  return foreground | (background << 4);
}
