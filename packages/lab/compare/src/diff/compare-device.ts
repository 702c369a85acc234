import type { ComparisonRow, DeviceComparison, Difference, Pair, RowMark } from '../comparison.ts';
import type { DeviceRecording, Fact, RecordedEvent } from '../recording/recording.ts';
import { bitsText } from '../recording/virtio-observer.ts';
import { align } from './align.ts';
import type { AlignedEvent } from './align.ts';
import type { Declarations } from './declarations.ts';
import type { DifferenceList } from './difference-list.ts';

/** So many events are shown before and after one that differs. */
const CONTEXT = 2;

/** Compares one device's two recordings, and adds what differs to a list. */
export function compareDevice(
  name: string,
  [first, second]: Pair<DeviceRecording>,
  declarations: Declarations,
  differences: DifferenceList,
): DeviceComparison {
  const rows = align([first.events, second.events]).map((pair): MarkedRow => {
    const found = differencesOf(name, pair, declarations);
    for (const difference of found) differences.add(difference);
    return { pair, mark: markOf(found) };
  });
  return {
    name,
    events: [first.events.length, second.events.length],
    rows: aroundDifferences(rows),
  };
}

interface MarkedRow {
  readonly pair: AlignedEvent;
  readonly mark: RowMark;
}

/** In what two events differ that were laid side by side. */
function differencesOf(
  device: string,
  [first, second]: AlignedEvent,
  declarations: Declarations,
): readonly Difference[] {
  const event = first ?? second;
  if (event === undefined) return [];
  const { kind, command } = event;
  const name = command === undefined ? event.name : `${event.name} ${command.name}`;
  if (first === undefined || second === undefined) {
    const texts = [textOf(first), textOf(second)] as const;
    const reason = declarations.reasonForEvent(device, event);
    return [{ device, kind, name, part: event.subject, texts, count: 1, reason }];
  }
  const count = Math.max(first.facts.length, second.facts.length);
  return Array.from(
    { length: count },
    (_, index) => [first.facts[index], second.facts[index]] as const,
  )
    .filter((facts) => differ(facts))
    .map((facts): Difference => {
      const part = (facts[0] ?? facts[1])?.part ?? '';
      return {
        device,
        kind: part === 'bits' ? 'features' : kind,
        name,
        part,
        texts: factTexts(facts),
        count: 1,
        reason: declarations.reasonForFact(device, event, facts),
      };
    });
}

/**
 * Whether what two machines have of something is not the same. How much a device says that it wrote is
 * a fact of its own: where two disagree, their whole buffers are compared.
 */
function differ([first, second]: Pair<Fact | undefined>): boolean {
  if (first?.text === second?.text) return false;
  const disagree = first?.whole !== undefined || second?.whole !== undefined;
  return !disagree || (first?.whole ?? first?.text) !== (second?.whole ?? second?.text);
}

/** Of feature bits those that only one machine has: the others are many, and the same. */
function factTexts([first, second]: Pair<Fact | undefined>): Pair<string | undefined> {
  if (first?.bits === undefined || second?.bits === undefined) return [first?.text, second?.text];
  return [bitsText(first.bits & ~second.bits), bitsText(second.bits & ~first.bits)];
}

function markOf(differences: readonly Difference[]): RowMark {
  if (differences.length === 0) return 'same';
  return differences.every(({ reason }) => reason !== undefined) ? 'declared' : 'undeclared';
}

/** The rows that differ, with some before and after them. */
function aroundDifferences(rows: readonly MarkedRow[]): readonly ComparisonRow[] {
  const shown: ComparisonRow[] = [];
  let last = -1;
  // How far the next difference is, from the end to the beginning; then one pass forward.
  const untilNext = distancesToNext(rows);
  let sinceLast = Infinity;
  for (const [index, { pair, mark }] of rows.entries()) {
    sinceLast = mark === 'same' ? sinceLast + 1 : 0;
    if (Math.min(sinceLast, untilNext[index] ?? Infinity) > CONTEXT) continue;
    const texts = [textOf(pair[0]), textOf(pair[1])] as const;
    shown.push({ texts, mark, skipped: index - last - 1 });
    last = index;
  }
  return shown;
}

function distancesToNext(rows: readonly MarkedRow[]): readonly number[] {
  let distance = Infinity;
  return rows
    .toReversed()
    .map(({ mark }) => {
      distance = mark === 'same' ? distance + 1 : 0;
      return distance;
    })
    .toReversed();
}

function textOf(event: RecordedEvent | undefined): string | undefined {
  if (event === undefined) return undefined;
  const facts = event.facts.map(({ part, text }) => (part === 'length' ? `${text} written` : text));
  return `${event.subject}: ${facts.join('; ')}`;
}
