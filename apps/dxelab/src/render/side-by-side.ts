import type { ComparisonRow, Pair } from '@dxelab/compare';
import type { Style } from './style.ts';

/** Before, between and behind two columns: `  ! ` and ` │ `. */
const FRAME = 7;
const NARROWEST = 24;

const SIGNS: Readonly<Record<ComparisonRow['mark'], string>> = {
  same: ' ',
  declared: '~',
  undeclared: '!',
};

/**
 * Rows of events in two columns: `!` before what differs and is not declared, `~` before what is.
 * @param width in characters
 */
export function sideBySide(
  rows: readonly ComparisonRow[],
  machines: Pair<string>,
  width: number,
  style: Style,
): readonly string[] {
  const room = Math.max(NARROWEST, Math.floor((width - FRAME) / 2));
  const longest = Math.max(...rows.flatMap(({ texts }) => texts.map((text) => text?.length ?? 0)));
  const column = Math.min(room, Math.max(NARROWEST, longest));
  const [first, second] = machines;
  const heading = `    ${first.padEnd(column)} │ ${second}`;
  const lines = rows.flatMap(({ texts: [left, right], mark, skipped }) => {
    const gap = skipped > 0 ? [style.faint(`    … ${skipped} the same`)] : [];
    const [lefts, rights] = [wrapped(left, column), wrapped(right, column)];
    const height = Math.max(lefts.length, rights.length);
    const block = Array.from({ length: height }, (_, line) => {
      const sign = line === 0 ? SIGNS[mark] : ' ';
      const [one, other] = [lefts[line] ?? '', rights[line] ?? ''];
      const cells = [sign, one.padEnd(column), other].map((cell) => coloured(cell, mark, style));
      return `  ${cells[0] ?? ''} ${cells[1] ?? ''} │ ${cells[2] ?? ''}`;
    });
    return [...gap, ...block.map((line) => line.trimEnd())];
  });
  return [style.faint(heading.trimEnd()), ...lines];
}

/** A text in lines that fit a column; what is not there is a line with a dash. */
function wrapped(text: string | undefined, column: number): readonly string[] {
  if (text === undefined) return ['—'];
  const lines: string[] = [];
  // What a guest wrote must not control the user's terminal.
  let rest = text.replaceAll(/\p{Cc}/gu, ' ');
  while (rest.length > column) {
    const space = rest.lastIndexOf(' ', column);
    const cut = space > column / 2 ? space : column;
    lines.push(rest.slice(0, cut));
    rest = `  ${rest.slice(cut).trimStart()}`;
  }
  return [...lines, rest];
}

function coloured(text: string, mark: ComparisonRow['mark'], style: Style): string {
  if (text === '' || mark === 'same') return text;
  return mark === 'declared' ? style.warning(text) : style.bad(text);
}
