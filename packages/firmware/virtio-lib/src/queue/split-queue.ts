import { upperHalf } from '@dxelab/platform';
import type { GuestRam } from '@dxelab/platform';
import type { DeviceAddress, PhysicalAddress } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_NOTIFICATION_DATA,
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_USED_F_NO_NOTIFY,
} from '@dxelab/virtio';
import type { RingLibraries } from '../virtio-ring.ts';
import { ChainBook } from './chain-book.ts';
import { needEvent } from './need-event.ts';
import { QueueChain } from './queue-chain.ts';
import type { QueueMemory } from './queue-memory.ts';
import type { UsedChain, VirtioQueue } from './virtio-queue.ts';

// Sizes, and flags of a descriptor (virtio §2.7.5, §2.7.8): what is imported is looked up at each use.
const DESC_SIZE = 16;
const ELEM_SIZE = 8;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;

/** A split virtqueue (virtio §2.7). */
export class SplitQueue implements VirtioQueue {
  readonly index: number;
  readonly queueSize: number;
  readonly features: bigint;
  readonly used: UsedChain = { token: 0, length: 0, written: false };
  freeDescriptors: number;
  broken: string | undefined = undefined;

  private readonly memory: QueueMemory;
  private readonly ram: GuestRam;
  private readonly libraries: RingLibraries;
  private readonly inOrder: boolean;
  private readonly eventIdx: boolean;
  private readonly notificationData: boolean;
  private readonly desc: PhysicalAddress;
  private readonly avail: PhysicalAddress;
  private readonly usedRing: PhysicalAddress;
  /** Where each side says what it wants to be told of (virtio §2.7.7.2, §2.7.10). */
  private readonly usedEvent: PhysicalAddress;
  private readonly availEvent: PhysicalAddress;
  private readonly chains: ChainBook;
  private readonly chain: QueueChain;
  /** Which descriptor follows which, in chains and among the free ones: the driver's own links. */
  private readonly next: Uint16Array;
  private readonly lastOf: Uint16Array;
  private firstFree = 0;
  /** Among the free ones, what stands in front of the chain that is being built; -1: nothing. */
  private beforeHead = -1;
  /** Where the chain that is being built has come to. */
  private cursor = 0;
  private last = 0;

  private availIndex = 0;
  /** Submitted since the device was told. */
  private added = 0;
  private usedIndex = 0;
  /** What the device's index was when it was last looked at. */
  private usedSeen = 0;
  /** The id that ends the batch that is being collected, and its length; -1: there is none. */
  private batchEnd = -1;
  private batchLength = 0;
  private interrupts = false;

  constructor(index: number, features: bigint, memory: QueueMemory, libraries: RingLibraries) {
    const { queueSize } = memory;
    this.index = index;
    this.queueSize = queueSize;
    this.features = features;
    this.freeDescriptors = queueSize;
    this.memory = memory;
    this.ram = libraries.ram;
    this.libraries = libraries;
    this.inOrder = (features & VIRTIO_F_IN_ORDER) !== 0n;
    this.eventIdx = (features & VIRTIO_F_EVENT_IDX) !== 0n;
    this.notificationData = (features & VIRTIO_F_NOTIFICATION_DATA) !== 0n;
    this.desc = memory.desc;
    this.avail = memory.avail;
    this.usedRing = memory.used;
    this.usedEvent = this.avail + 4 + queueSize * 2;
    this.availEvent = this.usedRing + 4 + queueSize * ELEM_SIZE;
    this.chains = new ChainBook(queueSize);
    this.chain = new QueueChain(libraries.ram, memory, true);
    this.next = new Uint16Array(queueSize);
    this.lastOf = new Uint16Array(queueSize);
    this.start();
  }

  get inFlight(): number {
    return this.chains.inFlight;
  }

  begin(descriptors: number): boolean {
    this.requireSound();
    if (this.chain.needed(descriptors) > this.freeDescriptors) return false;
    this.chain.begin(descriptors, this.firstFree);
    this.beforeHead = -1;
    this.cursor = this.firstFree;
    return true;
  }

  append(address: DeviceAddress, length: number, writable: boolean): void {
    const { chain } = this;
    if (chain.indirect) {
      chain.appendToTable(address, length, writable);
      return;
    }
    const flags = chain.count(length, writable) ? 0 : NEXT;
    this.writeDescriptor(address, length, writable ? flags | WRITE : flags);
  }

  submit(token: number, slack = 0): void {
    const { chain, ram } = this;
    const { descriptors } = chain;
    chain.end();
    if (chain.indirect) {
      this.writeDescriptor(chain.tableAddress(), descriptors * DESC_SIZE, INDIRECT);
    }
    const head = chain.slot;
    const taken = chain.indirect ? 1 : descriptors;
    this.lastOf[head] = this.last;
    if (this.beforeHead < 0) this.firstFree = this.cursor;
    else this.next[this.beforeHead] = this.cursor;
    this.freeDescriptors -= taken;
    this.chains.add(head, token, taken, chain.writable + slack);

    // virtio §2.7.13: the descriptors and the entry before the index
    ram.writeUint16(this.avail + 4 + (this.availIndex % this.queueSize) * 2, head);
    this.libraries.memoryFence();
    this.availIndex = (this.availIndex + 1) & 0xffff;
    ram.writeUint16(this.avail + 2, this.availIndex);
    this.added += 1;
  }

