import type * as z from 'zod';
import { didYouMean } from './did-you-mean.ts';
import type { ScenarioPath, ScenarioProblem } from './scenario-problem.ts';
import type { ScenarioSource } from './scenario-source.ts';
import { showValue } from './show-value.ts';

type Issue = z.core.$ZodIssue;

/** The message of an alternative that only a program can give: nobody is told that it was missing. */
export const NOT_LIVE = 'not a live object';

const KIND_CODES: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

/** What zod's types are called in a scenario. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a mapping',
  string: 'a text',
};

/** What the schema found fault with, in the words and at the places of the scenario. */
export function issueProblems(
  issues: readonly Issue[],
  data: unknown,
  source: ScenarioSource,
  above: ScenarioPath = [],
): readonly ScenarioProblem[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path.map(pathStep)];
    const value = valueAt(data, path);
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) =>
        source.problem([...path, key], messages[index] ?? issue.message, 'key'),
      );
    }
    if (issue.code === 'invalid_union') {
      const meant = meantBranch(issue.errors, value);
      if (meant !== undefined) return issueProblems(meant, data, source, path);
    }
    return [source.problem(path, message(issue, path, value))];
  });
}

/** Of the alternatives of a union, the issues of the one that was probably meant. */
function meantBranch(
  branches: readonly (readonly Issue[])[],
  value: unknown,
): readonly Issue[] | undefined {
  const ofItsKind = branches.filter((issues) => !issues.some(isAboutWhole));
  const missing = (issues: readonly Issue[]): number =>
    issues.filter(({ path }) => path.length === 1 && !isThere(value, path)).length;
  // The one whose keys are all there, or that misses fewer than any other.
  const ranked = ofItsKind.toSorted((left, right) => missing(left) - missing(right));
  const [best, next] = ranked;
  if (best === undefined || next === undefined || missing(best) === 0) return best;
  return missing(best) < missing(next) ? best : undefined;
}

/** Whether an issue says that the value as a whole is of another kind. */
function isAboutWhole({ path, code, message: words }: Issue): boolean {
  if (path.length > 0) return false;
  return KIND_CODES.has(code) || words === NOT_LIVE;
}

function isThere(value: unknown, path: readonly PropertyKey[]): boolean {
  return valueAt(value, path.map(pathStep)) !== undefined;
}

function message(issue: Issue, path: ScenarioPath, value: unknown): string {
  const expected = expectation(issue);
  if (!expected.startsWith('expected ')) return expected;
  if (value === undefined) return `missing '${String(path.at(-1) ?? 'scenario')}': ${expected}`;
  const quotes = issue.code === 'invalid_type' && issue.expected === 'string' && isBare(value);
  const hint = quotes ? ' (put it in quotes)' : '';
  const known = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const meant = typeof value === 'string' ? didYouMean(value, known) : '';
  return `${expected}, and not ${showValue(value)}${hint}${meant}`;
}

/** Our own words where the schema has them, else what zod's code means. */
function expectation(issue: Issue): string {
  if (issue.message.startsWith('expected ')) return issue.message;
  if (issue.code === 'invalid_type')
    return `expected ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
  if (issue.code === 'too_small') return `expected at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `expected at most ${issue.maximum}`;
  if (issue.code !== 'invalid_value') return issue.message;
  return `expected ${issue.values.map((word) => `'${String(word)}'`).join(', ')}`;
}

/** What YAML takes for a number or a truth value unless it is quoted. */
function isBare(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function pathStep(step: PropertyKey): string | number {
  return typeof step === 'number' ? step : String(step);
}

function valueAt(data: unknown, path: ScenarioPath): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = Object.entries(value).find(([key]) => key === String(step))?.[1];
  }
  return value;
}
