import type { LayoutArrow, LayoutTable, RowState } from '../layout/layout.ts';
import { svgElement } from './svg-element.ts';
import type { PlacedTable } from './svg-table.ts';

const TIP = 6;
/** Between an arrow and the table that it touches. */
const AIR = 3;

/** Draws an arrow between two rows, in the colour of the row where it begins. */
export function svgArrow(
  { kind, from, to }: LayoutArrow,
  tables: readonly LayoutTable[],
  placed: readonly PlacedTable[],
): string {
  const source = placed[from.table];
  const target = placed[to.table];
  const row = tables[from.table]?.rows[from.row];
  if (source === undefined || target === undefined || row?.kind !== 'slot') return '';
  const y1 = source.rowMiddle(from.row);
  const y2 = target.rowMiddle(to.row);
  if (kind === 'next') return nextArrow(source.lane, y1, y2, row.state);
  const rightwards = source.x < target.x;
  const x1 = rightwards ? source.x + source.width : source.x;
  const x2 = rightwards ? target.x - AIR : target.x + target.width + AIR;
  const bend = (x2 - x1) * 0.55;
  const end = x2 - (rightwards ? TIP : -TIP);
  const d = `M${x1} ${y1}C${round(x1 + bend)} ${y1} ${round(end - bend)} ${y2} ${end} ${y2}`;
  return (
    svgElement('path', { d, class: `arrow ${row.state}` }) + tip(x2, y2, rightwards, row.state)
  );
}

/** From a descriptor to the one that follows it, beside their cells. */
function nextArrow(x: number, y1: number, y2: number, state: RowState): string {
  // It begins below the middle and ends above it: an arrow that ends where another begins crosses nothing.
  const begin = y1 + 4;
  const end = y2 - 4;
  const out = round(x + Math.min(26, 14 + Math.abs(y2 - y1) / 12));
  const d = `M${round(x)} ${begin}C${out} ${begin} ${out} ${end} ${round(x + TIP)} ${end}`;
  return svgElement('path', { d, class: `arrow ${state}` }) + tip(x, end, false, state);
}

function tip(x: number, y: number, rightwards: boolean, state: RowState): string {
  const back = rightwards ? -TIP - 1 : TIP + 1;
  const d = `M${round(x)} ${y}l${back} -4v8z`;
  return svgElement('path', { d, class: `tip ${state}` });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
