import type { BootReport } from '@dxelab/scenario';
import type { Pair } from '../comparison.ts';
import type { Declarations } from './declarations.ts';
import type { DifferenceList } from './difference-list.ts';

/** What each result of a boot is, in words that two machines can agree in. */
const RESULTS: Readonly<Record<string, (report: BootReport) => readonly string[]>> = {
  outcome: ({ outcome: { kind, message } }) => [`${kind}: ${message}`],
  console: ({ console }) => [JSON.stringify(console)],
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
    const [left, right] = [textsOf(first), textsOf(second)];
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
