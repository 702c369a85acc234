import type { EfiSimpleTextOutput } from '@dxelab/uefi';
import { EFI_BLACK, EFI_LIGHTGRAY, EFI_WHITE, efiTextAttribute, isEfiFailure } from '@dxelab/uefi';

const TITLE = 'Boot Manager Menu';
const HELP = '↑ and ↓ to choose, Enter to boot, Escape to leave';
const PLAIN = efiTextAttribute(EFI_LIGHTGRAY, EFI_BLACK);
const BRIGHT = efiTextAttribute(EFI_WHITE, EFI_BLACK);
const CHOSEN = efiTextAttribute(EFI_BLACK, EFI_LIGHTGRAY);
/** Where the first item stands; title and a blank line are above. */
const TOP = 2;
/** Below the items: a blank line, help, what happened last, and a line that keeps the screen from scrolling. */
const BOTTOM = 4;

/** The screen of the menu: a title, as many items as there is room for, and a line of help. */
export class MenuScreen {
  readonly #out: EfiSimpleTextOutput;
  readonly #items: readonly string[];
  readonly #width: number;
  readonly #height: number;
  /** The item on top. */
  #first = 0;
  #chosen = -1;

  constructor(out: EfiSimpleTextOutput, items: readonly string[]) {
    const { columns, rows } = out.queryMode(out.mode.mode);
    this.#out = out;
    this.#items = items;
    this.#width = columns - 1;
    this.#height = Math.max(1, Math.min(items.length, rows - TOP - BOTTOM));
  }

  /** Draws everything. @param note what happened last */
  open(note: string): void {
    this.#out.setAttribute(PLAIN);
    this.#out.clearScreen();
    this.#showCursor(false);
    this.#line(0, TITLE, BRIGHT);
    if (this.#items.length === 0) this.#line(TOP, '  There is nothing to boot.', PLAIN);
    this.#line(TOP + this.#height + 1, HELP, PLAIN);
    this.#line(TOP + this.#height + 2, note, BRIGHT);
    this.#chosen = -1;
  }

  /** Marks an item, which is scrolled to where it can be seen. @param index from 0 */
  choose(index: number): void {
    const before = this.#chosen;
    const first = Math.min(Math.max(this.#first, index - this.#height + 1), index);
    const isWhole = before === -1 || first !== this.#first;
    this.#first = first;
    this.#chosen = index;
    if (isWhole) {
      for (let row = 0; row < this.#height; row += 1) this.#item(first + row);
    } else {
      this.#item(before);
      this.#item(index);
    }
  }

  /** Leaves the screen to somebody else, as it should be. */
  close(): void {
    this.#out.setAttribute(PLAIN);
    this.#out.clearScreen();
    this.#showCursor(true);
  }

  #item(index: number): void {
    const text = this.#items[index];
    if (text === undefined) return;
    const isChosen = index === this.#chosen;
    const row = TOP + index - this.#first;
    this.#line(row, `${isChosen ? '>' : ' '} ${text}`, isChosen ? CHOSEN : PLAIN);
  }

  /** The whole line, so that nothing of what stood there is left. */
  #line(row: number, text: string, attribute: number): void {
    this.#out.setAttribute(attribute);
    this.#out.setCursorPosition(0, row);
    this.#out.outputString(text.slice(0, this.#width).padEnd(this.#width));
  }

  #showCursor(visible: boolean): void {
    try {
      this.#out.enableCursor(visible);
    } catch (caught) {
      // not every console can hide it
      if (!isEfiFailure(caught)) throw caught;
    }
  }
}
