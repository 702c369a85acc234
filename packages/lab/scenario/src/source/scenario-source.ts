import type { ScenarioPath, ScenarioProblem } from './scenario-problem.ts';
import { pathText } from './scenario-problem.ts';

/** Whether a problem is with a key itself, or with what stands behind it. */
export type ProblemSide = 'key' | 'value';

/** What a scenario was written in: knows where each part of it stands. */
export interface ScenarioSource {
  /** The file's name; paths in the scenario are relative to it. */
  readonly file: string;
  /** A problem with the part at `path`, or with the nearest part above it that there is. */
  problem(path: ScenarioPath, message: string, side?: ProblemSide): ScenarioProblem;
}

/** The source of a scenario that was made by a program: it has no lines. */
export function programSource(file: string): ScenarioSource {
  return {
    file,
    problem: (path, message) => ({
      file,
      line: undefined,
      column: undefined,
      path: pathText(path),
      message,
      excerpt: '',
    }),
  };
}
