import { upperHalf } from '@dxelab/platform';
import type { GuestRam } from '@dxelab/platform';
import type { DeviceAddress, PhysicalAddress } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_NOTIFICATION_DATA,
  VIRTQ_EVENT_F_DESC,
  VIRTQ_EVENT_F_DISABLE,
  VIRTQ_EVENT_F_ENABLE,
  VIRTQ_EVENT_SUPPRESS,
} from '@dxelab/virtio';
import type { RingLibraries } from '../virtio-ring.ts';
import { ChainBook } from './chain-book.ts';
import { needPackedEvent } from './need-event.ts';
import { QueueChain } from './queue-chain.ts';
import type { QueueMemory } from './queue-memory.ts';
import type { UsedChain, VirtioQueue } from './virtio-queue.ts';

// Fields and flags of a descriptor (virtio §2.8.13, §2.8.1): what is imported is looked up at each use.
const DESC_SIZE = 16;
const LENGTH = 8;
const ID = 12;
const FLAGS = 14;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
const AVAIL = 0x0080;
const USED = 0x8000;
const AVAIL_AND_USED = 0x8080;

/** A packed virtqueue (virtio §2.8). */
export class PackedQueue implements VirtioQueue {
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
  /** Whether a length counts that is said to mean nothing. */
  private readonly lengthWithoutWrite: boolean;
  private readonly desc: PhysicalAddress;
  /** Where each side says what it wants to be told of (virtio §2.8.14). */
  private readonly driverEvent: PhysicalAddress;
  private readonly deviceEvent: PhysicalAddress;
  private readonly chains: ChainBook;
  private readonly chain: QueueChain;
  /** The buffer ids that no chain has, as a stack. */
  private readonly freeIds: Uint16Array;
  /** Where the chain that is being built has come to. */
  private cursor = 0;
  private cursorWrap: 0 | 1 = 1;
  private headFlags = 0;

  /** Where the next chain begins, and the counter of that lap: it starts at 1 (§2.8.1). */
  private availAt = 0;
  private availWrap: 0 | 1 = 1;
  /** Descriptors that were submitted since the device was told. */
  private added = 0;
  /** Where the device writes the next used descriptor. */
  private usedAt = 0;
  private usedWrap: 0 | 1 = 1;
  /** The id that ends the batch that is being collected, and its length; -1: there is none. */
  private batchEnd = -1;
  private batchLength = 0;
  private batchWritten = false;
  private interrupts = false;

  constructor(
    index: number,
    features: bigint,
    memory: QueueMemory,
    libraries: RingLibraries,
    lengthWithoutWrite = false,
  ) {
    const { queueSize } = memory;
    this.lengthWithoutWrite = lengthWithoutWrite;
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
    this.driverEvent = memory.avail;
    this.deviceEvent = memory.used;
    this.chains = new ChainBook(queueSize);
    this.chain = new QueueChain(libraries.ram, memory, false);
    this.freeIds = new Uint16Array(queueSize);
    this.start();
  }

  get inFlight(): number {
    return this.chains.inFlight;
  }

  begin(descriptors: number): boolean {
    this.requireSound();
    if (this.chain.needed(descriptors) > this.freeDescriptors) return false;
    if (this.chain.descriptors !== 0) this.abandon();
    // the id of the next chain: as many as are in flight are off the stack
    this.chain.begin(descriptors, this.freeIds[this.chains.inFlight] ?? 0);
    this.cursor = this.availAt;
    this.cursorWrap = this.availWrap;
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
    const head = this.desc + this.availAt * DESC_SIZE;
    const id = chain.slot;
    const taken = chain.indirect ? 1 : descriptors;
    this.availAt = this.cursor;
    this.availWrap = this.cursorWrap;
    this.freeDescriptors -= taken;
    this.chains.add(id, token, taken, chain.writable + slack);

    // virtio §2.8.6: the head last, so that the device never sees a part of the chain
    this.libraries.memoryFence();
    ram.writeUint16(head + FLAGS, this.headFlags);
    this.added += taken;
  }

  kick(): void {
    this.requireSound();
    const { added } = this;
    if (added === 0) return;
    // the chains before the look at what the device wants: else both sides could wait (§2.8.21.3.1)
    this.libraries.memoryFence();
    this.added = 0;
    if (!this.isWanted(added)) return;
    const next = this.availAt | (this.availWrap << 15);
    try {
      this.memory.notify(this.notificationData ? next : undefined);
    } catch (caught) {
      // the device may see the chains at any time later
      this.broken = `virtqueue ${this.index} could not be notified`;
      throw caught;
    }
  }

  collect(): boolean {
    this.requireSound();
    if (this.batchEnd < 0 && !this.takeUsed()) return false;
    const { chains, used } = this;
    const id = this.inOrder ? chains.oldest() : this.batchEnd;
    const writable = chains.writable[id] ?? 0;
    const last = id === this.batchEnd;
    // one that was skipped is used in full (virtio §2.8.9)
    used.length = last ? this.batchLength : writable;
    used.written = last ? this.batchWritten : writable > 0;
    used.token = chains.tokens[id] ?? 0;
    if (last) this.batchEnd = -1;
    const descriptors = chains.remove(id);
    this.freeId(id);
    this.freeDescriptors += descriptors;
    this.usedAt += descriptors;
    if (this.usedAt >= this.queueSize) {
      this.usedAt -= this.queueSize;
      this.usedWrap = flip(this.usedWrap);
    }
    return true;
  }

