import type { ScenarioProblem } from './scenario-problem.ts';
import { problemText } from './scenario-problem.ts';

/** A scenario that cannot be run as it is written; the message shows every problem with its place. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  /** At least one. */
  readonly problems: readonly ScenarioProblem[];

  constructor(problems: readonly ScenarioProblem[], cause?: unknown) {
    super(problems.map(problemText).join('\n'), cause === undefined ? {} : { cause });
    this.problems = problems;
  }
}
