import { Dma } from '@dxelab/emulated-machine';
import type { VirtqueueAreas } from '@dxelab/virtio';
import { VIRTIO_F_EVENT_IDX, VIRTIO_F_IN_ORDER, VIRTIO_F_INDIRECT_DESC } from '@dxelab/virtio';
import type { DescriptorChain, QueueOwner, RingFeatures, Virtqueue } from '@dxelab/virtio-devices';
import {
  ANSWER,
  BUFFER_SIZE,
  bufferAddress,
  countOf,
  dataAddress,
  firstIndex,
  QUEUE_BASE,
  RAM_SIZE,
  REQUEST,
  SKIPPED,
  tokenOf,
  writableOf,
} from './layout.fixture.ts';
import type { Scope } from './scope.fixture.ts';
import { packed } from './scope.fixture.ts';
import type { SideOptions } from './side.fixture.ts';
import { GIVEN, INTERRUPT, KILLED, LOOKED, Side, TAKEN, Violation } from './side.fixture.ts';
import { Snapshot } from './snapshot.fixture.ts';

/** The queues of virtio-devices, or copies of them with a mistake. */
export type MakeVirtqueue = (
  ring: 'split' | 'packed',
  dma: Dma,
  features: RingFeatures,
  owner: QueueOwner,
) => Virtqueue;

// Operations. COMPLETE is one for each chain that the device holds, BATCH one for each number of them.
const POP = 1;
const ASK = 2;
const SLEEP = 3;
const SUPPRESS = 4;
const COMPLETE = 16;
const BATCH = 32;
const OPERATIONS = ['', 'pop', 'askForNotification', 'wait', 'suppressNotifications'];

// Where the device's loop is.
const AWAKE = 0;
const EMPTY = 1;
const ASLEEP = 2;
const BUSY = 3;

// What `own` holds: of each chain token, head, and slots with length.
const PHASE = 1;
const COUNT = 2;
const LISTENS = 3;
const HELD = 4;

const INDICES = ['nextAvail', 'usedIndex', 'seen', 'asked'];

/** A device with the queue of virtio-devices: it takes what is there, and answers it when it likes. */
export class DeviceSide extends Side {
  private readonly scope: Scope;
  private readonly queue: Virtqueue;
  private readonly inOrder: boolean;
  private indices: readonly number[] = [];
  private positions: readonly number[] = [];
  /** What the operation has loaded, by address. */
  private loaded: number[] = [];

  constructor(scope: Scope, options: SideOptions, areas: VirtqueueAreas, make: MakeVirtqueue) {
    super(options);
    const { features, queueSize } = scope;
    this.scope = scope;
    this.inOrder = (features & VIRTIO_F_IN_ORDER) !== 0n;
    const dma = new WatchedDma(() => this.fence());
    const fault = ({ message }: { message: string }): never => {
      throw new Violation(`the device finds ${message}`);
    };
    this.queue = make(
      packed(scope) ? 'packed' : 'split',
      dma,
      {
        indirect: (features & VIRTIO_F_INDIRECT_DESC) !== 0n,
        eventIdx: (features & VIRTIO_F_EVENT_IDX) !== 0n,
        notifyOnEmpty: false,
        packed: packed(scope),
        inOrder: this.inOrder,
        notificationData: false,
      },
      { fault, remark: fault },
    );
    const { descriptor, driver, device } = areas;
    this.queue.start(queueSize, { desc: descriptor, driver, device });
    this.queue.locate();
    const view = watchedView(
      (address, bytes) => this.look(address, bytes),
      (address, bytes, value) => this.store(address, bytes, value),
    );
    watchAreas(this.queue, dma, view);
    const fields: Record<string, unknown> = Object(this.queue);
    const places = packed(scope) ? ['nextAvail', 'nextUsed'] : INDICES;
    for (const name of places) fields[name] = packed(scope) ? queueSize - 1 : firstIndex(queueSize);
    this.queue.askForNotification();
    this.own[PHASE] = ASLEEP;
    this.own[LISTENS] = 1;
  }

  describe(operation: number): string {
    if (operation < COMPLETE) return OPERATIONS[operation] ?? '';
    return operation < BATCH ? 'push' : `publish of ${operation - BATCH}`;
  }

