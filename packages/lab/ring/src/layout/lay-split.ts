import { VRING_AVAIL_F_NO_INTERRUPT, VRING_USED_F_NO_NOTIFY } from '@dxelab/virtio';
import type { RingPicture } from '../picture.ts';
import { hasNext } from '../snapshot/descriptor.ts';
import type { SplitSnapshot } from '../snapshot/snapshot.ts';
import type { LayoutArrow, LayoutFact, LayoutTable, RingBody } from './layout.ts';
import { Owners, tagOf } from './owners.ts';
import type { SlotContent } from './table.ts';
import { layTable, rowOf } from './table.ts';
import { addressText, flagsText, inFlightSlots, isBlank, NOTHING } from './words.ts';

/** The tables of a split ring, as they stand from left to right. */
const AVAILABLE = 0;
const DESCRIPTORS = 1;
const USED = 2;

/** What a split ring shows: who makes available on the left, who uses on the right (virtio §2.7). */
export function laySplit(picture: RingPicture, snapshot: SplitSnapshot): RingBody {
  const owners = new Owners(picture);
  const tables = [
    availableTable(picture, snapshot, owners),
    descriptorTable(picture, snapshot, owners),
    usedTable(picture, snapshot),
  ];
  return { tables, arrows: arrowsOf(tables, snapshot) };
}

function availableTable(
  { request, fresh, completed }: RingPicture,
  { size, available, eventIdx, inFlight }: SplitSnapshot,
  owners: Owners,
): LayoutTable {
  const next = available.index % size;
  const isFresh = freshness(fresh);
  const facts: LayoutFact[] = [
    fact(
      'flags',
      flagText(available.flags, VRING_AVAIL_F_NO_INTERRUPT, 'NO_INTERRUPT'),
      isFresh('available-flags'),
    ),
    fact('index', String(available.index), isFresh('available-index')),
  ];
  if (eventIdx) facts.push(fact('used_event', String(available.usedEvent), isFresh('used-event')));
  const entries = new Map(
    [...completed, ...inFlight].map(({ entry, number }) => [entry, number] as const),
  );
  return layTable({
    name: 'Available ring',
    writer: 'the driver writes',
    facts,
    columns: [{ name: 'head', align: 'right' }],
    size,
    matters: [request.entry, next, ...entries.keys()],
    slot: (slot) => {
      const number = entries.get(slot);
      const head = available.entries[slot] ?? 0;
      const written = isFresh(`available-entry ${slot}`);
      // Before the index counts it, an entry is only prepared.
      const state = number === undefined ? (written ? 'prepared' : 'idle') : owners.of(head).state;
      return {
        cells: [
          number === undefined && !written && isUnused(available.index, size, slot)
            ? NOTHING
            : String(head),
        ],
        state,
        tag: tagOf(number),
        pointer: slot === next ? 'next' : undefined,
        fresh: written,
      };
    },
  });
}

function descriptorTable(
  { request, fresh }: RingPicture,
  { size, descriptors, prepared, inFlight }: SplitSnapshot,
  owners: Owners,
): LayoutTable {
  const isFresh = freshness(fresh);
  return layTable({
    name: 'Descriptor table',
    writer: 'the driver writes',
    facts: [fact('in flight', `${inFlightSlots(inFlight)} of ${size} descriptors`, false)],
    columns: [
      { name: 'address', align: 'left' },
      { name: 'length', align: 'right' },
      { name: 'flags', align: 'left' },
      { name: 'next', align: 'right' },
    ],
    size,
    matters: [...request.slots, ...prepared, ...owners.slots],
    slot: (slot): SlotContent => {
      const descriptor = descriptors[slot];
      const written = isFresh(`descriptor ${slot}`);
      if (descriptor === undefined || isBlank(descriptor)) {
        return { cells: [NOTHING, NOTHING, NOTHING, NOTHING], ...owners.of(slot), fresh: written };
      }
      const { address, length, nextOrId } = descriptor;
      const next = hasNext(descriptor) ? String(nextOrId) : NOTHING;
      const cells = [addressText(address), String(length), flagsText(descriptor), next];
      return { cells, ...owners.of(slot), fresh: written };
    },
  });
}

function usedTable(
  { request, fresh, completed }: RingPicture,
  { size, used, eventIdx }: SplitSnapshot,
): LayoutTable {
  const next = used.index % size;
  const isFresh = freshness(fresh);
  const facts: LayoutFact[] = [
    fact('flags', flagText(used.flags, VRING_USED_F_NO_NOTIFY, 'NO_NOTIFY'), isFresh('used-flags')),
    fact('index', String(used.index), isFresh('used-index')),
  ];
  if (eventIdx) {
    facts.push(fact('avail_event', String(used.availableEvent), isFresh('available-event')));
  }
  return layTable({
    name: 'Used ring',
    writer: 'the device writes',
    facts,
    columns: [
      { name: 'id', align: 'right' },
      { name: 'written', align: 'right' },
    ],
    size,
    matters: [next, ...(request.usedEntry === undefined ? [] : [request.usedEntry])],
    slot: (slot) => {
      const element = used.elements[slot] ?? { id: 0, length: 0 };
      const done = completed.find(({ usedEntry }) => usedEntry === slot);
      const unused = isUnused(used.index, size, slot);
      return {
        cells: unused ? [NOTHING, NOTHING] : [String(element.id), String(element.length)],
        state: done === undefined ? 'idle' : 'used',
        tag: tagOf(done?.number),
        pointer: slot === next ? 'next' : undefined,
        fresh: isFresh(`used-element ${slot}`) || done !== undefined,
      };
    },
  });
}

function arrowsOf(tables: readonly LayoutTable[], snapshot: SplitSnapshot): readonly LayoutArrow[] {
  const descriptors = tables[DESCRIPTORS];
  if (descriptors === undefined) return [];
  const arrows: LayoutArrow[] = [];
  const add = (kind: LayoutArrow['kind'], table: number, row: number, slot: number): void => {
    const target = rowOf(descriptors, slot);
    if (target === undefined) return;
    arrows.push({ kind, from: { table, row }, to: { table: DESCRIPTORS, row: target } });
  };
  for (const [table, { rows }] of tables.entries()) {
    for (const [index, row] of rows.entries()) {
      if (row.kind === 'fold' || row.state === 'idle') continue;
      const descriptor = snapshot.descriptors[row.slot];
      if (table === AVAILABLE) add('head', table, index, snapshot.available.entries[row.slot] ?? 0);
      else if (table === USED) add('used', table, index, snapshot.used.elements[row.slot]?.id ?? 0);
      else if (descriptor !== undefined && hasNext(descriptor)) {
        add('next', table, index, descriptor.nextOrId);
      }
    }
  }
  return arrows;
}

/** Whether a slot was never filled, as the index counts: 65536 later nobody can tell. */
function isUnused(index: number, size: number, slot: number): boolean {
  return index < size && slot >= index;
}

function flagText(flags: number, bit: number, name: string): string {
  return (flags & bit) === 0 ? String(flags) : `${flags} ${name}`;
}

function fact(name: string, value: string, fresh: boolean): LayoutFact {
  return { name, value, fresh };
}

/** Whether a part was just written, by its key. */
function freshness(fresh: readonly string[]): (key: string) => boolean {
  const keys = new Set(fresh);
  return (key) => keys.has(key);
}
