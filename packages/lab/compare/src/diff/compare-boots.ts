import type { BootReport } from '@dxelab/scenario';
import type { Pair } from '../comparison.ts';
import type { Declarations } from './declarations.ts';
import type { DifferenceList } from './difference-list.ts';

/** What each result of a boot is, in words that two machines can agree in. */
const RESULTS: Readonly<Record<string, (report: BootReport) => readonly string[]>> = {
  outcome: ({ outcome: { kind, message } }) => [`${kind}: ${message}`],
  console: ({ console }) => console.split('\n').map((line) => JSON.stringify(line)),
  attempts: ({ attempts }) =>
    attempts.map(({ devicePath, status, reason }) =>
      `${devicePath}: ${status} ${reason}`.trimEnd(),
    ),
};

/** Compares what the boots came to. */
export function compareBoots(
  [first, second]: Pair<BootReport>,
  declarations: Declarations,
  differences: DifferenceList,
): void {
  for (const [result, textsOf] of Object.entries(RESULTS)) {
    const [left, right] = unlike(textsOf(first), textsOf(second));
    for (let index = 0; index < Math.max(left.length, right.length); index++) {
      const texts = [left[index], right[index]] as const;
      if (texts[0] === texts[1]) continue;
      const reason = declarations.reasonForResult(result);
      differences.add({
        device: '',
        kind: 'boot',
        name: result,
        part: result,
        texts,
        count: 1,
        reason,
      });
    }
  }
}

/** Both without what they begin and end with alike: so a line too many is one difference. */
function unlike(left: readonly string[], right: readonly string[]): Pair<readonly string[]> {
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && left[head] === right[head]) head++;
  let tail = 0;
  while (tail < shorter - head && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
  return [left.slice(head, left.length - tail), right.slice(head, right.length - tail)];
}
