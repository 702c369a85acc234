import type { RamStorage } from '@dxelab/platform';
import { Cycles, GuestRam } from '@dxelab/platform';
import { Quirks } from '@dxelab/uefi-lib';
import { VIRTIO_F_IN_ORDER } from '@dxelab/virtio';
import type { VirtioQueue, virtioQueueInit } from '@dxelab/virtio-lib';
import type { VirtqueueAreas } from '@dxelab/virtio';
import {
  ANSWER,
  BUFFER_SIZE,
  bufferAddress,
  dataAddress,
  firstIndex,
  REQUEST,
  SKIPPED,
  writableOf,
} from './layout.fixture.ts';
import { QueueTransport } from './queue-transport.fixture.ts';
import type { Scope } from './scope.fixture.ts';
import { packed, tableLength } from './scope.fixture.ts';
import type { SideOptions } from './side.fixture.ts';
import { COLLECTED, KILLED, LOOKED, NOTIFY, Side, SUBMITTED } from './side.fixture.ts';
import { Snapshot } from './snapshot.fixture.ts';

// Operations. SUBMIT is one for each number of descriptors.
const KICK = 1;
const COLLECT = 2;
const SLEEP = 3;
const ENABLE = 4;
const END = 5;
const SUBMIT = 16;
/** Appends the buffers only: the chain is submitted later. */
const BEGIN = 32;
const OPERATIONS = ['', 'kick', 'collect', 'wait', 'enableInterrupts', 'submit'];

// Where the driver's loop is.
const ADDED = 1;
const LOOKING = 2;
const FOUND = 3;
const EMPTY = 4;
const BUILDING = 5;

// What `own` holds.
const PHASE = 1;
const TOKENS = 2;
const LISTENS = 3;
const LENGTHS = 4;
/** Token and length of the chain that is being built. */
const BUILT = 12;

/** The flags of a descriptor that was used in the first lap of a packed ring. */
const USED = 0x8080;
const INDICES = ['availIndex', 'usedIndex', 'usedSeen'];

/**
 * A driver with VirtioLib's queue: it keeps chains in flight, as many as there is room for and as it likes,
 * tells the device, and takes back what was used; where it finds nothing it may wait for an interrupt.
 */
export class DriverSide extends Side {
  readonly areas: VirtqueueAreas;
  private readonly scope: Scope;
  private readonly queue: VirtioQueue;
  private readonly fields: Record<string, unknown>;
  private readonly inOrder: boolean;
  private indices: readonly number[] = [];
  private positions: readonly number[] = [];
  /** What the operation has loaded, by address. */
  private loaded: number[] = [];

  constructor(scope: Scope, options: SideOptions, init: typeof virtioQueueInit) {
    super(options);
    this.scope = scope;
    this.inOrder = (scope.features & VIRTIO_F_IN_ORDER) !== 0n;
    const transport = new QueueTransport(scope.queueSize, () => this.emit(NOTIFY));
    const ram = new GuestRam(new Cycles(() => {}), this.storage());
    const libraries = { ram, quirks: new Quirks('specification'), memoryFence: () => this.fence() };
    this.queue = init(transport, transport, libraries, {
      queue: 0,
      features: scope.features,
      minimumQueueSize: 1,
      longestTable: Math.max(1, tableLength(scope)),
    }).queue;
    this.areas = transport.areas;
    this.fields = Object(this.queue);
    if (!packed(scope)) {
      for (const name of INDICES) this.fields[name] = firstIndex(scope.queueSize);
      this.store(this.areas.driver + 2, 2, firstIndex(scope.queueSize));
      this.store(this.areas.device + 2, 2, firstIndex(scope.queueSize));
    } else {
      for (const name of ['availAt', 'usedAt']) this.fields[name] = scope.queueSize - 1;
      for (let at = 0; at < scope.queueSize - 1; at += 1) {
        this.store(this.areas.descriptor + 16 * at + 14, 2, USED);
      }
    }
    if (scope.driver === 'waits') this.enable();
    else this.queue.disableInterrupts();
    this.own[PHASE] = FOUND;
  }

  describe(operation: number): string {
    if (operation < SUBMIT) return OPERATIONS[operation] ?? '';
    return operation < BEGIN ? `submit of ${operation - SUBMIT}` : `begin of ${operation - BEGIN}`;
  }

  /** Whether the driver is in the lap behind the one that everything is brought back to. */
  ahead(id: number): boolean {
    return this.indices.length > 0 && this.usedIndex(id) < 0x8000;
  }

  /** Of a split ring: where the driver looks next. */
  usedIndex(id: number): number {
    return this.fieldAt(id, this.indices[1]);
  }

