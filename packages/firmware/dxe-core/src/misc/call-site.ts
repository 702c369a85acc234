/** A line of somebody's code. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
}

/** Where a call came from: `at assert (file.ts:12:5)`, or without a function's name. */
const FRAME = /^\s*at (?:.*\()?(?<file>.+?):(?<line>\d+):\d+\)?$/;

/** The lines in a stack, the innermost first. */
export function callSites(stack: string): readonly CallSite[] {
  return stack.split('\n').flatMap((text) => {
    const groups = FRAME.exec(text)?.groups;
    return groups === undefined
      ? []
      : [{ file: groups['file'] ?? '', line: Number(groups['line']) }];
  });
}
