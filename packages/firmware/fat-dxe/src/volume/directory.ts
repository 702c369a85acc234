import type { FatPolicy } from '../fat-policy.ts';
import { CODE_PAGE_437, LATIN_1 } from '../layout/code-page.ts';
import type { DirectoryRecord } from '../layout/directory-record.ts';
import {
  RECORD_SIZE,
  SLOT_DELETED,
  readRecord,
  readShortName,
  slotKind,
  writeRecord,
} from '../layout/directory-record.ts';
import { longNameSlots, readLongName, writeLongName } from '../layout/long-name.ts';
import { shortNameOf, shortNameText, withNumericTail } from '../layout/short-name.ts';
import type { ByteStream } from '../space/byte-stream.ts';
import type { ClusterSpace } from '../space/cluster-space.ts';
import type { DirectoryEntry } from './directory-entry.ts';
import { DirectorySlots } from './directory-slots.ts';
import { NameIndex } from './name-index.ts';

/** A directory: its entries by name and in order. FatPkg/EnhancedFatDxe/DirectoryManage.c, Hash.c. */
export class Directory {
  readonly #slots: DirectorySlots;
  readonly #names: NameIndex;
  readonly #wide: boolean;
  readonly #policy: FatPolicy;
  /** By the slot of the record. */
  readonly #entries: (DirectoryEntry | undefined)[] = [];
  #count = 0;

  /** Reads all of it. @throws EFI_VOLUME_CORRUPTED */
  constructor(stream: ByteStream, space: ClusterSpace, path: string) {
    this.#policy = space.policy;
    this.#wide = space.geometry.type === 'FAT32';
    this.#slots = new DirectorySlots(stream, space, path);
    this.#names = new NameIndex(space.upperCase);
    for (let slot = 0; slot < this.#slots.end; slot++) {
      if (slotKind(this.#slots.bytes, slot * RECORD_SIZE) === 'entry') this.#add(this.#load(slot));
    }
  }

  find(name: string): DirectoryEntry | undefined {
    return this.#names.find(name);
  }

  /** The first entry at a slot from `slot` on. */
  next(slot: number): DirectoryEntry | undefined {
    for (let index = slot; index < this.#entries.length; index++) {
      const entry = this.#entries[index];
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** Whether there is nothing in it but the two dots. */
  get isEmpty(): boolean {
    const dots = ['.', '..'].filter((name) => this.find(name) !== undefined);
    return this.#count === dots.length;
  }

  record(entry: DirectoryEntry): DirectoryRecord {
    return readRecord(this.#slots.bytes, entry.slot * RECORD_SIZE, this.#wide);
  }

  /** Writes the record of an entry that is there. */
  store(entry: DirectoryEntry, record: DirectoryRecord): void {
    const content = new Uint8Array(RECORD_SIZE);
    writeRecord(content, 0, record);
    this.#slots.write(entry.slot, content);
  }

  /**
   * Adds an entry, with an 8.3 name of its own, which is put into `record`.
   * @throws EFI_VOLUME_FULL
   */
  insert(name: string, record: DirectoryRecord): DirectoryEntry {
    const slots = this.#name(name, record, undefined);
    const from = this.#slots.reserve(slots);
    return this.#add(this.#write(from, slots, name, record));
  }

  remove(entry: DirectoryEntry): void {
    this.#slots.delete(entry.slot - entry.slots + 1, entry.slots);
    this.#drop(entry);
  }

  /**
   * Gives an entry another name, where it stands if there is room: then in one write, if it lies within
   * a sector. Else the new entry comes first, so that nothing can be lost in between.
   */
  rename(entry: DirectoryEntry, name: string, record: DirectoryRecord): DirectoryEntry {
    const slots = this.#name(name, record, entry);
    if (slots > entry.slots) {
      const renamed = this.insert(name, record);
      this.remove(entry);
      return renamed;
    }
    const from = entry.slot - entry.slots + 1;
    const renamed = this.#write(from, slots, name, record, entry.slots - slots);
    this.#drop(entry);
    return this.#add(renamed);
  }

  /** The slot of the volume's label, if this is the root directory and has one. */
  labelSlot(): number | undefined {
    for (let slot = 0; slot < this.#slots.end; slot++) {
      if (slotKind(this.#slots.bytes, slot * RECORD_SIZE) === 'volume-id') return slot;
    }
    return undefined;
  }

  /** The 11 bytes of the volume's label. */
  get label(): string | undefined {
    const slot = this.labelSlot();
    return slot === undefined ? undefined : readShortName(this.#slots.bytes, slot * RECORD_SIZE);
  }

  /** Writes or, with `undefined`, deletes the label. @throws EFI_VOLUME_FULL */
  setLabel(record: DirectoryRecord | undefined): void {
    const slot = this.labelSlot();
    if (record !== undefined) {
      const content = new Uint8Array(RECORD_SIZE);
      writeRecord(content, 0, record);
      this.#slots.write(slot ?? this.#slots.reserve(1), content);
    } else if (slot !== undefined) {
      this.#slots.delete(slot, 1);
    }
  }

  /** Chooses the 8.3 name and returns how many slots name and record take. */
  #name(name: string, record: DirectoryRecord, replaced: DirectoryEntry | undefined): number {
    const short = shortNameOf(name);
    record.caseFlags = short.caseFlags;
    record.shortName = short.exact
      ? short.name
      : withNumericTail(
          short.name,
          name,
          (candidate) => candidate !== replaced?.shortName && this.#names.hasShortName(candidate),
        );
    return short.needsLongName ? longNameSlots(name) + 1 : 1;
  }

  /** @param unused slots that are freed in front of the entry */
  #write(
    from: number,
    slots: number,
    name: string,
    record: DirectoryRecord,
    unused = 0,
  ): DirectoryEntry {
    const content = new Uint8Array((unused + slots) * RECORD_SIZE);
    for (let index = 0; index < unused; index++) content[index * RECORD_SIZE] = SLOT_DELETED;
    const slot = unused + slots - 1;
    if (slots > 1) writeLongName(content, unused * RECORD_SIZE, name, record.shortName);
    writeRecord(content, slot * RECORD_SIZE, record);
    this.#slots.write(from, content);
    return { name, shortName: record.shortName, slot: from + slot, slots };
  }

  #load(slot: number): DirectoryEntry {
    const { bytes } = this.#slots;
    const shortName = readShortName(bytes, slot * RECORD_SIZE);
    const long = readLongName(bytes, slot);
    if (long !== undefined) return { name: long.name, shortName, slot, slots: long.slots + 1 };
    const caseFlags = bytes[slot * RECORD_SIZE + 12] ?? 0;
    const page = this.#policy.latin1Names ? LATIN_1 : CODE_PAGE_437;
    return { name: shortNameText(shortName, caseFlags, page), shortName, slot, slots: 1 };
  }

  #add(entry: DirectoryEntry): DirectoryEntry {
    this.#entries[entry.slot] = entry;
    this.#names.add(entry);
    this.#count++;
    return entry;
  }

  #drop(entry: DirectoryEntry): void {
    this.#entries[entry.slot] = undefined;
    this.#names.remove(entry);
    this.#count--;
  }
}
