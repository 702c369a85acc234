import type { RamStorage } from '@dxelab/platform';
import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { Quirks } from '@dxelab/uefi-lib';
import { VIRTIO_F_EVENT_IDX, VIRTIO_F_IN_ORDER, VIRTIO_F_RING_PACKED } from '@dxelab/virtio';
import { RingDevice } from '../ring-device.fixture.ts';
import type { ModelChain, ModelDevice } from './model-device.fixture.ts';
import { PackedModel, SplitModel } from './model-device.fixture.ts';
import type { virtioQueueInit } from './virtio-queue-init.ts';
import type { VirtioQueue } from './virtio-queue.ts';

const RAM_SIZE = 0x4000;
const BUFFER_SIZE = 8;

/** What is explored: a driver that wants these chains done, on a ring of this size. */
export interface Scope {
  readonly features: bigint;
  readonly queueSize: number;
  /** How many descriptors each chain has, in the order of submission. */
  readonly chains: readonly number[];
  /** Whether the driver waits for an interrupt where it finds nothing. */
  readonly interrupts: boolean;
  /** After so many decisions of one run the device only ends what it has begun. */
  readonly depth: number;
}

export interface Explored {
  readonly runs: number;
  readonly states: number;
  /** What went wrong in the first run in which something did. */
  readonly violation: string | undefined;
}

/** This state was seen before: what follows it was followed then. */
class Seen extends Error {}
class Violation extends Error {}

interface Decision {
  choice: number;
  readonly of: number;
}

/**
 * Runs a driver's queue against a model device in every order in which their steps can come: before
 * each access of the driver to memory the device may take any of its steps, and what the driver wrote
 * may have reached it whole, not at all, or the last write before all others, until a fence.
 */
export function explore(init: typeof virtioQueueInit, scope: Scope): Explored {
  const path: Decision[] = [];
  const seen = new Set<string>();
  for (let runs = 1; ; runs += 1) {
    let at = 0;
    const decide = (of: number, state: () => string): number => {
      const known = path[at];
      at += 1;
      if (known !== undefined) return known.choice;
      if (of === 1 || at > scope.depth) {
        path.push({ choice: 0, of: 1 });
        return 0;
      }
      const key = state();
      if (seen.has(key)) throw new Seen();
      seen.add(key);
      path.push({ choice: 0, of });
      return 0;
    };
    try {
      new Run(init, scope, decide).run();
    } catch (caught) {
      if (!(caught instanceof Seen)) {
        const violation = caught instanceof Error ? caught.message : String(caught);
        return { runs, states: seen.size, violation };
      }
    }
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      last.choice += 1;
      if (last.choice < last.of) break;
      path.pop();
    }
    if (path.length === 0) return { runs, states: seen.size, violation: undefined };
  }
}

/** A write of the driver that has not reached memory. */
interface Store {
  readonly address: number;
  readonly size: 1 | 2 | 4;
  readonly value: number;
}

type Phase = 'awake' | 'listening' | 'asleep';

class Run {
  readonly #scope: Scope;
  readonly #decide: (of: number, state: () => string) => number;
  readonly #words = new Uint32Array(RAM_SIZE / 4);
  readonly #memory = new LocalRam([{ base: 0, bytes: new Uint8Array(this.#words.buffer) }]);
  readonly #queue: VirtioQueue;
  readonly #model: ModelDevice;
  readonly #back: (number | undefined)[] = [];
  #stores: Store[] = [];
  #reads: number[] = [];
  #accesses = 0;
  #step = 0;
  #next = 0;
  #running = false;
  #phase: Phase = 'awake';
  #told = false;
  #signalDue = false;
  #interrupt = false;
  #held: ModelChain[] = [];
  #taken = 0;

