/** What a benchmark found out. */
export interface Measurement {
  readonly value: number;
  readonly unit: string;
  /** To whatever the value is measured against in the same run; `null` if it stands for itself. */
  readonly ratio: number | null;
  /** Lines for a reader, below the figure. */
  readonly notes?: readonly string[];
}

/** What the process of a benchmark sends back. */
export type Answer = Measurement | { readonly problem: string };

/** An element of what `--json` writes. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio: number | null;
}

/** What is wanted of a figure: of its ratio, or of its value in its own unit. */
export interface Goal {
  readonly of: 'ratio' | 'value';
  readonly atLeast?: number;
  readonly atMost?: number;
}

export function isReached(
  { of, atLeast = -Infinity, atMost = Infinity }: Goal,
  figure: Figure,
): boolean {
  const figureOf = of === 'ratio' ? (figure.ratio ?? Number.NaN) : figure.value;
  return figureOf >= atLeast && figureOf <= atMost;
}

const number = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** The table's head, and a figure as a line below it. */
export const HEAD: string = row('', 'absolute', 'unit', 'ratio', 'wanted');

export function formatFigure(figure: Figure, goal: Goal): string {
  const { name, value, unit, ratio } = figure;
  const { of, atLeast, atMost } = goal;
  const bounds = [
    ...(atLeast === undefined ? [] : [`>= ${atLeast}`]),
    ...(atMost === undefined ? [] : [`<= ${atMost}`]),
  ].join(', ');
  const wanted = `${of === 'ratio' ? 'ratio ' : ''}${bounds}`;
  const missed = isReached(goal, figure) ? '' : '  missed';
  return row(name, number.format(value), unit, ratio?.toFixed(3) ?? '-', `${wanted}${missed}`);
}

function row(name: string, value: string, unit: string, ratio: string, wanted: string): string {
  return `${name.padEnd(18)} ${value.padStart(12)} ${unit.padEnd(12)} ${ratio.padStart(7)}   ${wanted}`;
}
