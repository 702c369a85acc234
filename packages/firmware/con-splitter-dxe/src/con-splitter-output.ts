import type { EfiSimpleTextOutput, EfiSimpleTextOutputMode } from '@dxelab/uefi';
import { EFI_LIGHTGRAY, EfiError } from '@dxelab/uefi';
import type { TextMode } from './common-modes.ts';
import { commonModes, isMode, modeNumberOf, STANDARD_MODE } from './common-modes.ts';
import { onAll } from './on-all.ts';

/** A screen behind the console. */
export type OutputDevice = EfiSimpleTextOutput;

const ATTRIBUTE_BITS = 0x7f;

/** What a console does differently on EDK II. */
export interface OutputQuirks {
  /** `ConSplitterDxe.GlyphWarningLost` */
  readonly glyphWarningLost: boolean;
}

/**
 * ConOut or StdErr: a screen that is all screens (UEFI §12.4). Without any it takes everything, and shows nothing.
 * MdeModulePkg/Universal/Console/ConSplitterDxe/ConSplitter.c, ConSplitterTextOut….
 */
export class ConSplitterOutput implements EfiSimpleTextOutput {
  readonly #quirks: OutputQuirks;
  readonly #devices = new Set<OutputDevice>();
  #modes: readonly TextMode[] = commonModes([]);
  #modeNumber = 0;
  #attribute = EFI_LIGHTGRAY;
  #cursorVisible = true;

  constructor(quirks: OutputQuirks) {
    this.#quirks = quirks;
  }

  get mode(): EfiSimpleTextOutputMode {
    const [first] = this.#devices;
    return {
      maxMode: this.#modes.length,
      mode: this.#modeNumber,
      attribute: this.#attribute,
      cursorColumn: first?.mode.cursorColumn ?? 0,
      cursorRow: first?.mode.cursorRow ?? 0,
      cursorVisible: this.#cursorVisible,
    };
  }

  /** It shows what comes from now on, in the mode and the colours of the console. @throws EFI_DEVICE_ERROR */
  add(device: OutputDevice): void {
    const size = this.#size;
    const modes = commonModes([...this.#devices, device]);
    const kept = modes.findIndex(
      ({ columns, rows }) => columns === size.columns && rows === size.rows,
    );
    this.#devices.add(device);
    this.#modes = modes;
    this.#modeNumber = Math.max(kept, 0);
    // the new one cannot do what the others do: all go back to what everybody can
    if (kept < 0) this.#apply(this.#devices);
    else this.#apply([device]);
  }

  /** The others may have more modes in common. */
  remove(device: OutputDevice): void {
    const { columns, rows } = this.#size;
    this.#devices.delete(device);
    this.#modes = commonModes([...this.#devices]);
    const kept = this.#modes.findIndex((mode) => mode.columns === columns && mode.rows === rows);
    this.#modeNumber = Math.max(kept, 0);
  }

  reset(extendedVerification: boolean): void {
    this.#modeNumber = 0;
    this.#attribute = EFI_LIGHTGRAY;
    this.#cursorVisible = true;
    onAll(this.#devices, (device) => device.reset(extendedVerification));
  }

  outputString(text: string): 'EFI_WARN_UNKNOWN_GLYPH' | void {
    let isShown = true;
    onAll(this.#devices, (device) => {
      if (device.outputString(text) !== undefined) isShown = false;
    });
    if (!isShown && !this.#quirks.glyphWarningLost) return 'EFI_WARN_UNKNOWN_GLYPH';
  }

  testString(text: string): boolean {
    return [...this.#devices].every((device) => device.testString(text));
  }

  queryMode(modeNumber: number): TextMode {
    const mode = this.#modes[modeNumber];
    if (mode !== undefined && isMode(mode)) return mode;
    throw new EfiError('EFI_UNSUPPORTED', `text mode ${modeNumber}: not all consoles have it`);
  }

  setMode(modeNumber: number): void {
    const mode = this.queryMode(modeNumber);
    this.#modeNumber = modeNumber;
    onAll(this.#devices, (device) => device.setMode(modeNumberOf(device, mode) ?? 0));
  }

  setAttribute(attribute: number): void {
    if ((attribute & ~ATTRIBUTE_BITS) !== 0) {
      const message = `text attribute 0x${attribute.toString(16)}: it has the bits 0 to 6 only`;
      throw new EfiError('EFI_UNSUPPORTED', message);
    }
    this.#attribute = attribute;
    onAll(this.#devices, (device) => device.setAttribute(attribute));
  }

  clearScreen(): void {
    onAll(this.#devices, (device) => device.clearScreen());
  }

  setCursorPosition(column: number, row: number): void {
    const { columns, rows } = this.#size;
    if (!(column >= 0 && column < columns && row >= 0 && row < rows)) {
      const message = `cursor position ${column}, ${row}: the screen has ${columns} × ${rows}`;
      throw new EfiError('EFI_UNSUPPORTED', message);
    }
    onAll(this.#devices, (device) => device.setCursorPosition(column, row));
  }

  enableCursor(visible: boolean): void {
    onAll(this.#devices, (device) => device.enableCursor(visible));
    this.#cursorVisible = visible;
  }

  get #size(): TextMode {
    return this.#modes[this.#modeNumber] ?? STANDARD_MODE;
  }

  /** Makes devices as the console is; one that is so already is left alone, for a mode clears the screen. */
  #apply(devices: Iterable<OutputDevice>): void {
    const size = this.#size;
    onAll(devices, (device) => {
      const number = modeNumberOf(device, size) ?? 0;
      if (device.mode.mode !== number) device.setMode(number);
      if (device.mode.attribute !== this.#attribute) device.setAttribute(this.#attribute);
      if (device.mode.cursorVisible !== this.#cursorVisible)
        device.enableCursor(this.#cursorVisible);
    });
  }
}
