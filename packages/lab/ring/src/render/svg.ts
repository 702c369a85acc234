import { layOut } from '../layout/lay-out.ts';
import type { LayoutRequest, RingLayout } from '../layout/layout.ts';
import type { RingPicture } from '../picture.ts';
import { svgArrow } from './svg-arrows.ts';
import { escapeXml, svgElement, svgText } from './svg-element.ts';
import { ROW_HEIGHT, SVG_STYLE } from './svg-style.ts';
import type { PlacedTable } from './svg-table.ts';
import { markMarkup, svgTable, tableWidth } from './svg-table.ts';
import { wrap } from './text.ts';

const MARGIN = 24;
/** Between tables, for arrows. */
const GUTTER = 64;
const NARROWEST = 780;
const CAPTION_CHARACTER = 7.6;
const CAPTION_HEIGHT = 21;
const CAPTION_TOP = 88;
/** Of more steps no dots are drawn: the subtitle counts them. */
const MOST_DOTS = 24;
const DOT_DISTANCE = 16;
/** What says who has acted. */
const PILL = 62;
const PILL_GAP = 34;
const SIDES_TOP = 44;

/**
 * A picture as SVG 1.1, for light and dark backgrounds: it has its own, and follows what the viewer
 * prefers. The same picture is the same bytes everywhere.
 */
export function ringSvg(picture: RingPicture): string {
  const layout = layOut(picture);
  const tablesWidth = layout.tables.reduce((sum, table) => sum + tableWidth(table), 0);
  const inner = Math.max(NARROWEST, tablesWidth + (layout.tables.length - 1) * GUTTER);
  const width = inner + 2 * MARGIN;
  const caption = wrap(layout.caption, Math.floor(inner / CAPTION_CHARACTER));
  const top = CAPTION_TOP + caption.length * CAPTION_HEIGHT;
  const tables = placeTables(layout, top, inner - tablesWidth);
  const bottom = Math.max(...tables.map((table) => table.bottom)) + 16;
  const legendY = bottom + Math.max(1, layout.requests.length) * ROW_HEIGHT + 14;
  const height = legendY + MARGIN + 4;
  const id = escapeXml(`ring-${layout.title}-${layout.step}`.replaceAll(/[^a-z0-9]+/giu, '-'));
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-labelledby': `${id}-title ${id}-desc`,
  };
  const parts = [
    `<title id="${id}-title">${escapeXml(`${layout.title}: ${layout.subtitle}`)}</title>`,
    `<desc id="${id}-desc">${escapeXml(description(layout))}</desc>`,
    `<style>${SVG_STYLE}</style>`,
    svgElement('rect', {
      x: 0.5,
      y: 0.5,
      width: width - 1,
      height: height - 1,
      rx: 12,
      class: 'card',
    }),
    svgText(MARGIN, 38, 'title', layout.title),
    svgText(MARGIN, 59, 'subtitle faint', layout.subtitle),
    dots(layout, width - MARGIN),
    sides(layout, width - MARGIN),
    ...caption.map((line, index) =>
      svgText(MARGIN, CAPTION_TOP + index * CAPTION_HEIGHT, 'caption', line),
    ),
    ...tables.map(({ markup }) => markup),
    ...layout.arrows.map((arrow) => svgArrow(arrow, layout.tables, tables)),
    ...requestLines(layout.requests, bottom),
    legend(legendY),
  ];
  return `${svgElement('svg', attributes, `\n${parts.filter((part) => part !== '').join('\n')}\n`)}\n`;
}

/** From left to right; what is left of the width goes into the gutters, or to the only one. */
function placeTables({ tables }: RingLayout, top: number, spare: number): readonly PlacedTable[] {
  const factRows = Math.max(...tables.map(({ facts }) => facts.length));
  const gutter = tables.length > 1 ? spare / (tables.length - 1) : 0;
  const stretch = tables.length > 1 ? 0 : spare;
  let x = MARGIN;
  return tables.map((table) => {
    const placed = svgTable(table, { x, y: top, width: tableWidth(table) + stretch }, factRows);
    x += placed.width + gutter;
    return placed;
  });
}

/** How far the request has come. */
function dots({ step, steps }: RingLayout, right: number): string {
  if (steps > MOST_DOTS) return '';
  return Array.from({ length: steps }, (_, index) =>
    svgElement('circle', {
      cx: right - (steps - index - 0.5) * DOT_DISTANCE,
      cy: 26,
      r: index + 1 === step ? 6 : 4,
      class: index < step ? 'done' : 'todo',
    }),
  ).join('');
}

function requestLines(requests: readonly LayoutRequest[], top: number): readonly string[] {
  if (requests.length === 0) return [svgText(MARGIN, top + 15, 'faint', 'Nothing is in flight.')];
  return requests.map(({ number, state, text }, index) => {
    const y = top + index * ROW_HEIGHT;
    const word = `request ${number} ${state === 'used' ? 'used' : 'in flight'}: ${text}`;
    return markMarkup(state, MARGIN + 6, y + 10.5) + svgText(MARGIN + 20, y + 15, state, word);
  });
}

/** Who has acted: the driver, the device, or the driver on the device. */
function sides({ actor, notifies }: RingLayout, right: number): string {
  const pill = (x: number, name: string, active: boolean): string =>
    svgElement('rect', {
      x,
      y: SIDES_TOP,
      width: PILL,
      height: 20,
      rx: 10,
      class: active ? 'pill active' : 'pill',
    }) +
    svgElement(
      'text',
      { x: x + PILL / 2, y: SIDES_TOP + 14, class: active ? 'side active' : 'side' },
      name,
    );
  const driverX = right - 2 * PILL - PILL_GAP;
  const middle = SIDES_TOP + 10;
  const from = driverX + PILL + 3;
  const to = right - PILL - 3;
  const bell = notifies
    ? svgElement('path', { d: `M${from} ${middle}H${to - 6}`, class: 'arrow prepared' }) +
      svgElement('path', { d: `M${to} ${middle}l-7 -4v8z`, class: 'tip prepared' })
    : '';
  return (
    pill(driverX, 'driver', actor === 'driver') +
    bell +
    pill(right - PILL, 'device', actor === 'device')
  );
}

function legend(y: number): string {
  const words = [
    ['prepared', 'written, not available yet'],
    ['in-flight', 'in flight: the device has it'],
    ['used', 'used: the driver has it again'],
  ] as const;
  let x = MARGIN;
  const parts = words.map(([state, text]) => {
    const part = markMarkup(state, x + 6, y + 6) + svgText(x + 18, y + 10, 'small faint', text);
    x += 18 + text.length * 6.63 + 22;
    return part;
  });
  const frame = { x: x + 1, y: y - 1, width: 20, height: 14, rx: 4, class: 'row idle fresh' };
  const fresh = svgElement('rect', frame) + svgText(x + 28, y + 10, 'small faint', 'just written');
  return [...parts, fresh].join('');
}

/** The picture in words, for who cannot see it. */
function description({ caption, tables, requests }: RingLayout): string {
  const values = tables.flatMap(({ name, facts }) =>
    facts.map((fact) => `${name}: ${fact.name} ${fact.value}.`),
  );
  const states = requests.map(
    ({ number, state, text }) =>
      `Request ${number} is ${state === 'used' ? 'used' : 'in flight'}: ${text}.`,
  );
  return [caption, ...values, ...states].join(' ');
}