  /** Of a split ring: from where on the driver was not asked yet whether it wants to be told. */
  asked(id: number): number {
    return this.fieldAt(id, this.indices[3]);
  }

  /** Of a packed ring, in two laps: from where on the driver was not asked yet. */
  untold(id: number): number {
    const [at, flags, fresh] = this.positions;
    const { queueSize } = this.scope;
    const lap = this.fieldAt(id, flags) === 0 ? queueSize : 0;
    return this.fieldAt(id, at) + lap + 2 * queueSize - this.fieldAt(id, fresh);
  }

  protected override watch(): Snapshot {
    const snapshot = new Snapshot(this.queue, this.own);
    const places = (names: readonly string[]): number[] =>
      names.map((name) => snapshot.place(this.queue, name));
    if (packed(this.scope)) this.positions = places(['nextUsed', 'used', 'fresh']);
    else this.indices = places(INDICES);
    return snapshot;
  }

  protected override indexPlaces(): readonly number[] {
    return this.indices;
  }

  protected override choices(): readonly number[] {
    switch (this.own[PHASE] ?? AWAKE) {
      case AWAKE:
        return [POP, ...this.completions()];
      case EMPTY:
        return [ASK, ...this.completions()];
      case BUSY:
        return [SUPPRESS];
      default:
        return [SLEEP];
    }
  }

  protected override perform(operation: number): void {
    const { queue, own } = this;
    this.loaded = [];
    if (operation >= COMPLETE) this.complete(operation);
    else if (operation === POP) {
      this.emit(LOOKED);
      this.take(queue.pop());
    } else if (operation === ASK) {
      own[LISTENS] = 1;
      own[PHASE] = queue.askForNotification() ? AWAKE : ASLEEP;
    } else if (operation === SUPPRESS) {
      own[LISTENS] = 0;
      queue.suppressNotifications();
      own[PHASE] = AWAKE;
    } else {
      const completions = this.completions();
      const which = this.wait(completions.length);
      if (which === 0) own[PHASE] = AWAKE;
      else this.complete(completions[which - 1] ?? 0);
    }
  }

  protected override settle(): void {
    const fields: Record<string, unknown> = Object(this.queue);
    if (fields['firstAt'] === -1) fields['firstFlags'] = 0;
  }

  /** What the device can answer: in order the first ones, else any, or all of them. */
  private completions(): number[] {
    const held = this.own[COUNT] ?? 0;
    if (held === 0) return [];
    const { inOrder } = this;
    if (inOrder) {
      return Array.from({ length: held }, (_, at) => (at === 0 ? COMPLETE : BATCH + at + 1));
    }
    if (!this.scope.anyOrder) return [COMPLETE];
    const each = Array.from({ length: held }, (_, at) => COMPLETE + at);
    return held > 1 ? [...each, BATCH + held] : each;
  }

  private take(chain: DescriptorChain | undefined): void {
    const { own } = this;
    if (chain === undefined) {
      own[PHASE] = EMPTY;
      return;
    }
    const token = tokenOf(chain.segment(0).address);
    const count = countOf(chain.segment(0).address);
    const right = describeChain(chain) === expectedChain(token, count);
    this.demand(right, `the device sees a chain of ${describeChain(chain)}`);
    const ready = this.load(dataAddress(token), 2) === REQUEST;
    this.demand(ready, `the device takes chain ${token}, and its data are not there`);
    this.emit(TAKEN, token);
    // the device has read it, and will not do so again
    this.emit(KILLED, this.dataCells(this.loaded));
    this.hold(token, chain.head, chain.slots | (count << 8));
    own[PHASE] = this.scope.suppresses && own[LISTENS] === 1 ? BUSY : AWAKE;
  }

  private look(address: number, bytes: number): number {
    const value = this.load(address, bytes);
    this.loaded.push(address);
    if (bytes === 4) this.loaded.push(address + 2);
    return value;
  }

  /** In order they stay as they came, otherwise that is of no importance. */
  private hold(token: number, head: number, size: number): void {
    const { own } = this;
    let place = own[COUNT] ?? 0;
    own[COUNT] = place + 1;
    if (!this.inOrder && this.scope.anyOrder) {
      for (; place > 0 && (own[HELD + 3 * place - 3] ?? 0) > token; place -= 1) {
        own.copyWithin(HELD + 3 * place, HELD + 3 * place - 3, HELD + 3 * place);
      }
    }
    own.set([token, head, size], HELD + 3 * place);
  }

