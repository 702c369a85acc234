/** A line of the benchmark's output, and an element of what `--json` writes. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** To whatever the figure is measured against in the same run; `null` if it stands for itself. */
  readonly ratio: number | null;
}

/** A figure as a line of text, with what is wanted of it. */
export function formatFigure({ name, value, unit, ratio }: Figure, wanted: string): string {
  const number = value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
  const against = ratio === null ? '' : `ratio ${ratio.toFixed(3)}`;
  return `${name.padEnd(20)} ${number.padStart(14)} ${unit.padEnd(8)} ${against.padEnd(12)} ${wanted}`;
}