  enableInterrupts(): void {
    this.interrupts = true;
    if (this.eventIdx) this.askForNext();
    else this.writeEventFlags(VIRTQ_EVENT_F_ENABLE);
    this.libraries.memoryFence();
  }

  disableInterrupts(): void {
    this.interrupts = false;
    this.writeEventFlags(VIRTQ_EVENT_F_DISABLE);
  }

  reset(): void {
    this.memory.reset();
    this.start();
    this.memory.publish();
  }

  private start(): void {
    const { queueSize } = this;
    for (let id = 0; id < queueSize; id += 1) this.freeIds[id] = id;
    this.chains.clear();
    this.chain.descriptors = 0;
    this.freeDescriptors = queueSize;
    this.availAt = 0;
    this.availWrap = 1;
    this.added = 0;
    this.usedAt = 0;
    this.usedWrap = 1;
    this.batchEnd = -1;
    this.broken = undefined;
    this.disableInterrupts();
  }

  /** The top of the stack is the id of the chain that is being built, if there is one: it stays there. */
  private freeId(id: number): void {
    const { freeIds, chain } = this;
    const top = this.chains.inFlight;
    if (chain.descriptors === 0) freeIds[top] = id;
    else {
      freeIds[top] = chain.slot;
      freeIds[top + 1] = id;
    }
  }

  private writeDescriptor(address: DeviceAddress, length: number, flags: number): void {
    const { ram, cursor } = this;
    const desc = this.desc + cursor * DESC_SIZE;
    let marked = flags | available(this.cursorWrap);
    if (cursor === this.availAt) {
      this.headFlags = marked;
      // of the lap before, and so not available before `submit` says it
      marked ^= AVAIL_AND_USED;
    }
    // a device reads the id in the last descriptor (§2.8.6), but QEMU before 9.1 in the first: all have it
    const id = this.chain.slot;
    ram.writeUint32x4(desc, address, upperHalf(address), length, id | (marked << 16));
    this.cursor = cursor + 1;
    if (this.cursor >= this.queueSize) {
      this.cursor = 0;
      this.cursorWrap = flip(this.cursorWrap);
    }
  }

  /** Descriptors behind the head are marked already, and must not look like chains of their own. */
  private abandon(): void {
    const { chain, ram } = this;
    if (chain.indirect) return;
    let at = this.availAt;
    let wrap = this.availWrap;
    for (let left = chain.appended; left > 0; left -= 1) {
      const desc = this.desc + at * DESC_SIZE;
      ram.writeUint16(desc + FLAGS, available(flip(wrap)));
      at += 1;
      if (at >= this.queueSize) {
        at = 0;
        wrap = flip(wrap);
      }
    }
  }

  private isWanted(added: number): boolean {
    const { ram, deviceEvent } = this;
    const flags = ram.readUint16(deviceEvent + VIRTQ_EVENT_SUPPRESS.flags) & 3;
    if (flags === VIRTQ_EVENT_F_DISABLE) return false;
    if (flags !== VIRTQ_EVENT_F_DESC || !this.eventIdx) return true;
    // the flags before the place that they speak of
    this.libraries.memoryFence();
    const event = ram.readUint16(deviceEvent + VIRTQ_EVENT_SUPPRESS.descriptor);
    return needPackedEvent(event, this.availAt, this.availWrap, added, this.queueSize);
  }

  /** Looks for a used descriptor that was not taken yet. */
  private takeUsed(): boolean {
    const { ram, libraries } = this;
    const desc = this.desc + this.usedAt * DESC_SIZE;
    let flags = ram.readUint16(desc + FLAGS);
    if (!isUsed(flags, this.usedWrap) && this.interrupts && this.eventIdx) {
      // tell where to interrupt, and then look again: it may have come in between (§2.8.10)
      this.askForNext();
      libraries.memoryFence();
      flags = ram.readUint16(desc + FLAGS);
    }
    if (!isUsed(flags, this.usedWrap)) return false;
    // the flags before what they stand for
    libraries.memoryFence();
    const hasLength = (flags & WRITE) !== 0 || this.lengthWithoutWrite;
    const id = ram.readUint16(desc + ID);
    // without WRITE the length is reserved (§2.8.4)
    const length = hasLength ? ram.readUint32(desc + LENGTH) : 0;
    const complaint = this.chains.complaint(id, length);
    if (complaint !== undefined) throw this.breakWith(complaint);
    this.batchEnd = id;
    this.batchLength = length;
    this.batchWritten = (flags & WRITE) !== 0 || length > 0;
    return true;
  }

  /** The event first, for whoever sees the flags believes it. */
  private askForNext(): void {
    const place = this.usedAt | (this.usedWrap << 15);
    this.ram.writeUint16(this.driverEvent + VIRTQ_EVENT_SUPPRESS.descriptor, place);
    this.libraries.memoryFence();
    this.writeEventFlags(VIRTQ_EVENT_F_DESC);
  }

  private writeEventFlags(flags: number): void {
    this.ram.writeUint16(this.driverEvent + VIRTQ_EVENT_SUPPRESS.flags, flags);
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

/** How a descriptor is made available: AVAIL as the counter, USED as its inverse (virtio §2.8.1). */
function available(wrap: 0 | 1): number {
  return wrap === 1 ? AVAIL : USED;
}

/** Both bits as the counter. */
function isUsed(flags: number, wrap: 0 | 1): boolean {
  return (flags & AVAIL_AND_USED) === (wrap === 1 ? AVAIL_AND_USED : 0);
}

function flip(wrap: 0 | 1): 0 | 1 {
  return wrap === 1 ? 0 : 1;
}