  private complete(operation: number): void {
    if (operation < BATCH) {
      const [token = 0, head = 0, size = 0] = this.release(operation - COMPLETE);
      this.answer(token, ANSWER);
      this.queue.push(head, writableOf(size >> 8) - 1, size & 0xff);
    } else if (this.inOrder) this.batch(operation - BATCH);
    else {
      for (let left = operation - BATCH; left > 0; left -= 1) {
        const [token = 0, head = 0, size = 0] = this.release(0);
        this.answer(token, ANSWER);
        this.queue.fill(head, writableOf(size >> 8) - 1, 1, size & 0xff);
      }
      this.queue.publish();
    }
    if (this.queue.wantsNotification()) this.emit(INTERRUPT);
  }

  /** One used element for all of them. */
  private batch(chains: number): void {
    let slots = 0;
    for (let left = chains; left > 0; left -= 1) {
      const [token = 0, head = 0, size = 0] = this.release(0);
      slots += size & 0xff;
      this.answer(token, left > 1 ? SKIPPED : ANSWER);
      if (left === 1) this.queue.fill(head, writableOf(size >> 8) - 1, chains, slots);
    }
    this.queue.publish();
  }

  private answer(token: number, data: number): void {
    this.emit(GIVEN, token);
    this.store(dataAddress(token), 2, data);
  }

  private release(at: number): Int32Array {
    const { own } = this;
    const begin = HELD + 3 * at;
    const chain = own.slice(begin, begin + 3);
    const end = HELD + 3 * (own[COUNT] ?? 0);
    own.copyWithin(begin, begin + 3, end);
    own.fill(0, end - 3, end);
    own[COUNT] = (own[COUNT] ?? 0) - 1;
    return chain;
  }
}

function describeChain(chain: DescriptorChain): string {
  return Array.from({ length: chain.segmentCount }, (_, part) => {
    const { address, length } = chain.segment(part);
    const kind = part < chain.readableCount ? 'to read' : 'to write';
    return `${length} bytes ${kind} at 0x${address.toString(16)}`;
  }).join(', ');
}

function expectedChain(token: number, count: number): string {
  return Array.from({ length: count }, (_, part) => {
    const kind = part === 0 && count > 1 ? 'to read' : 'to write';
    const address = bufferAddress(token, count, part).toString(16);
    return `${BUFFER_SIZE} bytes ${kind} at 0x${address}`;
  }).join(', ');
}

/** All of memory for the device, which tells of barriers. */
class WatchedDma extends Dma {
  private readonly onBarrier: () => void;

  constructor(onBarrier: () => void) {
    const window = { base: 0, bytes: new Uint8Array(RAM_SIZE) };
    super('device', { window, find: () => undefined }, () => {});
    this.onBarrier = onBarrier;
  }

  override barrier(): void {
    this.onBarrier();
  }
}

/** Takes the place of the view through which a queue reaches its rings. Nothing is behind it. */
function watchedView(
  load: (address: number, bytes: number) => number,
  store: (address: number, bytes: number, value: number) => void,
): DataView {
  return Object.assign(new DataView(new ArrayBuffer(0)), {
    getUint16: (address: number): number => load(address, 2),
    getUint32: (address: number): number => load(address, 4),
    setUint16: (address: number, value: number): void => store(address, 2, value),
    setUint32: (address: number, value: number): void => store(address, 4, value),
  });
}

/** Finds the parts of memory that a queue and what it is made of look at, and puts `view` there. */
function watchAreas(object: object, dma: Dma, view: DataView, seen = new Set<object>()): void {
  if (seen.has(object) || object === dma) return;
  seen.add(object);
  if (object.constructor.name === 'RingArea') {
    const area: { locate: (of: Dma, address: number, length: number) => boolean; view: DataView } =
      Object(object);
    // it keeps its view as long as memory stays where it is, and what it has located
    const offset: unknown = Reflect.get(object, 'offset');
    area.locate(dma, QUEUE_BASE, 2);
    Reflect.set(object, 'offset', offset);
    area.view = view;
    return;
  }
  for (const value of Object.values(object)) {
    if (typeof value === 'object' && value !== null) watchAreas(value, dma, view, seen);
  }
}