  /** Of a packed ring, in two laps: from where on the device was not asked whether it wants to be told. */
  untold(id: number): number {
    const [at, wrap, added] = this.positions;
    const { queueSize } = this.scope;
    const lap = this.fieldAt(id, wrap) === 1 ? 0 : queueSize;
    return this.fieldAt(id, at) + lap + 2 * queueSize - this.fieldAt(id, added);
  }

  protected override watch(): Snapshot {
    const snapshot = new Snapshot(this.queue, this.own);
    const places = (names: readonly string[]): number[] =>
      names.map((name) => snapshot.place(this.queue, name));
    if (packed(this.scope)) this.positions = places(['availAt', 'availWrap', 'added']);
    else this.indices = places(INDICES);
    this.forget();
    return snapshot;
  }

  protected override indexPlaces(): readonly number[] {
    return this.indices;
  }

  protected override choices(): readonly number[] {
    const submits = this.submits();
    switch (this.own[PHASE] ?? FOUND) {
      case ADDED:
        return [...submits, KICK];
      case LOOKING:
        return [COLLECT];
      case BUILDING:
        return this.own[TOKENS] === 1 << (this.own[BUILT] ?? 0) ? [END] : [END, COLLECT];
      case FOUND:
        return this.own[TOKENS] === 0 ? submits : [...submits, COLLECT];
      default:
        return [...submits, this.whenEmpty()];
    }
  }

  protected override perform(operation: number): void {
    const { queue } = this;
    this.loaded = [];
    switch (operation) {
      case KICK:
        queue.kick();
        this.own[PHASE] = LOOKING;
        break;
      case COLLECT:
        this.emit(LOOKED);
        if (queue.collect()) this.collected();
        if (this.own[PHASE] !== BUILDING) {
          this.own[PHASE] = queue.used.token < 0 ? EMPTY : FOUND;
        }
        break;
      case SLEEP:
        this.wait(0);
        if (this.scope.driver === 'toggles') {
          queue.disableInterrupts();
          this.own[LISTENS] = 0;
        }
        this.own[PHASE] = LOOKING;
        break;
      case ENABLE:
        this.enable();
        this.own[PHASE] = LOOKING;
        break;
      case END:
        this.submitBuilt();
        this.own[PHASE] = ADDED;
        break;
      default:
        this.build(operation % SUBMIT);
        if (operation < BEGIN) this.submitBuilt();
        this.own[PHASE] = operation < BEGIN ? ADDED : BUILDING;
    }
  }

  protected override settle(): void {
    const { queue, own } = this;
    let chains = 0;
    let descriptors = 0;
    for (let token = 0; token < this.scope.queueSize; token += 1) {
      const length = own[LENGTHS + token] ?? 0;
      if (length > 0) chains += 1;
      descriptors += this.slots(length);
    }
    const free = this.scope.queueSize - descriptors;
    this.demand(queue.inFlight === chains, `${queue.inFlight} chains in flight: ${chains}`);
    this.demand(
      queue.freeDescriptors === free,
      `${queue.freeDescriptors} descriptors free: ${free}`,
    );
    this.forget();
  }

  private submits(): number[] {
    const { scope, queue } = this;
    if (queue.inFlight >= scope.inFlight) return [];
    return scope.lengths
      .filter((length) => this.slots(length) <= queue.freeDescriptors)
      .map((length) => (scope.looksWhileBuilding && queue.inFlight > 0 ? BEGIN : SUBMIT) + length);
  }

  private whenEmpty(): number {
    if (this.scope.driver === 'polls') return COLLECT;
    return this.own[LISTENS] === 0 ? ENABLE : SLEEP;
  }

  private enable(): void {
    this.queue.enableInterrupts();
    this.own[LISTENS] = 1;
  }

  private slots(length: number): number {
    return length > 1 && length <= tableLength(this.scope) ? 1 : length;
  }

  private build(length: number): void {
    const { queue, own } = this;
    const token = this.freeToken();
    own[TOKENS] = (own[TOKENS] ?? 0) | (1 << token);
    own.set([token, length], BUILT);
    this.demand(queue.begin(length), `there is no room for ${length} descriptors`);
    for (let part = 0; part < length; part += 1) {
      const writable = length === 1 || part > 0;
      queue.append(bufferAddress(token, length, part), BUFFER_SIZE, writable);
    }
  }

  private submitBuilt(): void {
    const { own } = this;
    const [token = 0, length = 0] = own.subarray(BUILT, BUILT + 2);
    own[LENGTHS + token] = length;
    this.emit(SUBMITTED, token);
    this.store(dataAddress(token), 2, REQUEST);
    this.queue.submit(token);
    own.fill(0, BUILT, BUILT + 2);
  }

  /** Behind the id that the queue will take: so which token has which id makes no states of its own. */
  private freeToken(): number {
    const { fields, own, scope } = this;
    const { freeIds, firstFree } = fields;
    const id = freeIds instanceof Uint16Array ? freeIds[this.queue.inFlight] : Number(firstFree);
    let token = ((id ?? 0) + 1) % scope.queueSize;
    while (((own[TOKENS] ?? 0) & (1 << token)) !== 0) token = (token + 1) % scope.queueSize;
    return token;
  }

