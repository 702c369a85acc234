import { upperHalf } from '@dxelab/platform';
import type { GuestRam } from '@dxelab/platform';
import type { DeviceAddress, PhysicalAddress } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { QueueMemory } from './queue-memory.ts';

// Of a descriptor: what is imported is looked up at each use.
const DESC_SIZE = 16;
const NEXT = 1;
const WRITE = 2;

/** The chain that is being built: how far it has come, and its indirect table if it has one. */
export class QueueChain {
  /** How many descriptors it is to have; 0: no chain was begun. */
  descriptors = 0;
  appended = 0;
  /** In bytes. */
  writable = 0;
  indirect = false;
  /** By which no other chain in flight is known: its head, or the buffer id of a packed ring. */
  slot = 0;
  private readonly ram: GuestRam;
  private readonly memory: QueueMemory;
  private readonly nextField: boolean;
  private readonly queueSize: number;
  /** In bytes; 0 if there are none. */
  private readonly tableSize: number;

  /** @param nextField whether the descriptors of a table are linked: those of a packed ring are not */
  constructor(ram: GuestRam, memory: QueueMemory, nextField: boolean) {
    this.ram = ram;
    this.memory = memory;
    this.nextField = nextField;
    this.queueSize = memory.queueSize;
    this.tableSize = memory.tableSize;
  }

  /** How many descriptors of the ring a chain needs: one, if it goes into a table. */
  needed(descriptors: number): number {
    // virtio §2.7.5.3.1, §2.8.19: nor may a table be longer than the queue
    if (descriptors < 1 || descriptors > this.queueSize) throw this.badLength(descriptors);
    return this.fitsTable(descriptors) ? 1 : descriptors;
  }

  begin(descriptors: number, slot: number): void {
    this.descriptors = descriptors;
    this.slot = slot;
    this.appended = 0;
    this.writable = 0;
    this.indirect = this.fitsTable(descriptors);
  }

  /** Counts a descriptor. @returns whether it is the last */
  count(length: number, writable: boolean): boolean {
    if (this.appended >= this.descriptors) throw this.complete();
    this.appended += 1;
    if (writable) this.writable += length;
    return this.appended === this.descriptors;
  }

  /** Writes a descriptor into the table (virtio §2.7.5.3, §2.8.7). */
  appendToTable(address: DeviceAddress, length: number, writable: boolean): void {
    const at = this.appended;
    const last = this.count(length, writable);
    const { ram } = this;
    const desc = this.table() + at * DESC_SIZE;
    const write = writable ? WRITE : 0;
    const rest = this.nextField ? linked(write, last ? 0 : at + 1) : write << 16;
    ram.writeUint32x4(desc, address, upperHalf(address), length, rest);
  }

  tableAddress(): DeviceAddress {
    return this.memory.onDevice(this.table());
  }

  /** @throws EFI_INVALID_PARAMETER unless all descriptors are there */
  end(): void {
    if (this.descriptors === 0 || this.appended !== this.descriptors) throw this.incomplete();
    this.descriptors = 0;
  }

  private table(): PhysicalAddress {
    return this.memory.tables + this.slot * this.tableSize;
  }

  private fitsTable(descriptors: number): boolean {
    return descriptors > 1 && descriptors * DESC_SIZE <= this.tableSize;
  }

  // What a driver did wrong, apart: what is hot stays small enough to be compiled into its callers.

  private badLength(descriptors: number): EfiError {
    const message = `a chain has 1 to ${this.queueSize} descriptors, not ${descriptors}`;
    return new EfiError('EFI_INVALID_PARAMETER', message);
  }

  private complete(): EfiError {
    const message = `the chain was begun for ${this.descriptors} descriptors, and has them`;
    return new EfiError('EFI_INVALID_PARAMETER', message);
  }

  private incomplete(): EfiError {
    const message = `${this.appended} of the ${this.descriptors} descriptors of the chain are there`;
    return new EfiError('EFI_INVALID_PARAMETER', message);
  }
}

/** Flags and next of a descriptor in a table of a split ring; 0 follows the last one. */
function linked(flags: number, next: number): number {
  return next === 0 ? flags : flags | NEXT | (next << 16);
}
