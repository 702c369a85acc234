import type { GptEntry } from './gpt-entry.ts';
import { isUsedGptEntry, readGptEntry } from './gpt-entry.ts';
import type { GptHeader } from './gpt-header.ts';

/** An entry that is used, with its number, counted from 1 and with the unused ones. */
export interface NumberedGptEntry {
  readonly number: number;
  readonly entry: GptEntry;
}

/** An entry that firmware must leave alone, and why. */
export interface RejectedGptEntry extends NumberedGptEntry {
  readonly problem: string;
}

/** The used entries of a partition table, judged. */
export interface GptEntries {
  /** In range and apart from each other, by their numbers. */
  readonly accepted: readonly NumberedGptEntry[];
  readonly rejected: readonly RejectedGptEntry[];
}

/**
 * Reads an array of partition entries and judges each (UEFI §5.3.2, §5.3.3): it must lie within the
 * usable blocks and overlap no other; of two that overlap, neither can be believed.
 * @param array what the header's partitionEntryLba points to
 * @param lastBlock the last block that can hold a partition, whatever the header says
 */
export function readGptEntries(
  array: Uint8Array,
  header: GptHeader,
  lastBlock: bigint,
): GptEntries {
  const rejected: RejectedGptEntry[] = [];
  const inRange: NumberedGptEntry[] = [];
  for (const numbered of usedEntries(array, header)) {
    const problem = rangeProblem(numbered.entry, header, lastBlock);
    if (problem === undefined) inRange.push(numbered);
    else rejected.push({ ...numbered, problem });
  }
  const overlapping = overlaps(inRange);
  for (const numbered of inRange) {
    const other = overlapping.get(numbered);
    if (other === undefined) continue;
    rejected.push({ ...numbered, problem: `it overlaps with partition ${other.number}` });
  }
  return { accepted: inRange.filter((numbered) => !overlapping.has(numbered)), rejected };
}

function* usedEntries(array: Uint8Array, header: GptHeader): Generator<NumberedGptEntry> {
  const size = header.sizeOfPartitionEntry;
  for (let index = 0; index < header.numberOfPartitionEntries; index += 1) {
    const bytes = array.subarray(index * size, index * size + size);
    if (bytes.length < size) return;
    if (isUsedGptEntry(bytes)) yield { number: index + 1, entry: readGptEntry(bytes) };
  }
}

function rangeProblem(entry: GptEntry, header: GptHeader, lastBlock: bigint): string | undefined {
  const { startingLba: first, endingLba: last } = entry;
  if (first > last) return `it ends with block ${last}, before it begins with block ${first}`;
  if (first < header.firstUsableLba || last > header.lastUsableLba) {
    return `its blocks ${first} to ${last} are not within the usable ${header.firstUsableLba} to ${header.lastUsableLba}`;
  }
  if (last > lastBlock) return `it ends with block ${last}, the disk with block ${lastBlock}`;
  return undefined;
}

/**
 * Each entry that overlaps, with one that it overlaps with. In the order of their first blocks, an
 * entry overlaps with an earlier one exactly if it overlaps with that which reaches farthest; and any
 * other that it overlaps with has met that one already.
 */
function overlaps(
  entries: readonly NumberedGptEntry[],
): ReadonlyMap<NumberedGptEntry, NumberedGptEntry> {
  const found = new Map<NumberedGptEntry, NumberedGptEntry>();
  const ordered = entries.toSorted((one, other) =>
    compare(one.entry.startingLba, other.entry.startingLba),
  );
  let farthest: NumberedGptEntry | undefined;
  for (const numbered of ordered) {
    if (farthest !== undefined && numbered.entry.startingLba <= farthest.entry.endingLba) {
      found.set(numbered, farthest);
      if (!found.has(farthest)) found.set(farthest, numbered);
    }
    if (farthest === undefined || numbered.entry.endingLba > farthest.entry.endingLba) {
      farthest = numbered;
    }
  }
  return found;
}

function compare(one: bigint, other: bigint): number {
  return Number(one > other) - Number(one < other);
}
