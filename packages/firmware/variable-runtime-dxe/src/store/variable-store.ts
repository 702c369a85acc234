import type { EfiVariableName } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { NonVolatileStorage } from '../storage/non-volatile-storage.ts';
import type { VariableEntry } from '../variable-list.ts';
import { VariableList } from '../variable-list.ts';
import { FaultTolerantWrite } from './fault-tolerant-write.ts';
import type { FlashLayout } from './flash-layout.ts';
import { flashLayout } from './flash-layout.ts';
import type { VariableRecord } from './variable-record.ts';
import {
  ADDED,
  DELETED,
  ERASED,
  HEADER_LENGTH,
  HEADER_VALID_ONLY,
  IN_DELETED_TRANSITION,
  readRecord,
  recordSize,
  STATE_OFFSET,
  writeRecord,
} from './variable-record.ts';
import { FIRST_VARIABLE, volumeHeader, volumeHeaderProblem } from './volume-header.ts';

const ERASED_WORD = 0xffffffff;

/**
 * The variables that survive: records, one behind the other, in the order in which they were written.
 * A change is a new record; each step of it is a write that leaves the old state or the new one valid
 * wherever it is torn. MdeModulePkg/Universal/Variable/RuntimeDxe.
 */
export class VariableStore {
  readonly #storage: NonVolatileStorage;
  readonly #layout: FlashLayout;
  readonly #journal: FaultTolerantWrite;
  readonly #variables = new VariableList();
  /** What the area of the variables holds, byte for byte. */
  #mirror: Uint8Array;
  /** Where the next record goes. */
  #end: number = FIRST_VARIABLE;
  /** In bytes, of the records that count. */
  #used = 0;
  /** Whether the storage failed where only the journal knows how far it came. */
  #isInDoubt = false;

  /**
   * Opens a store, and makes one where nothing is.
   * @throws EFI_INVALID_PARAMETER for a size that no store has
   * @throws EFI_VOLUME_CORRUPTED for what is no store, and not empty either; EFI_DEVICE_ERROR
   */
  constructor(storage: NonVolatileStorage) {
    this.#storage = storage;
    this.#layout = flashLayout(storage.size);
    this.#journal = new FaultTolerantWrite(storage, this.#layout);
    this.#mirror = new Uint8Array(0);
    this.#open();
  }

  /** In bytes, of all records that fit. */
  get capacity(): number {
    return this.#layout.variablesSize - FIRST_VARIABLE;
  }

  /** In bytes, of the records that count: the rest is there for new ones. */
  get used(): number {
    return this.#used;
  }

  /** In order. */
  get variables(): Pick<VariableList, 'get' | 'first' | 'after' | typeof Symbol.iterator> {
    return this.#variables;
  }

