import { crc32, guid, guidToBytes } from '@dxelab/uefi';
import type { NonVolatileStorage } from '../storage/non-volatile-storage.ts';
import type { FlashLayout } from './flash-layout.ts';
import { BLOCK_SIZE } from './flash-layout.ts';
import { STORE_OFFSET } from './volume-header.ts';

// The journal of MdeModulePkg/Universal/FaultTolerantWriteDxe (MdeModulePkg/Include/Guid/SystemNvDataGuid.h):
// a header of the working area, and behind it one entry for each write, itself a header and a record. A bit
// that is cleared says that a step was taken.

const SIGNATURE = guid('9e58292b-7c68-497d-a0ce-6500fd9f1b95');
const CALLER = guid('fff12b8d-7696-4c8b-a985-2747075b4f50');
const WORKING_HEADER_LENGTH = 32;
const WORKING_BLOCK_VALID = 0xfe;

/** An entry: the header's 40 bytes, then the record's. */
const ENTRY_LENGTH = 80;
const RECORD_STATE = 40;
const ENTRY_ALLOCATED = 0xfc;
const ENTRY_COMPLETE = 0xf8;
const SPARE_COMPLETE = 0xfd;
const DESTINATION_COMPLETE = 0xf9;

/**
 * Replaces all variables at once, or not at all: first they are written to the spare area; when that
 * is whole, the journal says so, and from then on they can be copied to their place as often as it takes.
 */
export class FaultTolerantWrite {
  readonly #storage: NonVolatileStorage;
  readonly #layout: FlashLayout;

  constructor(storage: NonVolatileStorage, layout: FlashLayout) {
    this.#storage = storage;
    this.#layout = layout;
  }

  /** Brings a write that was interrupted to its end, or forgets it. Without a journal there was none. */
  recover(): void {
    const entry = this.#findEntry();
    if (entry === undefined) return;
    const [header = 0xff] = this.#storage.read(entry, 1);
    if (header === 0xff) return;
    const [record = 0xff] = this.#storage.read(entry + RECORD_STATE, 1);
    if (record === SPARE_COMPLETE) this.#copySpare(entry);
    this.#setState(entry, ENTRY_COMPLETE);
  }

  /** @param region all of the variables' area, with its headers */
  replace(region: Uint8Array): void {
    const entry = this.#allocate();
    this.#storage.write(this.#layout.spareOffset, region);
    this.#setState(entry + RECORD_STATE, SPARE_COMPLETE);
    this.#copySpare(entry);
    this.#setState(entry, ENTRY_COMPLETE);
  }

  #copySpare(entry: number): void {
    const { spareOffset, variablesSize } = this.#layout;
    this.#storage.write(0, this.#storage.read(spareOffset, variablesSize));
    this.#setState(entry + RECORD_STATE, DESTINATION_COMPLETE);
  }

  /** A new entry, whose state is written last. */
  #allocate(): number {
    let offset = this.#findEntry();
    if (offset === undefined) {
      // The journal is full, or there is none. No write is under way: whatever interrupts this is made anew.
      this.#format();
      offset = this.#layout.workingOffset + WORKING_HEADER_LENGTH;
    }
    const entry = new Uint8Array(ENTRY_LENGTH).fill(0xff);
    const view = new DataView(entry.buffer);
    entry.set(guidToBytes(CALLER), 4);
    view.setBigUint64(24, 1n, true);
    view.setBigUint64(32, 0n, true);
    view.setBigUint64(48, 0n, true);
    view.setBigUint64(56, BigInt(STORE_OFFSET), true);
    view.setBigUint64(64, BigInt(this.#layout.variablesSize - STORE_OFFSET), true);
    view.setBigInt64(72, BigInt(-this.#layout.spareOffset), true);
    this.#storage.write(offset, entry);
    this.#setState(offset, ENTRY_ALLOCATED);
    return offset;
  }

  /** The entry that is under way, or the place for the next; `undefined` if there is no room or no journal. */
  #findEntry(): number | undefined {
    const { workingOffset } = this.#layout;
    const header = this.#storage.read(workingOffset, WORKING_HEADER_LENGTH);
    if (!equal(header, workingHeader())) return undefined;
    const end = workingOffset + BLOCK_SIZE - ENTRY_LENGTH;
    for (let offset = workingOffset + WORKING_HEADER_LENGTH; offset <= end;) {
      const entry = this.#storage.read(offset, ENTRY_LENGTH);
      if (entry[0] !== ENTRY_COMPLETE) return offset;
      const view = new DataView(entry.buffer, entry.byteOffset, ENTRY_LENGTH);
      const [writes, privateSize] = [view.getBigUint64(24, true), view.getBigUint64(32, true)];
      offset += 40 + Number(writes) * (40 + Number(privateSize));
    }
    return undefined;
  }

  #format(): void {
    const { workingOffset } = this.#layout;
    // The header goes first and comes last: without it there is no journal.
    this.#storage.write(workingOffset, new Uint8Array(BLOCK_SIZE).fill(0xff));
    this.#storage.write(workingOffset, workingHeader());
  }

  #setState(offset: number, state: number): void {
    this.#storage.write(offset, Uint8Array.of(state));
  }
}

/** EFI_FAULT_TOLERANT_WORKING_BLOCK_HEADER. Its CRC-32 is taken with its own field and the state erased. */
function workingHeader(): Uint8Array {
  const header = new Uint8Array(WORKING_HEADER_LENGTH).fill(0xff);
  const view = new DataView(header.buffer);
  header.set(guidToBytes(SIGNATURE));
  view.setBigUint64(24, BigInt(BLOCK_SIZE - WORKING_HEADER_LENGTH), true);
  view.setUint32(16, crc32(header), true);
  view.setUint8(20, WORKING_BLOCK_VALID);
  return header;
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
