/** Sizes that texts are measured with, in pixels: pictures are drawn without asking a font. */
export const CHARACTER = 7.83;
export const SMALL_CHARACTER = 6.63;
export const ROW_HEIGHT = 22;

/** What has a colour of its own: what belongs to a state, and what just happened. */
interface Palette {
  readonly card: string;
  readonly edge: string;
  readonly panel: string;
  readonly text: string;
  readonly faint: string;
  readonly accent: string;
  readonly states: Readonly<Record<'prepared' | 'in-flight' | 'used', readonly [string, string]>>;
}

/** Texts have a contrast of at least 4.5 on what is behind them (WCAG 2.1 §1.4.3). */
const LIGHT: Palette = {
  card: '#ffffff',
  edge: '#d1d9e0',
  panel: '#f6f8fa',
  text: '#1f2328',
  faint: '#59636e',
  accent: '#0550ae',
  states: {
    prepared: ['#ddf4ff', '#0550ae'],
    'in-flight': ['#fff1cc', '#7d4e00'],
    used: ['#d7f7df', '#116329'],
  },
};

const DARK: Palette = {
  card: '#0d1117',
  edge: '#3d444d',
  panel: '#151b23',
  text: '#f0f6fc',
  faint: '#9198a1',
  accent: '#79b8ff',
  states: {
    prepared: ['#10304f', '#79b8ff'],
    'in-flight': ['#40300c', '#f2cc60'],
    used: ['#12351e', '#7ee787'],
  },
};

const SANS = "system-ui,-apple-system,'Segoe UI','DejaVu Sans',Helvetica,Arial,sans-serif";
const MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

/** The style sheet of a picture: for a light background, and for a dark one where that is preferred. */
export const SVG_STYLE: string = [
  `text{font-family:${MONO};font-size:13px;white-space:pre}`,
  `.title{font-family:${SANS};font-size:19px;font-weight:700}`,
  `.subtitle,.writer{font-family:${SANS};font-size:13px}`,
  `.caption{font-family:${SANS};font-size:15px}`,
  `.name{font-family:${SANS};font-size:14px;font-weight:700}`,
  `.side{font-family:${SANS};font-size:12px;text-anchor:middle}`,
  `.small{font-size:11px}`,
  `.fresh{font-weight:700}`,
  `.arrow{fill:none;stroke-width:1.6}`,
  `.tip{stroke:none}`,
  colours(LIGHT),
  `@media(prefers-color-scheme:dark){${colours(DARK)}}`,
].join('');

function colours({ card, edge, panel, text, faint, accent, states }: Palette): string {
  const ofStates = Object.entries(states).map(
    ([name, [fill, ink]]) =>
      `.row.${name}{fill:${fill}}.row.${name}.fresh{stroke:${ink}}text.${name},.tip.${name},.dot.${name}{fill:${ink}}` +
      `.arrow.${name},.ring.${name},.check.${name}{stroke:${ink}}`,
  );
  return [
    `.card{fill:${card};stroke:${edge}}`,
    `.panel{fill:${panel};stroke:${edge}}`,
    `.rule{stroke:${edge}}`,
    `text{fill:${text}}`,
    `text.faint{fill:${faint}}`,
    `text.accent,.done{fill:${accent}}`,
    `.todo{fill:${edge}}`,
    `.pill{fill:none;stroke:${edge}}`,
    `.pill.active{fill:${accent};stroke:${accent}}`,
    `text.side{fill:${faint}}`,
    `text.side.active{fill:${card}}`,
    `.row{stroke:none}`,
    `.row.idle{fill:none}`,
    `.row.idle.fresh{stroke:${accent}}`,
    `.ring,.check{fill:none}`,
    ...ofStates,
  ].join('');
}
