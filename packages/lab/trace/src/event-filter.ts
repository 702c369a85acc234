/** Whether an event of this name is wanted. */
export type EventFilter = (name: string) => boolean;

/**
 * A filter by glob patterns, as QEMU's `-trace` takes them: `*` stands for any characters, `?` for
 * one, and a pattern after `-` takes names out again. The last pattern that matches decides; if the
 * first one takes out, everything is in to begin with.
 */
export function eventFilter(patterns: readonly string[]): EventFilter {
  const rules = patterns.map((pattern) => {
    const takesOut = pattern.startsWith('-');
    return { wanted: !takesOut, pattern: globExpression(takesOut ? pattern.slice(1) : pattern) };
  });
  const unmentioned = rules[0]?.wanted !== true;
  // Names repeat by the million, so that each is judged once.
  const verdicts = new Map<string, boolean>();
  return (name) => {
    let verdict = verdicts.get(name);
    if (verdict === undefined) {
      verdict = rules.findLast((rule) => rule.pattern.test(name))?.wanted ?? unmentioned;
      verdicts.set(name, verdict);
    }
    return verdict;
  };
}

function globExpression(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su');
}
