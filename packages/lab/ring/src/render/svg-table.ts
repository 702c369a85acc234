import type { LayoutFact, LayoutRow, LayoutTable, RowState } from '../layout/layout.ts';
import { svgElement, svgText } from './svg-element.ts';
import { CHARACTER, ROW_HEIGHT, SMALL_CHARACTER } from './svg-style.ts';

/** A table that has its place, for arrows that begin or end at its rows. */
export interface PlacedTable {
  readonly markup: string;
  readonly x: number;
  readonly width: number;
  /** The bottom of it. */
  readonly bottom: number;
  /** Where arrows within the table run, from the cells to the right edge. */
  readonly lane: number;
  /** The middle of a row, from the top of the picture. */
  readonly rowMiddle: (row: number) => number;
}

const PADDING = 12;
/** For the mark of a row's state. */
const MARK = 20;
const COLUMN_GAP = 16;
/** For `r12` and for arrows from row to row. */
const LANE = 30;
const NAME_HEIGHT = 30;
const NAME_CHARACTER = 8.4;
const WRITER_CHARACTER = 7.1;

/** How wide a table must be, in pixels. */
export function tableWidth(table: LayoutTable): number {
  const { name, writer, facts } = table;
  const head = name.length * NAME_CHARACTER + 10 + writer.length * WRITER_CHARACTER;
  const fact = Math.max(
    0,
    ...facts.map((each) => (each.name.length + each.value.length + 1) * CHARACTER),
  );
  return Math.ceil(
    Math.max(head, fact, cellsWidth(table) + tagsWidth(table) + lane(table)) + 2 * PADDING,
  );
}

/** Where a table goes; it may be wider than it must. */
export interface TablePlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Draws a table. @param factRows how many lines the facts have in the tallest table beside it */
export function svgTable(
  table: LayoutTable,
  { x, y, width }: TablePlace,
  factRows: number,
): PlacedTable {
  const { columns, facts, rows } = table;
  const headY = y + NAME_HEIGHT + factRows * ROW_HEIGHT;
  const firstRow = headY + ROW_HEIGHT + 4;
  const bottom = firstRow + rows.length * ROW_HEIGHT + PADDING / 2;
  const cells = cellPositions(table, x + PADDING);
  const heads = columns.map(({ name, align, width: characters }, index) =>
    svgText(cellX(cells[index] ?? x, name, align, characters), headY + 15, 'faint', name),
  );
  const markup = [
    svgElement('rect', { x, y, width, height: bottom - y, rx: 8, class: 'panel' }),
    svgText(x + PADDING, y + 20, 'name', table.name),
    svgText(
      x + PADDING + table.name.length * NAME_CHARACTER + 10,
      y + 20,
      'writer faint',
      table.writer,
    ),
    ...facts.map((fact, index) =>
      factMarkup(fact, x + PADDING, y + NAME_HEIGHT + index * ROW_HEIGHT + 14),
    ),
    ...heads,
    svgElement('line', {
      x1: x,
      x2: x + width,
      y1: headY + ROW_HEIGHT + 1,
      y2: headY + ROW_HEIGHT + 1,
      class: 'rule',
    }),
    ...rows.map((row, index) =>
      rowMarkup(row, table, { x, y: firstRow + index * ROW_HEIGHT, width, cells }),
    ),
  ].join('\n');
  const rowMiddle = (row: number): number => firstRow + (row + 0.5) * ROW_HEIGHT;
  const laneX = x + PADDING + cellsWidth(table) + tagsWidth(table);
  return { markup, x, width, bottom, lane: laneX, rowMiddle };
}

interface RowPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly cells: readonly number[];
}

