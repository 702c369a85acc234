import type { Guid } from '@dxelab/uefi';
import { guidFromBytes, guidToBytes } from '@dxelab/uefi';

// AUTHENTICATED_VARIABLE_HEADER of EDK II (MdeModulePkg/Include/Guid/VariableFormat.h), and behind it the
// name with its NUL, and the data.

/** A variable as it stands in the store. */
export interface VariableRecord {
  readonly name: string;
  readonly vendor: Guid;
  /** EFI_VARIABLE_*, without APPEND_WRITE. */
  readonly attributes: number;
  readonly data: Uint8Array;
  /** EFI_TIME of the last authenticated write, 16 bytes; zeros if there was none. */
  readonly timeStamp: Uint8Array;
}

/** The state byte: each step clears one bit more, so that a flash need not be erased for it. */
export const ERASED = 0xff;
/** The sizes can be believed. */
export const HEADER_VALID_ONLY = 0x7f;
/** The variable is there. */
export const ADDED = 0x3f;
/** To be taken from ADDED: another one is about to take its place. */
export const IN_DELETED_TRANSITION = 0xfe;
/** To be taken from ADDED: it is gone. */
export const DELETED = 0xfd;

const START_ID = 0x55aa;
export const HEADER_LENGTH = 60;
/** Of the state byte in the header. */
export const STATE_OFFSET = 2;
const NAME_SIZE = 36;
const DATA_SIZE = 40;
const VENDOR = 44;
const ALIGNMENT = 4;

/** In bytes, header included, of a variable with its name and so many bytes of data. */
export function recordSize(name: string, dataLength: number): number {
  return align(HEADER_LENGTH + (name.length + 1) * 2 + dataLength);
}

/** The header, its state erased, and what follows it up to the next one. */
export function writeRecord(record: VariableRecord): Uint8Array {
  const nameSize = (record.name.length + 1) * 2;
  const bytes = new Uint8Array(recordSize(record.name, record.data.length)).fill(0xff);
  const view = new DataView(bytes.buffer);
  bytes.fill(0, 0, HEADER_LENGTH + nameSize);
  view.setUint16(0, START_ID, true);
  view.setUint8(STATE_OFFSET, ERASED);
  view.setUint32(4, record.attributes, true);
  bytes.set(record.timeStamp, 16);
  view.setUint32(NAME_SIZE, nameSize, true);
  view.setUint32(DATA_SIZE, record.data.length, true);
  bytes.set(guidToBytes(record.vendor), VENDOR);
  for (let index = 0; index < record.name.length; index += 1) {
    view.setUint16(HEADER_LENGTH + index * 2, record.name.charCodeAt(index), true);
  }
  bytes.set(record.data, HEADER_LENGTH + nameSize);
  return bytes;
}

/** What stands at an offset. */
export interface RecordAt {
  readonly state: number;
  /** In bytes, up to the next record. */
  readonly size: number;
  /** Only where the state says that there is one. */
  readonly record: VariableRecord | undefined;
}

/**
 * Reads what stands at an offset; `undefined` where no record begins, so that the list ends. Sizes that
 * leave the store end it, too: a header whose state is written is whole, unless the store is broken.
 */
export function readRecord(store: Uint8Array, offset: number): RecordAt | undefined {
  if (offset + HEADER_LENGTH > store.length) return undefined;
  const view = new DataView(store.buffer, store.byteOffset + offset, store.length - offset);
  if (view.getUint16(0, true) !== START_ID) return undefined;
  const state = view.getUint8(STATE_OFFSET);
  // torn before its state was written: nothing follows it, and its sizes mean nothing
  if (state === ERASED) return { state, size: HEADER_LENGTH, record: undefined };
  const nameSize = view.getUint32(NAME_SIZE, true);
  const dataSize = view.getUint32(DATA_SIZE, true);
  const size = align(HEADER_LENGTH + nameSize + dataSize);
  if (nameSize < 2 || nameSize % 2 !== 0 || offset + size > store.length) return undefined;
  if (state !== ADDED && state !== (ADDED & IN_DELETED_TRANSITION)) {
    return { state, size, record: undefined };
  }
  const record: VariableRecord = {
    name: readName(view, nameSize),
    vendor: guidFromBytes(store, offset + VENDOR),
    attributes: view.getUint32(4, true),
    data: store.slice(
      offset + HEADER_LENGTH + nameSize,
      offset + HEADER_LENGTH + nameSize + dataSize,
    ),
    timeStamp: store.slice(offset + 16, offset + 32),
  };
  return { state, size, record };
}

function readName(view: DataView, nameSize: number): string {
  let name = '';
  for (let index = 0; index < nameSize - 2; index += 2) {
    name += String.fromCharCode(view.getUint16(HEADER_LENGTH + index, true));
  }
  return name;
}

function align(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
