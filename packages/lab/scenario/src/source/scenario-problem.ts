/** Where in a scenario something is: keys and indices from its top. */
export type ScenarioPath = readonly (string | number)[];

/** Something that is wrong with a scenario. */
export interface ScenarioProblem {
  /** The file, or what else the scenario came from. */
  readonly file: string;
  /** Counted from 1; `undefined` if the scenario is not a text. */
  readonly line: number | undefined;
  /** Counted from 1. */
  readonly column: number | undefined;
  /** As `pathText` writes it; empty for the whole scenario. */
  readonly path: string;
  /** What was expected and what came. */
  readonly message: string;
  /** The offending line with a caret under the place; empty if the scenario is not a text. */
  readonly excerpt: string;
}

/** A path as JavaScript would write it: `machine.devices[0].virtio-blk.slot`. */
export function pathText(path: ScenarioPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** A problem as it is shown: place, message, and the line that it is in. */
export function problemText(problem: ScenarioProblem): string {
  const { file, line, column, path, message, excerpt } = problem;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const where = path === '' ? '' : ` ${path}:`;
  return `${place}:${where} ${message}${excerpt === '' ? '' : `\n${excerpt}`}`;
}