function rowMarkup(row: LayoutRow, table: LayoutTable, { x, y, width, cells }: RowPlace): string {
  const baseline = y + 15.5;
  if (row.kind === 'fold') {
    return svgText(x + PADDING + MARK, baseline, 'small faint', `⋯ ${row.count} more`);
  }
  const { slot, state, tag, fresh, pointer } = row;
  const className = `${state}${fresh ? ' fresh' : ''}`;
  const ink = state === 'idle' && !fresh ? 'faint' : className;
  const digits = slotDigits(table);
  const tagX = x + PADDING + cellsWidth(table) + 8;
  const background = { x: x + 4, y: y + 1, width: width - 8, height: ROW_HEIGHT - 2, rx: 4 };
  return [
    svgElement('rect', { ...background, class: `row ${className}` }),
    markMarkup(state, x + PADDING + 5, y + ROW_HEIGHT / 2),
    svgText(x + PADDING + MARK, baseline, 'faint', String(slot).padStart(digits)),
    ...table.columns.map(({ align, width: characters }, index) => {
      const text = row.cells[index] ?? '';
      return svgText(cellX(cells[index] ?? x, text, align, characters), baseline, ink, text);
    }),
    tag === '' ? '' : svgText(tagX, baseline - 0.5, `small ${className}`, tag),
    pointer === undefined
      ? ''
      : svgText(
          tagX + (tag === '' ? 0 : tag.length * SMALL_CHARACTER + 8),
          baseline - 0.5,
          'small accent',
          `◂ ${pointer}`,
        ),
  ]
    .filter((part) => part !== '')
    .join('');
}

/** The state once more as a shape: not everybody sees every colour. */
export function markMarkup(state: RowState, x: number, y: number): string {
  switch (state) {
    case 'prepared':
      return svgElement('circle', {
        cx: x,
        cy: y,
        r: 3.5,
        class: 'ring prepared',
        'stroke-width': 1.6,
      });
    case 'in-flight':
      return svgElement('circle', { cx: x, cy: y, r: 4, class: 'dot in-flight' });
    case 'used': {
      const d = `M${x - 4} ${y}l3 3.5l5.5 -7`;
      return svgElement('path', { d, class: 'check used', 'stroke-width': 2 });
    }
    case 'idle':
    default:
      return '';
  }
}

function factMarkup({ name, value, fresh }: LayoutFact, x: number, y: number): string {
  const at = x + (name.length + 1) * CHARACTER;
  return svgText(x, y, 'faint', name) + svgText(at, y, fresh ? 'accent fresh' : '', value);
}

/** Where the columns begin. */
function cellPositions(table: LayoutTable, x: number): readonly number[] {
  const positions: number[] = [];
  let at = x + MARK + slotDigits(table) * CHARACTER + COLUMN_GAP;
  for (const { width } of table.columns) {
    positions.push(at);
    at += width * CHARACTER + COLUMN_GAP;
  }
  return positions;
}

function cellX(x: number, text: string, align: 'left' | 'right', characters: number): number {
  return align === 'left' ? x : x + (characters - text.length) * CHARACTER;
}

function cellsWidth(table: LayoutTable): number {
  const columns = table.columns.reduce((sum, { width }) => sum + width * CHARACTER + COLUMN_GAP, 0);
  return MARK + slotDigits(table) * CHARACTER + columns;
}

/** Numbers of requests, and what points at rows. */
function tagsWidth({ rows }: LayoutTable): number {
  const widths = rows.map((row) => {
    if (row.kind === 'fold') return 0;
    const tag = row.tag === '' ? 0 : row.tag.length * SMALL_CHARACTER + 8;
    const pointer = row.pointer === undefined ? 0 : (row.pointer.length + 2) * SMALL_CHARACTER + 8;
    return tag + pointer;
  });
  return Math.max(24, ...widths) + 8;
}

/** Only where descriptors follow each other is there something to draw. */
function lane({ columns }: LayoutTable): number {
  return columns.some(({ name }) => name === 'flags') ? LANE : 0;
}

function slotDigits({ rows }: LayoutTable): number {
  return Math.max(1, ...rows.map((row) => (row.kind === 'slot' ? String(row.slot).length : 0)));
}