  kick(): void {
    this.requireSound();
    const { added } = this;
    if (added === 0) return;
    // the index before the look at what the device wants: else both sides could wait (§2.7.13.4.1)
    this.libraries.memoryFence();
    this.added = 0;
    if (!this.isWanted(added)) return;
    try {
      this.memory.notify(this.notificationData ? this.availIndex : undefined);
    } catch (caught) {
      // the device may see the index at any time later
      this.broken = `virtqueue ${this.index} could not be notified`;
      throw caught;
    }
  }

  collect(): boolean {
    this.requireSound();
    if (this.batchEnd < 0 && !this.takeUsed()) return false;
    const { chains, used } = this;
    const id = this.inOrder ? chains.oldest() : this.batchEnd;
    // one that was skipped is used in full (virtio §2.7.9)
    used.length = id === this.batchEnd ? this.batchLength : (chains.writable[id] ?? 0);
    used.written = used.length > 0;
    used.token = chains.tokens[id] ?? 0;
    if (id === this.batchEnd) this.batchEnd = -1;
    this.usedIndex = (this.usedIndex + 1) & 0xffff;
    this.freeDescriptors += chains.remove(id);
    // in order, descriptors are taken in the order of the ring: the links stay as they are
    if (!this.inOrder) {
      const last = this.lastOf[id] ?? 0;
      if (this.firstFree === this.chain.slot) this.beforeHead = last;
      this.next[last] = this.firstFree;
      this.firstFree = id;
    }
    return true;
  }

  enableInterrupts(): void {
    this.interrupts = true;
    if (this.eventIdx) this.ram.writeUint16(this.usedEvent, this.usedIndex);
    else this.ram.writeUint16(this.avail, 0);
    this.libraries.memoryFence();
  }

  disableInterrupts(): void {
    this.interrupts = false;
    // with event indices the flag must be 0, and the event stands as far ahead as can be
    if (this.eventIdx) this.ram.writeUint16(this.usedEvent, (this.usedIndex - 1) & 0xffff);
    else this.ram.writeUint16(this.avail, VRING_AVAIL_F_NO_INTERRUPT);
  }

  reset(): void {
    this.memory.reset();
    this.start();
    this.memory.publish();
  }

  private start(): void {
    const { queueSize } = this;
    for (let at = 0; at < queueSize; at += 1) this.next[at] = at + 1 >= queueSize ? 0 : at + 1;
    this.chains.clear();
    this.chain.descriptors = 0;
    this.freeDescriptors = queueSize;
    this.firstFree = 0;
    this.availIndex = 0;
    this.added = 0;
    this.usedIndex = 0;
    this.usedSeen = 0;
    this.batchEnd = -1;
    this.broken = undefined;
    this.disableInterrupts();
  }

  private writeDescriptor(address: DeviceAddress, length: number, flags: number): void {
    const { ram, cursor } = this;
    const desc = this.desc + cursor * DESC_SIZE;
    const next = this.next[cursor] ?? 0;
    ram.writeUint32x4(desc, address, upperHalf(address), length, flags | (next << 16));
    this.last = cursor;
    this.cursor = next;
  }

  private isWanted(added: number): boolean {
    const { ram } = this;
    if (this.eventIdx) return needEvent(ram.readUint16(this.availEvent), this.availIndex, added);
    return (ram.readUint16(this.usedRing) & VRING_USED_F_NO_NOTIFY) === 0;
  }

  /** Looks for a used element that was not taken yet. */
  private takeUsed(): boolean {
    if (this.usedSeen === this.usedIndex && !this.lookAtIndex()) return false;
    const element = this.usedRing + 4 + (this.usedIndex % this.queueSize) * ELEM_SIZE;
    const id = this.ram.readUint32(element);
    const length = this.ram.readUint32(element + 4);
    const complaint = this.chains.complaint(id, length);
    if (complaint !== undefined) throw this.breakWith(complaint);
    const waiting = (this.usedSeen - this.usedIndex) & 0xffff;
    if (this.inOrder && this.chains.batch(id) > waiting) {
      throw this.breakWith(`has used id ${id} out of order`);
    }
    this.batchEnd = id;
    this.batchLength = length;
    return true;
  }

  private lookAtIndex(): boolean {
    const { ram, libraries } = this;
    let seen = ram.readUint16(this.usedRing + 2);
    if (seen === this.usedIndex && this.interrupts && this.eventIdx) {
      // tell where to interrupt, and then look again: it may have come in between (§2.7.7.2)
      ram.writeUint16(this.usedEvent, this.usedIndex);
      libraries.memoryFence();
      seen = ram.readUint16(this.usedRing + 2);
    }
    if (seen === this.usedIndex) return false;
    const used = (seen - this.usedIndex) & 0xffff;
    if (used > this.chains.inFlight) {
      const { inFlight } = this.chains;
      throw this.breakWith(
        `has used index ${seen} after ${this.usedIndex} with ${inFlight} chains in it`,
      );
    }
    this.usedSeen = seen;
    // the index before the elements
    libraries.memoryFence();
    return true;
  }

  private requireSound(): void {
    if (this.broken === undefined) return;
    throw new EfiError('EFI_DEVICE_ERROR', `${this.broken}, and was not reset since`);
  }

  private breakWith(what: string): EfiError {
    this.broken = `virtqueue ${this.index} ${what}`;
    return new EfiError('EFI_DEVICE_ERROR', this.broken);
  }
}
