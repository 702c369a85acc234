import type { Comparison, Difference, Pair } from '@dxelab/compare';
import { timeText } from './phases-text.ts';
import { sideBySide } from './side-by-side.ts';
import type { Style } from './style.ts';

/** More of the same say nothing more; the JSON has them all. */
const MOST_ROWS = 60;
const MOST_DIFFERENCES = 40;

export interface ComparisonTextOptions {
  /** Of each boot by itself. */
  readonly booted: Pair<boolean>;
  readonly succeeded: boolean;
  /** In characters. */
  readonly width: number;
  readonly style: Style;
}

/** The account of a comparison: each device side by side, and what differs with its reason. */
export function comparisonText(comparison: Comparison, options: ComparisonTextOptions): string {
  const { style } = options;
  const sections = [
    titleText(comparison, options),
    ...comparison.devices.map((device) => deviceText(device, comparison.machines, options)),
    differencesText(comparison, style),
    unusedText(comparison, style),
    outcomeText(comparison, options),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function titleText(
  { scenario, boots }: Comparison,
  { booted, style }: ComparisonTextOptions,
): readonly string[] {
  return [
    style.heading(scenario.name ?? scenario.file),
    ...boots.map((report, side) => {
      const { machine, profile, clock, virtualTime, accesses, outcome } = report;
      const word = booted[side] === true ? style.good(outcome.kind) : style.bad(outcome.kind);
      const spent = `${timeText(virtualTime)} of ${clock} time, ${accesses} accesses`;
      const failed = report.expectations.filter(({ held }) => !held);
      const missed = failed.map(
        ({ text, actual }) => `\n    ${style.bad('failed')} ${text}: ${actual}`,
      );
      return `  ${word} ${style.faint(`${machine}; profile ${profile}; ${spent}`)}${missed.join('')}`;
    }),
  ];
}

function deviceText(
  { name, events: [first, second], rows }: Comparison['devices'][number],
  machines: Pair<string>,
  { width, style }: ComparisonTextOptions,
): readonly string[] {
  const counts = first === second ? `${first} events` : `${first} and ${second} events`;
  const heading = `${style.heading(name)}  ${style.faint(counts)}`;
  if (rows.length === 0) return [`${heading}${style.faint(', all of them the same')}`];
  const more = rows.length - MOST_ROWS;
  return [
    heading,
    ...sideBySide(rows.slice(0, MOST_ROWS), machines, width, style),
    ...(more > 0 ? [style.faint(`  … and ${more} more rows`)] : []),
  ];
}

function differencesText({ differences, machines }: Comparison, style: Style): readonly string[] {
  if (differences.length === 0) return [];
  // What must be explained comes first.
  const undeclared = differences.filter(({ reason }) => reason === undefined);
  const declared = differences.filter(({ reason }) => reason !== undefined);
  const lines = [...undeclared, ...declared].map((difference) =>
    differenceText(difference, machines, style),
  );
  const more = lines.length - MOST_DIFFERENCES;
  return [
    style.heading('Differences'),
    ...lines.slice(0, MOST_DIFFERENCES),
    ...(more > 0 ? [style.faint(`  … and ${more} more`)] : []),
  ];
}

function differenceText(
  { device, kind, name, part, texts, count, reason }: Difference,
  machines: Pair<string>,
  style: Style,
): string {
  const mark = reason === undefined ? style.bad('undeclared') : style.good('declared  ');
  const where = [device, kind, name].filter((word) => word !== '').join(' ');
  const sides = machines
    .map((machine, side) => `${machine} ${texts[side] ?? 'nothing'}`)
    .join(', ');
  const often = count > 1 ? style.faint(` (${count} times)`) : '';
  const why = reason === undefined ? '' : `\n             ${style.faint(`because ${reason}`)}`;
  const what = part === name || part === 'function' ? '' : ` ${style.faint(part)}`;
  return `  ${mark} ${style.name(where)}${what}: ${sides}${often}${why}`;
}

function unusedText({ unused }: Comparison, style: Style): readonly string[] {
  if (unused.length === 0) return [];
  return [
    style.heading('Declared, and not there'),
    ...unused.flatMap((text) => text.split('\n').map((line) => `  ${style.warning(line)}`)),
  ];
}

function outcomeText(
  { differences, machines }: Comparison,
  { booted, succeeded: agreed, style }: ComparisonTextOptions,
): readonly string[] {
  const undeclared = differences.filter(({ reason }) => reason === undefined).length;
  const failed = machines.filter((_machine, side) => booted[side] !== true);
  const words = [
    undeclaredText(undeclared),
    ...failed.map((machine) => `the boot on ${machine} did not succeed`),
  ].join('; ');
  return [
    `${style.heading('Outcome')} ${agreed ? style.good('agreed') : style.bad('differ')}: ${words}`,
  ];
}

function undeclaredText(count: number): string {
  if (count === 0) return 'nothing differs that is not declared';
  return count === 1 ? '1 difference is not declared' : `${count} differences are not declared`;
}