  constructor(
    init: typeof virtioQueueInit,
    scope: Scope,
    decide: (of: number, state: () => string) => number,
  ) {
    this.#scope = scope;
    this.#decide = decide;
    const { features, queueSize } = scope;
    const packed = (features & VIRTIO_F_RING_PACKED) !== 0n;
    const ram = new GuestRam(new Cycles(() => {}), this.#storage());
    const libraries = {
      ram,
      quirks: new Quirks('specification'),
      memoryFence: () => this.#fence(),
    };
    const device = new RingDevice();
    device.queueNumMax = queueSize;
    let areas = { descriptor: 0, driver: 0, device: 0 };
    const access = {
      ringFeatures: features,
      setQueueAreas: (told: typeof areas) => void (areas = { ...told }),
      setQueueNotifyData: () => {},
      resetQueue: () => {},
      getConfigGeneration: () => 0,
    };
    const longestTable = Math.min(2, queueSize);
    const options = { queue: 0, features, minimumQueueSize: 1, longestTable };
    this.#queue = init(device, access, libraries, options).queue;
    this.#drain();
    if (!packed) {
      const { desc, avail, used } = device.published();
      areas = { descriptor: desc, driver: avail, device: used };
    }
    const Model = packed ? PackedModel : SplitModel;
    this.#model = new Model(this.#memory, {
      size: queueSize,
      desc: areas.descriptor,
      driver: areas.driver,
      device: areas.device,
      eventIdx: (features & VIRTIO_F_EVENT_IDX) !== 0n,
      inOrder: (features & VIRTIO_F_IN_ORDER) !== 0n,
    });
    device.onNotify = () => this.#notified();
  }

  /** The driver: keeps the ring as full as it goes, and collects until all chains are back. */
  run(): void {
    const queue = this.#queue;
    const { chains, interrupts } = this.#scope;
    if (interrupts) queue.enableInterrupts();
    this.#running = true;
    for (let back = 0; back < chains.length;) {
      this.#boundary(1);
      while (this.#next < chains.length && this.#submit(this.#next, chains[this.#next] ?? 1)) {
        this.#next += 1;
        this.#boundary(2);
      }
      queue.kick();
      this.#boundary(3);
      const before = back;
      while (queue.collect()) {
        this.#collected();
        back += 1;
        this.#boundary(4);
      }
      this.#boundary(5);
      if (back === before) this.#wait();
    }
    this.#running = false;
    demand(queue.inFlight === 0, 'chains are in flight at the end');
    const { queueSize } = this.#scope;
    demand(queue.freeDescriptors === queueSize, `${queue.freeDescriptors} descriptors are free`);
    demand(this.#taken === chains.length, `the device took ${this.#taken} chains`);
  }

  #submit(token: number, descriptors: number): boolean {
    if (!this.#queue.begin(descriptors)) return false;
    for (let at = 0; at < descriptors; at += 1) {
      this.#queue.append(0x10_0000 * (token + 1) + 0x1000 * at, BUFFER_SIZE, true);
    }
    this.#queue.submit(token);
    return true;
  }

  #collected(): void {
    const { token, length, written } = this.#queue.used;
    demand(token < this.#next, `token ${token} came back and was never submitted`);
    demand(this.#back[token] === undefined, `token ${token} came back twice`);
    const full = (this.#scope.chains[token] ?? 0) * BUFFER_SIZE;
    demand(length === token + 1 || length === full, `token ${token} has length ${length}`);
    demand(written, `token ${token} came back unwritten`);
    this.#back[token] = length;
  }

  /** What the driver waits for must come, whatever the device does. */
  #wait(): void {
    this.#drain();
    for (let steps = 0; ; steps += 1) {
      if (this.#scope.interrupts ? this.#interrupt : steps > 0) break;
      const possible = this.#steps();
      demand(possible.length > 0, 'the driver waits, and nobody will end it');
      this.#perform(possible[this.#decide(possible.length, () => this.#state())] ?? 0);
    }
    this.#interrupt = false;
  }

  /** Before an access of the driver: what else happens, if anything. */
  #point(): void {
    if (!this.#running) return;
    for (;;) {
      const steps = this.#steps();
      const orders = this.#stores.length > 1 ? 3 : this.#stores.length > 0 ? 2 : 1;
      const choice = this.#decide(1 + steps.length * orders, () => this.#state());
      if (choice === 0) return;
      const order = Math.floor((choice - 1) / steps.length);
      if (order === 1) this.#drain();
      else if (order === 2) this.#land(this.#stores.pop());
      this.#perform(steps[(choice - 1) % steps.length] ?? 0);
    }
  }

  /** The device's steps by number: 0 to look for a chain, 1 to interrupt, from 2 on to use chains. */
  #steps(): number[] {
    if (this.#signalDue) return [1];
    const use = this.#held.map((_, at) => 2 + at);
    return this.#phase === 'asleep' ? use : [0, ...use];
  }

  #perform(step: number): void {
    if (step === 0) this.#look();
    else if (step === 1) this.#signal();
    else this.#use(step - 2);
  }

  #look(): void {
    const chain = this.#model.take();
    if (chain !== undefined) {
      this.#took(chain);
      if (this.#phase === 'listening') this.#model.beDeaf();
      this.#phase = 'awake';
    } else if (this.#phase === 'awake') {
      this.#model.listen();
      this.#phase = 'listening';
    } else {
      this.#phase = this.#told ? 'awake' : 'asleep';
      this.#told = false;
    }
  }

  #took(chain: ModelChain): void {
    const token = this.#taken;
    const expected = Array.from({ length: this.#scope.chains[token] ?? 0 }, (_, at) => ({
      address: 0x10_0000 * (token + 1) + 0x1000 * at,
      length: BUFFER_SIZE,
      writable: true,
    }));
    const same = JSON.stringify(chain.buffers) === JSON.stringify(expected);
    demand(same, `the device sees chain ${token} as ${JSON.stringify(chain.buffers)}`);
    this.#taken += 1;
    this.#held.push(chain);
  }

  #use(at: number): void {
    const inOrder = (this.#scope.features & VIRTIO_F_IN_ORDER) !== 0n;
    const chains = inOrder ? this.#held.splice(0, at + 1) : this.#held.splice(at, 1);
    const token = Math.floor((chains.at(-1)?.buffers[0]?.address ?? 0) / 0x10_0000) - 1;
    this.#model.use(chains, token + 1);
    this.#signalDue = true;
  }

  #signal(): void {
    this.#signalDue = false;
    if (this.#model.interrupts()) this.#interrupt = true;
  }

  #notified(): void {
    this.#point();
    if (this.#phase === 'asleep') this.#phase = 'awake';
    else this.#told = true;
  }

  #fence(): void {
    this.#point();
    this.#drain();
    this.#point();
  }

  #drain(): void {
    for (const store of this.#stores) this.#land(store);
    this.#stores = [];
  }

  #land(store: Store | undefined): void {
    if (store === undefined) return;
    if (store.size === 1) this.#memory.writeUint8(store.address, store.value);
    else if (store.size === 2) this.#memory.writeUint16(store.address, store.value);
    else this.#memory.writeUint32(store.address, store.value);
  }

  /** A read of the driver sees its own writes. */
  #load(address: number, read: () => number): number {
    this.#point();
    this.#accesses += 1;
    const own = this.#stores.findLast((store) => store.address === address);
    const value = own === undefined ? read() : own.value;
    this.#reads.push(value);
    return value;
  }

  #store(store: Store): void {
    this.#point();
    this.#accesses += 1;
    this.#stores.push(store);
  }

  #boundary(step: number): void {
    this.#step = step;
    this.#accesses = 0;
    this.#reads = [];
  }

  /** All that what follows can depend on. */
  #state(): string {
    const driver = [this.#step, this.#accesses, this.#next, ...this.#reads, '|', ...this.#back];
    const device = [this.#phase, this.#told, this.#signalDue, this.#interrupt, this.#taken];
    const stores = this.#stores.map(({ address, value }) => `${address}=${value}`);
    const held = this.#held.map(({ id }) => id);
    const parts = [driver, device, held, this.#model.state(), stores, fields(this.#queue)];
    return `${parts.map((part) => part.join(',')).join(';')}:${hash(this.#words)}`;
  }

  #storage(): RamStorage {
    const memory = this.#memory;
    return {
      readUint8: (address) => this.#load(address, () => memory.readUint8(address)),
      readUint16: (address) => this.#load(address, () => memory.readUint16(address)),
      readUint32: (address) => this.#load(address, () => memory.readUint32(address)),
      writeUint8: (address, value) => this.#store({ address, size: 1, value }),
      writeUint16: (address, value) => this.#store({ address, size: 2, value }),
      writeUint32: (address, value) => this.#store({ address, size: 4, value }),
      readBytes: (address, target) => memory.readBytes(address, target),
      writeBytes: (address, source) => memory.writeBytes(address, source),
      fill: (address, length, value) => memory.fill(address, length, value),
      copy: (to, from, length) => memory.copy(to, from, length),
    };
  }
}

function demand(condition: boolean, what: string): void {
  if (!condition) throw new Violation(what);
}

/** What of an object changes: its numbers and flags, and those of the parts that it is made of. */
function fields(of: object): (number | string | boolean)[] {
  return Object.values(of).flatMap((value: unknown) => {
    if (typeof value === 'number' || typeof value === 'boolean') return [value];
    if (value instanceof Uint16Array || value instanceof Int32Array) return [...value];
    const name = typeof value === 'object' && value !== null ? value.constructor.name : '';
    return name === 'ChainBook' || name === 'QueueChain' ? fields(Object(value)) : [];
  });
}

/** FNV-1a over what is not 0, with the place. */
function hash(words: Uint32Array): number {
  let value = 0x811c_9dc5;
  for (let at = 0x400; at < words.length; at += 1) {
    const word = words[at] ?? 0;
    if (word !== 0) value = Math.imul(Math.imul(value ^ word, 0x0100_0193) ^ at, 0x0100_0193);
  }
  return value >>> 0;
}
