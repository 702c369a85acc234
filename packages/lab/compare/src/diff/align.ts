import { diffArrays } from 'diff';
import type { Pair } from '../comparison.ts';
import type { RecordedEvent } from '../recording/recording.ts';

/** Of so many insertions and deletions the search for the shortest way is given up: nothing is alike. */
const MOST_EDITS = 2000;

/** One event on both machines, or on one of them. */
export type AlignedEvent = Pair<RecordedEvent | undefined>;

/** Lays two recordings of a device side by side, by the subjects of their events. */
export function align([first, second]: Pair<readonly RecordedEvent[]>): readonly AlignedEvent[] {
  const changes = diffArrays(subjects(first), subjects(second), { maxEditLength: MOST_EDITS });
  const rows: AlignedEvent[] = [];
  let [left, right] = [0, 0];
  for (const { added, removed, count } of changes ?? []) {
    for (let step = 0; step < count; step++) {
      rows.push([added ? undefined : first[left++], removed ? undefined : second[right++]]);
    }
  }
  // What could not be laid beside anything: one machine's, then the other's.
  while (left < first.length) rows.push([first[left++], undefined]);
  while (right < second.length) rows.push([undefined, second[right++]]);
  return rows;
}

function subjects(events: readonly RecordedEvent[]): string[] {
  return events.map(({ subject }) => subject);
}
