import type { Random } from '@dxelab/emulated-machine';
import type { DescriptorChain } from './descriptor-chain.ts';

/**
 * How a device gives back the chains of one notification: each as it is answered, all of them at once,
 * or each in an order of its own. With VIRTIO_F_IN_ORDER the order is the driver's, and a batch needs
 * one used element or used descriptor (virtio §2.7.9, §2.8.8).
 */
export type CompletionMode = 'each' | 'batch' | 'shuffled';

// States of a chain.
const IN_WORK = 0;
/** Less was written than it has room for, so that nothing can be left out behind it. */
const IN_PART = 1;
const IN_FULL = 2;

/**
 * The chains of a queue that wait to be given back: in order as they were taken, otherwise as they were
 * answered. In order a batch is only counted as long as nothing waits in front of it.
 */
export class Completions {
  /** Whether all that is ready is shown to the driver at once. */
  readonly batched: boolean;
  /** What `next` found: the last of the chains, what was written of it, and how much is given back with it. */
  id = 0;
  written = 0;
  chains = 0;
  slots = 0;
  private readonly inOrder: boolean;
  /** Whether one used element stands for several chains. */
  private readonly merging: boolean;
  private readonly random: Random | undefined;
  private readonly capacity: number;
  private readonly ids: Uint16Array;
  private readonly lengths: Float64Array;
  private readonly slotCounts: Uint16Array;
  private readonly states: Uint8Array;
  /** Both count up and are used modulo the capacity: the oldest chain, and the one behind the newest. */
  private first = 0;
  private end = 0;
  /** A batch in order that nothing holds up: its last chain, and how much it has. */
  private lastId = 0;
  private lastWritten = 0;
  private counted = 0;
  private countedSlots = 0;
  /** Its last chain was not written in full: no other can follow. */
  private closed = false;

  /**
   * @param size of the queue, in descriptors: no more chains can wait
   * @param random for `shuffled`
   */
  constructor(size: number, mode: CompletionMode, inOrder: boolean, random: Random) {
    this.batched = mode === 'batch';
    this.inOrder = inOrder;
    this.merging = inOrder && this.batched;
    this.random = mode === 'shuffled' && !inOrder ? random : undefined;
    this.capacity = size;
    this.ids = new Uint16Array(size);
    this.lengths = new Float64Array(size);
    this.slotCounts = new Uint16Array(size);
    this.states = new Uint8Array(size);
  }

  /** The device answers a chain later: in order it holds up those behind it. */
  held(chain: DescriptorChain): void {
    if (this.inOrder) this.enter(chain);
  }

  /** The device has answered the chain that it has just taken. */
  answered(chain: DescriptorChain, written: number): void {
    if (this.merging && this.first === this.end && !this.closed) {
      this.lastId = chain.head;
      this.lastWritten = written;
      this.counted++;
      this.countedSlots += chain.slots;
      this.closed = written < chain.writableLength;
      return;
    }
    this.enter(chain);
    this.settle(chain, written);
  }

  /** The device has answered a chain that it held. */
  finished(chain: DescriptorChain, written: number): void {
    if (!this.inOrder) this.enter(chain);
    this.settle(chain, written);
  }

  /** Finds what is to be given back next. @returns false if nothing is ready */
  next(): boolean {
    if (this.counted > 0) {
      this.takeCounted();
      return true;
    }
    if (this.random !== undefined) this.shuffle(this.random);
    this.chains = 0;
    this.slots = 0;
    while (this.first !== this.end) {
      const ticket = this.first % this.capacity;
      const state = this.states[ticket];
      if (state === IN_WORK) break;
      this.id = this.ids[ticket] ?? 0;
      this.written = this.lengths[ticket] ?? 0;
      this.slots += this.slotCounts[ticket] ?? 0;
      this.chains++;
      this.first++;
      // What is left out counts as used in full, so that a chain in part is always the last.
      if (!this.merging || state === IN_PART) break;
    }
    return this.chains > 0;
  }

  private takeCounted(): void {
    this.id = this.lastId;
    this.written = this.lastWritten;
    this.chains = this.counted;
    this.slots = this.countedSlots;
    this.counted = 0;
    this.countedSlots = 0;
    this.closed = false;
  }

  private settle({ ticket, writableLength }: DescriptorChain, written: number): void {
    this.lengths[ticket] = written;
    this.states[ticket] = written >= writableLength ? IN_FULL : IN_PART;
  }

  private enter(chain: DescriptorChain): void {
    const ticket = this.end++ % this.capacity;
    chain.ticket = ticket;
    this.ids[ticket] = chain.head;
    this.slotCounts[ticket] = chain.slots;
    this.states[ticket] = IN_WORK;
  }

  /** Brings any of those that wait to the front; out of order they are all answered. */
  private shuffle(random: Random): void {
    const waiting = this.end - this.first;
    if (waiting < 2) return;
    const front = this.first % this.capacity;
    const other = (this.first + (random.next() % waiting)) % this.capacity;
    swap(this.ids, front, other);
    swap(this.lengths, front, other);
    swap(this.slotCounts, front, other);
    swap(this.states, front, other);
  }
}

function swap(array: Uint8Array | Uint16Array | Float64Array, a: number, b: number): void {
  const kept = array[a] ?? 0;
  array[a] = array[b] ?? 0;
  array[b] = kept;
}
