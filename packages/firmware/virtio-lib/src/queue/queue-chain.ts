import type { GuestRam } from '@dxelab/platform';
import type { DeviceAddress, PhysicalAddress } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import { VRING_DESC_F_NEXT, VRING_DESC_F_WRITE, VRING_DESC_SIZE } from '@dxelab/virtio';
import type { QueueMemory } from './queue-memory.ts';

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
  private table: PhysicalAddress = 0;

  /** @param nextField whether the descriptors of a table are linked: those of a packed ring are not */
  constructor(ram: GuestRam, memory: QueueMemory, nextField: boolean) {
    this.ram = ram;
    this.memory = memory;
    this.nextField = nextField;
  }

  /** How many descriptors of the ring a chain needs: one, if it goes into a table. */
  needed(descriptors: number): number {
    if (descriptors < 1 || descriptors > this.memory.queueSize) {
      // virtio §2.7.5.3.1, §2.8.19: nor may a table be longer than the queue
      const message = `a chain has 1 to ${this.memory.queueSize} descriptors, not ${descriptors}`;
      throw new EfiError('EFI_INVALID_PARAMETER', message);
    }
    return this.fitsTable(descriptors) ? 1 : descriptors;
  }

  begin(descriptors: number, slot: number): void {
    this.descriptors = descriptors;
    this.slot = slot;
    this.appended = 0;
    this.writable = 0;
    this.indirect = this.fitsTable(descriptors);
    this.table = this.memory.tables + slot * this.memory.tableSize;
  }

  /** Counts a descriptor. @returns whether it is the last */
  count(length: number, writable: boolean): boolean {
    if (this.appended >= this.descriptors) {
      const message = `the chain was begun for ${this.descriptors} descriptors`;
      throw new EfiError('EFI_INVALID_PARAMETER', `${message}, and has them`);
    }
    this.appended += 1;
    if (writable) this.writable += length;
    return this.appended === this.descriptors;
  }

  /** Writes a descriptor into the table (virtio §2.7.5.3, §2.8.7). */
  appendToTable(address: DeviceAddress, length: number, writable: boolean): void {
    const at = this.appended;
    const last = this.count(length, writable);
    const { ram } = this;
    const desc = this.table + at * VRING_DESC_SIZE;
    const write = writable ? VRING_DESC_F_WRITE : 0;
    ram.writeUint64(desc, address);
    ram.writeUint32(desc + 8, length);
    if (this.nextField) {
      ram.writeUint16(desc + 12, last ? write : write | VRING_DESC_F_NEXT);
      ram.writeUint16(desc + 14, last ? 0 : at + 1);
    } else {
      ram.writeUint16(desc + 12, 0);
      ram.writeUint16(desc + 14, write);
    }
  }

  tableAddress(): DeviceAddress {
    return this.memory.onDevice(this.table);
  }

  /** @throws EFI_INVALID_PARAMETER unless all descriptors are there */
  end(): void {
    if (this.descriptors === 0 || this.appended !== this.descriptors) {
      const message = `${this.appended} of the ${this.descriptors} descriptors of the chain are there`;
      throw new EfiError('EFI_INVALID_PARAMETER', message);
    }
    this.descriptors = 0;
  }

  private fitsTable(descriptors: number): boolean {
    return descriptors > 1 && descriptors * VRING_DESC_SIZE <= this.memory.tableSize;
  }
}