  /**
   * Creates a variable, or replaces it.
   * @param mayReclaim whether deleted records may be cleared away to make room
   * @throws EFI_OUT_OF_RESOURCES if there is no room, EFI_DEVICE_ERROR
   */
  put(record: VariableRecord, mayReclaim = true): void {
    if (this.#isInDoubt) this.#open();
    const bytes = writeRecord(record);
    const old = this.#variables.get(record.name, record.vendor);
    if (this.#end + bytes.length > this.#mirror.length) {
      this.#replaceAll(record, bytes, old, mayReclaim);
      return;
    }
    const offset = this.#end;
    if (old !== undefined) this.#clear(old.offset, IN_DELETED_TRANSITION);
    this.#write(offset, bytes.subarray(0, HEADER_LENGTH));
    this.#write(offset + STATE_OFFSET, Uint8Array.of(HEADER_VALID_ONLY));
    this.#end += bytes.length;
    this.#write(offset + HEADER_LENGTH, bytes.subarray(HEADER_LENGTH));
    this.#write(offset + STATE_OFFSET, Uint8Array.of(ADDED));
    this.#count(old, -1);
    this.#variables.put({ ...record, offset });
    this.#used += bytes.length;
    if (old !== undefined) this.#clear(old.offset, DELETED);
  }

  /** @throws EFI_NOT_FOUND, EFI_DEVICE_ERROR */
  delete({ name, vendor }: EfiVariableName): void {
    if (this.#isInDoubt) this.#open();
    const old = this.#variables.get(name, vendor);
    if (old === undefined) throw new EfiError('EFI_NOT_FOUND', `there is no variable ${name}`);
    this.#clear(old.offset, DELETED);
    this.#count(old, -1);
    this.#variables.delete(name, vendor);
  }

  #open(): void {
    this.#journal.recover();
    this.#mirror = this.#storage.read(0, this.#layout.variablesSize);
    const problem = volumeHeaderProblem(this.#mirror, this.#layout);
    if (problem !== undefined) this.#format(problem);
    this.#load();
    this.#isInDoubt = false;
  }

  /** The headers, written last part first: a store that was not finished looks as if nothing were there. */
  #format(problem: string): void {
    const header = volumeHeader(this.#layout);
    if (!isEmpty(this.#mirror, header)) {
      throw new EfiError('EFI_VOLUME_CORRUPTED', `this is no variable store: ${problem}`);
    }
    const room = this.#mirror.subarray(header.length);
    if (!isErased(room)) this.#write(header.length, new Uint8Array(room.length).fill(ERASED));
    this.#write(0, header);
  }

  #load(): void {
    this.#variables.clear();
    this.#used = 0;
    for (let at = FIRST_VARIABLE; ;) {
      const found = readRecord(this.#mirror, at);
      if (found === undefined) {
        this.#end = at;
        return;
      }
      if (found.record !== undefined) this.#loadRecord({ ...found.record, offset: at });
      at += found.size;
    }
  }

  /** Of two records of one variable, a kill has left the old one: it goes as it was about to. */
  #loadRecord(entry: VariableEntry): void {
    const twin = this.#variables.get(entry.name, entry.vendor);
    const isOlder = twin !== undefined && this.#isAdded(twin) && !this.#isAdded(entry);
    const loser = isOlder ? entry : twin;
    if (loser !== undefined) this.#clear(loser.offset, DELETED);
    if (isOlder) return;
    this.#count(twin, -1);
    this.#variables.put(entry);
    this.#count(entry, 1);
  }

  #isAdded(entry: VariableEntry): boolean {
    return this.#mirror[entry.offset + STATE_OFFSET] === ADDED;
  }

  /** Clears deleted records away: all that count, and the new one, are written in one step. */
  #replaceAll(
    record: VariableRecord,
    bytes: Uint8Array,
    old: VariableEntry | undefined,
    mayReclaim: boolean,
  ): void {
    const size = this.#used + bytes.length - (old === undefined ? 0 : sizeOf(old));
    if (!mayReclaim || size > this.capacity) {
      throw new EfiError(
        'EFI_OUT_OF_RESOURCES',
        `no room for ${bytes.length} bytes of ${record.name}: ${this.capacity - this.#used} are left`,
      );
    }
    const region = new Uint8Array(this.#mirror.length).fill(ERASED);
    region.set(this.#mirror.subarray(0, FIRST_VARIABLE));
    const kept = [...this.#variables].filter((entry) => entry !== old);
    let end = FIRST_VARIABLE;
    const entries: VariableEntry[] = [];
    const add = (one: VariableRecord, image: Uint8Array): void => {
      region.set(image, end);
      region[end + STATE_OFFSET] = ADDED;
      entries.push({ ...one, offset: end });
      end += image.length;
    };
    for (const one of kept) {
      add(one, this.#mirror.subarray(one.offset, one.offset + sizeOf(one)));
    }
    add(record, bytes);
    this.#isInDoubt = true;
    this.#journal.replace(region);
    this.#isInDoubt = false;
    this.#mirror = region;
    this.#variables.clear();
    for (const entry of entries) this.#variables.put(entry);
    this.#end = end;
    this.#used = size;
  }

  #count(entry: VariableEntry | undefined, sign: 1 | -1): void {
    if (entry !== undefined) this.#used += sign * sizeOf(entry);
  }

  /** Takes bits from the state of a record: a step of one byte, which no kill can tear. */
  #clear(offset: number, mask: number): void {
    const state = (this.#mirror[offset + STATE_OFFSET] ?? ERASED) & mask;
    this.#write(offset + STATE_OFFSET, Uint8Array.of(state));
  }

  #write(offset: number, bytes: Uint8Array): void {
    this.#storage.write(offset, bytes);
    this.#mirror.set(bytes, offset);
  }
}

function sizeOf(record: VariableRecord): number {
  return recordSize(record.name, record.data.length);
}

/** Four bytes at a time: a store is opened in every boot, and most of it is this. */
function isErased(region: Uint8Array): boolean {
  const start = Math.min(-region.byteOffset & 3, region.length);
  const count = (region.length - start) >> 2;
  const words = new Uint32Array(region.buffer, region.byteOffset + start, count);
  for (let at = 0; at < count; at += 1) if (words[at] !== ERASED_WORD) return false;
  const rest = region.subarray(start + count * 4);
  return region.subarray(0, start).every(isErasedByte) && rest.every(isErasedByte);
}

function isErasedByte(byte: number): boolean {
  return byte === ERASED;
}

/** Whether nothing is there but erased bytes, or zeros as in a new file, and the beginning of a header. */
function isEmpty(region: Uint8Array, header: Uint8Array): boolean {
  if (isErased(region)) return true;
  for (let at = 0; at < region.length; at += 1) {
    const byte = region[at];
    if (byte !== ERASED && byte !== 0 && byte !== header[at]) return false;
  }
  return true;
}
