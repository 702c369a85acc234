import { ATTRIBUTE_LONG_NAME, RECORD_SIZE, readShortName, slotKind } from './directory-record.ts';
import { isLegalName } from './name-rules.ts';

/** How many UTF-16 units one slot holds, and where they lie in it. */
const UNITS_PER_SLOT = 13;
const UNIT_OFFSETS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const;
const MAX_SLOTS = 20;
/** Marks the slot with the end of the name, which comes first. */
const LAST_SLOT = 0x40;

/** A long name and how many slots stand before the record that it belongs to. */
export interface LongName {
  readonly name: string;
  readonly slots: number;
}

/** Ties the slots of a long name to their 8.3 name (FAT specification, "Short Entry Checksum"). */
export function shortNameChecksum(shortName: string): number {
  let sum = 0;
  for (let index = 0; index < 11; index++) {
    sum = (((sum & 1) << 7) + (sum >> 1) + shortName.charCodeAt(index)) & 0xff;
  }
  return sum;
}

export function longNameSlots(name: string): number {
  return Math.ceil(name.length / UNITS_PER_SLOT);
}

/**
 * The long name of the record at slot `index`, read backwards from it. `undefined` when there is none,
 * or when its slots do not fit together: those are orphans, left by a system that knows no long names.
 */
export function readLongName(bytes: Uint8Array, index: number): LongName | undefined {
  const checksum = shortNameChecksum(readShortName(bytes, index * RECORD_SIZE));
  let name = '';
  for (let ordinal = 1; ordinal <= MAX_SLOTS; ordinal++) {
    const at = (index - ordinal) * RECORD_SIZE;
    if (at < 0 || !isLongNameSlot(bytes, at, checksum)) return undefined;
    const mark = bytes[at] ?? 0;
    if ((mark & ~LAST_SLOT) !== ordinal) return undefined;
    name += readUnits(bytes, at);
    if ((mark & LAST_SLOT) !== 0) return ended(name, ordinal);
  }
  return undefined;
}

function isLongNameSlot(bytes: Uint8Array, at: number, checksum: number): boolean {
  return (
    slotKind(bytes, at) === 'long-name' &&
    bytes[at + 12] === 0 &&
    bytes[at + 13] === checksum &&
    bytes[at + 26] === 0 &&
    bytes[at + 27] === 0
  );
}

/** Cuts a name at its NUL. One that no path could spell is not taken at its word. */
function ended(name: string, slots: number): LongName | undefined {
  const end = name.indexOf('\u0000');
  const text = end === -1 ? name : name.slice(0, end);
  return isLegalName(text) ? { name: text, slots } : undefined;
}

function readUnits(bytes: Uint8Array, at: number): string {
  let text = '';
  for (const offset of UNIT_OFFSETS) {
    text += String.fromCharCode((bytes[at + offset] ?? 0) | ((bytes[at + offset + 1] ?? 0) << 8));
  }
  return text;
}

/** Writes the slots of a name in front of its record: `longNameSlots(name)` of them, from `at` on. */
export function writeLongName(
  bytes: Uint8Array,
  at: number,
  name: string,
  shortName: string,
): void {
  const slots = longNameSlots(name);
  const checksum = shortNameChecksum(shortName);
  for (let ordinal = slots; ordinal >= 1; ordinal--) {
    const slot = at + (slots - ordinal) * RECORD_SIZE;
    bytes.fill(0, slot, slot + RECORD_SIZE);
    bytes[slot] = ordinal === slots ? ordinal | LAST_SLOT : ordinal;
    bytes[slot + 11] = ATTRIBUTE_LONG_NAME;
    bytes[slot + 13] = checksum;
    writeUnits(bytes, slot, name, (ordinal - 1) * UNITS_PER_SLOT);
  }
}

/** After the end of the name comes one NUL, then all-ones. */
function writeUnits(bytes: Uint8Array, slot: number, name: string, from: number): void {
  for (const [index, offset] of UNIT_OFFSETS.entries()) {
    const position = from + index;
    const unit =
      position < name.length ? name.charCodeAt(position) : position === name.length ? 0 : 0xffff;
    bytes[slot + offset] = unit & 0xff;
    bytes[slot + offset + 1] = unit >> 8;
  }
}