  private collected(): void {
    const { queue, own } = this;
    const { token, length } = queue.used;
    const count = own[LENGTHS + token] ?? 0;
    this.demand(count > 0, `chain ${token} comes back, and is not in flight`);
    const data = this.look(dataAddress(token), 2);
    const known = data === ANSWER || data === SKIPPED;
    this.demand(known, `chain ${token} comes back, and its data are not there`);
    const expected = data === ANSWER ? writableOf(count) - 1 : writableOf(count);
    this.demand(length === expected, `chain ${token} has length ${length}: ${expected}`);
    this.emit(COLLECTED, token);
    this.emit(KILLED, this.dataCells(this.loaded));
    own[TOKENS] = (own[TOKENS] ?? 0) & ~(1 << token);
    own[LENGTHS + token] = 0;
  }

  /**
   * What the queue has no more use for becomes 0: else states would differ in nothing else. A field that does
   * not exist any more is passed over; one that is of use after all would make the check fail.
   */
  private forget(): void {
    const { fields, inOrder } = this;
    const { used, chain, chains } = fields;
    Object.assign(Object(used), { token: -1, length: 0, written: false });
    if (this.own[PHASE] === BUILDING) return;
    reset(Object(chain), { appended: 0, writable: 0, table: 0, slot: 0, indirect: false });
    reset(fields, { cursor: 0, last: 0, headFlags: 0, cursorWrap: 1, beforeHead: -1 });
    if (fields['batchEnd'] === -1) reset(fields, { batchLength: 0, batchWritten: false });
    forgetChains(Object(chains), fields['lastOf'], inOrder);
    if (!inOrder) this.forgetLinks(Object(chains));
  }

  /** What follows the last descriptor of a chain, and the last free one, is nobody's business. */
  private forgetLinks({ descriptors }: Record<string, unknown>): void {
    const { next, lastOf } = this.fields;
    if (!(next instanceof Uint16Array && lastOf instanceof Uint16Array)) return;
    if (!(descriptors instanceof Uint16Array)) return;
    for (const [id, count] of descriptors.entries()) if (count > 0) next[lastOf[id] ?? 0] = 0;
    if (this.queue.freeDescriptors === 0) {
      this.fields['firstFree'] = 0;
      return;
    }
    let last = Number(this.fields['firstFree']);
    for (let left = this.queue.freeDescriptors; left > 1; left -= 1) last = next[last] ?? 0;
    next[last] = 0;
  }

  private storage(): RamStorage {
    return {
      readUint8: () => unexpected(),
      readUint16: (address) => this.look(address, 2),
      readUint32: (address) => this.look(address, 4),
      writeUint8: () => unexpected(),
      writeUint16: (address, value) => this.store(address, 2, value),
      writeUint32: (address, value) => this.store(address, 4, value),
      readBytes: () => void unexpected(),
      writeBytes: () => void unexpected(),
      // memory is all zeros when the queue is set up
      fill: () => {},
      copy: () => void unexpected(),
    };
  }

  private look(address: number, bytes: number): number {
    const value = this.load(address, bytes);
    this.loaded.push(address);
    if (bytes === 4) this.loaded.push(address + 2);
    return value;
  }
}

/** Sets fields, where there are such, of this type. */
function reset(fields: Record<string, unknown>, values: Record<string, number | boolean>): void {
  for (const [name, value] of Object.entries(values))
    if (typeof fields[name] === typeof value) fields[name] = value;
}

/** By id what is in flight counts, and the order of chains only with VIRTIO_F_IN_ORDER. */
function forgetChains(book: Record<string, unknown>, lastOf: unknown, inOrder: boolean): void {
  const { descriptors, tokens, writable, order, places } = book;
  const inFlight = descriptors instanceof Uint16Array ? descriptors : new Uint16Array(0);
  for (const byId of [tokens, writable, lastOf, places]) {
    if (!(byId instanceof Uint16Array || byId instanceof Int32Array || byId instanceof Uint32Array))
      continue;
    for (const [id, count] of inFlight.entries()) if (count === 0) byId[id] = 0;
  }
  if (inOrder) {
    const first = Number(book['first']);
    if (!(order instanceof Uint16Array)) return;
    for (let at = 0; at < order.length; at += 1) {
      const distance = (at - first + order.length) % order.length;
      if (distance >= Number(book['inFlight'])) order[at] = 0;
    }
    return;
  }
  reset(book, { first: 0, next: 0 });
  for (const array of [order, places]) if (array instanceof Uint16Array) array.fill(0);
}

function unexpected(): never {
  throw new TypeError('an access that is not looked for');
}
