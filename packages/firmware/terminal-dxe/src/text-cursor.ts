const CHAR_BACKSPACE = '\b';
const CHAR_LINEFEED = '\n';
const CHAR_CARRIAGE_RETURN = '\r';

/** Where the cursor is after what was written, on a screen that wraps and scrolls (UEFI §12.4.3). */
export class TextCursor {
  column = 0;
  row = 0;

  moveTo(column: number, row: number): void {
    this.column = column;
    this.row = row;
  }

  /** A character was written, on a screen of this size. */
  advance(character: string, columns: number, rows: number): void {
    if (character === CHAR_BACKSPACE) this.column = Math.max(this.column - 1, 0);
    else if (character === CHAR_CARRIAGE_RETURN) this.column = 0;
    else if (character === CHAR_LINEFEED) this.row = Math.min(this.row + 1, rows - 1);
    else if (this.column < columns - 1) this.column += 1;
    else {
      this.column = 0;
      this.row = Math.min(this.row + 1, rows - 1);
    }
  }
}
