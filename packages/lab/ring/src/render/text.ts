import { layOut } from '../layout/lay-out.ts';
import type { LayoutRow, LayoutTable, RingLayout, RowState } from '../layout/layout.ts';
import type { RingPicture } from '../picture.ts';

/** How parts of a text look on a terminal; each may return its text as it is. */
export interface RingTextStyle {
  readonly heading: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly name: (text: string) => string;
}

export interface RingTextOptions {
  readonly style?: RingTextStyle | undefined;
  /** Of the terminal, in characters: tables that do not fit beside each other stand below each other. */
  readonly width?: number | undefined;
}

/** A piece of a line, and how it looks. */
interface Cell {
  readonly text: string;
  readonly paint: (text: string) => string;
}

type Line = readonly Cell[];

const plain = (text: string): string => text;
const PLAIN: RingTextStyle = {
  heading: plain,
  good: plain,
  warning: plain,
  faint: plain,
  name: plain,
};

/** What stands before a row, so that nothing is told by a colour alone. */
const MARKS: Readonly<Record<RowState, string>> = {
  idle: ' ',
  prepared: '○',
  'in-flight': '●',
  used: '✓',
};
const FRESH = '*';
const GAP = '    ';
const USUAL_WIDTH = 140;

/** A picture for a terminal or a pipe, several lines long. */
export function ringText(picture: RingPicture, options: RingTextOptions = {}): string {
  const { style = PLAIN, width = USUAL_WIDTH } = options;
  const layout = layOut(picture);
  const blocks = layout.tables.map((table) => tableLines(table, style));
  const lines = fits(blocks, width) ? beside(blocks) : below(blocks);
  return `${[
    `${style.heading(layout.title)}  ${style.faint(layout.subtitle)}`,
    ...wrap(layout.caption, width - 2).map((line) => `  ${style.name(line)}`),
    '',
    ...lines.map((line) => `  ${lineText(line)}`.trimEnd()),
    '',
    ...requestLines(layout, style),
    style.faint(
      `  ${FRESH} just written  ${MARKS.prepared} prepared  ${MARKS['in-flight']} in flight  ${MARKS.used} used`,
    ),
  ].join('\n')}\n`;
}

function requestLines({ requests }: RingLayout, style: RingTextStyle): readonly string[] {
  if (requests.length === 0) return [`  ${style.faint('nothing is in flight')}`];
  return requests.map(({ number, state, text }) => {
    const paint = painter(state, style);
    const word = state === 'used' ? 'used     ' : 'in flight';
    return `  ${paint(`${MARKS[state]} ${word} request ${number}`)}  ${text}`;
  });
}

function tableLines(table: LayoutTable, style: RingTextStyle): readonly Line[] {
  const { name, writer, facts, columns, rows } = table;
  const digits = Math.max(
    1,
    ...rows.map((row) => (row.kind === 'slot' ? String(row.slot).length : 0)),
  );
  const head = columns.map(({ name: text, align, width }) => pad(text, width, align)).join('  ');
  const factLines = facts.map(({ name: what, value, fresh }): Line => {
    const paint = fresh ? style.heading : plain;
    return [
      { text: `${fresh ? FRESH : ' '} `, paint },
      { text: `${what} `, paint: style.faint },
      { text: value, paint },
    ];
  });
  return [
    [
      { text: name, paint: style.heading },
      { text: ` ${writer}`, paint: style.faint },
    ],
    ...factLines,
    [{ text: `   ${' '.repeat(digits)}  ${head}`, paint: style.faint }],
    ...rows.map((row) => rowLine(row, table, digits, style)),
  ];
}

function rowLine(row: LayoutRow, table: LayoutTable, digits: number, style: RingTextStyle): Line {
  if (row.kind === 'fold') {
    return [{ text: `   ${' '.repeat(digits)}  … ${row.count} more`, paint: style.faint }];
  }
  const { slot, cells, state, tag, fresh, pointer } = row;
  const paint = painter(state, style);
  const text = table.columns
    .map(({ width, align }, column) => pad(cells[column] ?? '', width, align))
    .join('  ');
  return [
    { text: `${fresh ? FRESH : ' '}${MARKS[state]} `, paint: fresh ? style.heading : paint },
    { text: String(slot).padStart(digits), paint: style.faint },
    { text: `  ${text}`, paint: state === 'idle' && !fresh ? style.faint : paint },
    { text: tag === '' ? '' : `  ${tag}`, paint },
    { text: pointer === undefined ? '' : `  ◂ ${pointer}`, paint: style.name },
  ];
}

function painter(state: RowState, style: RingTextStyle): (text: string) => string {
  switch (state) {
    case 'in-flight':
      return style.warning;
    case 'used':
      return style.good;
    case 'prepared':
      return style.name;
    case 'idle':
    default:
      return plain;
  }
}

function fits(blocks: readonly (readonly Line[])[], width: number): boolean {
  const wide = blocks.reduce((sum, block) => sum + blockWidth(block) + GAP.length, 0);
  return wide <= width;
}

function beside(blocks: readonly (readonly Line[])[]): readonly Line[] {
  const height = Math.max(...blocks.map(({ length }) => length));
  return Array.from({ length: height }, (_, row) =>
    blocks.flatMap((block) => {
      const line = block[row] ?? [];
      const rest = blockWidth(block) - lineWidth(line);
      return [...line, { text: `${' '.repeat(rest)}${GAP}`, paint: plain }];
    }),
  );
}

function below(blocks: readonly (readonly Line[])[]): readonly Line[] {
  return blocks.flatMap((block, index) => (index === 0 ? block : [[], ...block]));
}

function blockWidth(block: readonly Line[]): number {
  return Math.max(...block.map(lineWidth));
}

function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0);
}

function lineText(line: Line): string {
  return line.map(({ text, paint }) => (text === '' ? '' : paint(text))).join('');
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}

/** Breaks a text into lines at spaces. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
