import { VIRTIO_F_EVENT_IDX } from '@dxelab/virtio';
import type { virtioQueueInit } from '@dxelab/virtio-lib';
import type { MakeVirtqueue } from './device-side.fixture.ts';
import { DeviceSide } from './device-side.fixture.ts';
import { DriverSide } from './driver-side.fixture.ts';
import { dataAddress, firstIndex, QUEUE_BASE, RAM_SIZE } from './layout.fixture.ts';
import { progressless } from './progress.fixture.ts';
import { RingCells } from './ring-cells.fixture.ts';
import type { Scope } from './scope.fixture.ts';
import { packed, tableLength } from './scope.fixture.ts';
import type { Node, Outcome, Side } from './side.fixture.ts';
import * as kinds from './side.fixture.ts';
import { grown, TupleTable } from './tuple-table.fixture.ts';
import { WeakMemory } from './weak-memory.fixture.ts';

// Local because imported constants are slow under Vitest.
const {
  BEGUN,
  COLLECTED,
  FENCE,
  FENCED,
  GIVEN,
  INTERRUPT,
  KILLED,
  LOAD,
  LOOKED,
  NOTIFY,
  SUBMITTED,
  TAKEN,
} = kinds;

/** The two sides of a queue: those that are shipped, or copies with a mistake. */
export interface BothSides {
  readonly virtioQueueInit: typeof virtioQueueInit;
  readonly makeVirtqueue: MakeVirtqueue;
}

export interface Explored {
  readonly states: number;
  /** Steps that the last of them needs. */
  readonly depth: number;
  /** Whether there are no others, however many chains there will be. */
  readonly complete: boolean;
  readonly violation: string | undefined;
  /** The shortest way to it. */
  readonly trace: readonly string[];
}

// A state: where each side stands, memory, buffers of both, what each may still see of before, and the rest.
const MEMORY = 2;
const BUFFER = 3;
const STALE = 5;
const BITS = 7;
const QUEUED = 8;
const WIDTH = 9;

// Of the rest: who is told of something, how many chains wait to be taken, and which were given back.
const TOLD = 1;
const COUNT = 4;
const GIVEN_BIT = 64;

const DRIVER = 0;
const DEVICE = 1;
const SIDES = ['driver', 'device'];

/**
 * Goes through every state that a driver and a device can come to together, the nearest ones first, so that
 * the way to what is wrong is the shortest.
 */
export class Explorer {
  private readonly scope: Scope;
  private readonly sides: readonly [DriverSide, DeviceSide];
  private readonly cells: RingCells;
  private readonly memory: WeakMemory;
  private readonly states = new TupleTable(WIDTH);
  private parents: Int32Array = new Int32Array(1024);
  /** By state where its edges begin; an edge is a state, and whether a chain came back on the way. */
  private firstEdges: Int32Array = new Int32Array(1024);
  private edges: Int32Array = new Int32Array(4096);
  private edgeCount = 0;
  private violation: string | undefined;
  /** Where the violation is, and what was found at a replay. */
  private from = -1;
  private steps: { text: string; target: number }[] | undefined;
  private text: string[] = [];
  private progress = 0;
  /** An event that was passed long ago. */
  private readonly passed: number;
  private readonly eventIdx: boolean;
  private readonly isPacked: boolean;
  private readonly pool: Int32Array[] = [];

  constructor(scope: Scope, { virtioQueueInit: init, makeVirtqueue }: BothSides) {
    const { queueSize, everyAccess } = scope;
    this.scope = scope;
    this.isPacked = packed(scope);
    this.eventIdx = (scope.features & VIRTIO_F_EVENT_IDX) !== 0n;
    this.passed = firstIndex(queueSize) - 2 * queueSize - 1;
    const ram = new DataView(new ArrayBuffer(RAM_SIZE));
    const options = { ram, queueSize, everyAccess };
    const driver = new DriverSide(scope, options, init);
    const device = new DeviceSide(scope, options, driver.areas, makeVirtqueue);
    this.sides = [driver, device];
    const length = tableLength(scope);
    this.cells = new RingCells({
      packed: packed(scope),
      size: queueSize,
      desc: driver.areas.descriptor,
      driver: driver.areas.driver,
      device: driver.areas.device,
      tables: QUEUE_BASE + (packed(scope) ? 0x1000 : 0x2000),
      tableLength: length,
      data: dataAddress(0),
      tokens: queueSize,
    });
    this.memory = new WeakMemory(this.cells.count);
    this.begin(ram);
  }

  explore(): Explored {
    const { scope, states } = this;
    let depth = 0;
    let expanded = 0;
    for (let end = states.count; this.violation === undefined && expanded < states.count;) {
      if (expanded === end) {
        depth += 1;
        end = states.count;
        if (depth >= scope.depth) break;
      }
      this.from = expanded;
      this.expand(expanded);
      expanded += 1;
    }
    const complete = expanded === states.count;
    if (this.violation === undefined) this.findStuck(expanded);
    const { violation } = this;
    const trace = violation === undefined ? [] : this.trace();
    return { states: states.count, depth, complete, violation, trace };
  }

  /** How often a load was found to be overtaken by another one: then states before it may lack something. */
  get learned(): number {
    return this.sides[0].learned + this.sides[1].learned;
  }

  /** What another exploration of the same sides has learned. */
  adopt({ sides }: Explorer): void {
    this.sides[DRIVER].adopt(sides[DRIVER]);
    this.sides[DEVICE].adopt(sides[DEVICE]);
  }

  private begin(ram: DataView): void {
    const { cells, memory, sides } = this;
    const image = new Int32Array(cells.count);
    for (const [address, cell] of cells.places) image[cell] = ram.getUint16(address, true);
    const drivers = sides[DRIVER].begin(cells, memory);
    const devices = sides[DEVICE].begin(cells, memory);
    const state = new Int32Array(WIDTH);
    state[MEMORY] = memory.image(image);
    this.text = [];
    for (const driver of drivers) {
      for (const device of devices) {
        const both = this.copy(state);
        if (this.apply(both, DRIVER, driver) && this.apply(both, DEVICE, device)) this.reach(both);
      }
    }
  }

  private expand(id: number): void {
    if (id >= this.firstEdges.length) this.firstEdges = grown(this.firstEdges);
    this.firstEdges[id] = this.edgeCount;
    const state = this.take();
    this.states.read(id, state);
    this.go(state, DRIVER, true);
    this.go(state, DEVICE, true);
    this.release(state);
    const last = this.edgeCount === this.firstEdges[id];
    if (last) this.fail('both sides wait, and nobody will end it');
  }

  /** All that a side can do next. @param pausing whether that is a step of its own */
  private go(state: Int32Array, which: 0 | 1, pausing: boolean): void {
    const side = this.sides[which];
    const id = state[which] ?? 0;
    const node = side.node(id);
    if (pausing) this.progress = 0;
    if (node.kind === LOAD) this.load(state, which, node);
    else if (node.kind === FENCE) {
      const next = this.copy(state);
      this.fence(next, which);
      this.say(which, node, 'sees its stores through');
      this.follow(next, which, side.outcomes(id, 0));
      this.release(next);
    } else this.wake(state, which, node);
  }

  private wake(state: Int32Array, which: 0 | 1, node: Node): void {
    const side = this.sides[which];
    const id = state[which] ?? 0;
    const bit = TOLD << which;
    if (((state[BITS] ?? 0) & bit) !== 0) {
      const next = this.copy(state);
      next[BITS] = (next[BITS] ?? 0) & ~bit;
      next[STALE + which] = 0;
      this.say(which, node, which === DRIVER ? 'is interrupted' : 'is notified');
      this.follow(next, which, side.outcomes(id, 0));
      this.release(next);
    }
    // of a waiting side, `cell` is how many things it can do by itself
    for (let own = 1; own <= node.cell; own += 1) {
      this.say(which, node, 'goes on by itself');
      this.follow(state, which, side.outcomes(id, own));
    }
  }

  /** A load can see what is in memory, what the other side has on its way there, and what was there before. */
  private load(state: Int32Array, which: 0 | 1, node: Node): void {
    const { cell, width } = node;
    const { memory } = this;
    const own = memory.entries(state[BUFFER + which] ?? 0);
    if (own.some((store) => memory.overlaps(store, cell, width))) {
      this.see(state, which, node, this.forwarded(state, own, cell, width), ', as it stored it');
      return;
    }
    const image = state[MEMORY] ?? 0;
    const stale = memory.entries(state[STALE + which] ?? 0);
    const relevant = stale.filter((store) => memory.overlaps(store, cell, width));
    this.look(state, which, node, '');
    for (const store of relevant) {
      const next = this.copy(state);
      const kept = stale.filter(
        (each, at) => at > stale.indexOf(store) || !memory.overlaps(each, cell, width),
      );
      next[STALE + which] = memory.bufferOf(kept);
      const value = memory.read(memory.write(image, store), cell, width);
      this.see(next, which, node, value, ', as it was before, for it looked early');
      this.release(next);
    }
    const other = BUFFER + 1 - which;
    const pending = memory.entries(state[other] ?? 0);
    for (const last of pending) {
      if (!memory.overlaps(last, cell, width)) continue;
      const next = this.copy(state);
      const left: number[] = [];
      for (const store of pending) {
        const early = pending.indexOf(store) <= pending.indexOf(last);
        if (early && memory.overlaps(store, cell, width))
          next[MEMORY] = memory.write(next[MEMORY] ?? 0, store);
        else left.push(store);
      }
      next[other] = memory.bufferOf(left);
      this.look(
        next,
        which,
        node,
        `, which comes before the fence of the ${SIDES[1 - which] ?? ''}`,
      );
      this.release(next);
    }
  }

  /** Sees what is in memory, and from now on nothing older. */
  private look(state: Int32Array, which: 0 | 1, node: Node, how: string): void {
    const { cell, width } = node;
    const { memory } = this;
    const next = this.copy(state);
    const stale = memory.entries(next[STALE + which] ?? 0);
    if (stale.length > 0) {
      const kept = stale.filter((store) => !memory.overlaps(store, cell, width));
      next[STALE + which] = memory.bufferOf(kept);
    }
    this.see(next, which, node, memory.read(next[MEMORY] ?? 0, cell, width), how);
    this.release(next);
  }

  private see(state: Int32Array, which: 0 | 1, node: Node, value: number, how: string): void {
    this.say(which, node, `sees ${this.cells.names[node.cell] ?? ''} = ${hex(value)}${how}`);
    this.follow(state, which, this.sides[which].outcomes(state[which] ?? 0, value));
  }

  private forwarded(
    state: Int32Array,
    own: readonly number[],
    cell: number,
    width: number,
  ): number {
    const { memory } = this;
    let image = state[MEMORY] ?? 0;
    for (const store of own) image = memory.write(image, store);
    return memory.read(image, cell, width);
  }

  private follow(state: Int32Array, which: 0 | 1, outcomes: readonly Outcome[]): void {
    const said = this.text.length;
    for (const outcome of outcomes) {
      const next = this.copy(state);
      const { progress } = this;
      if (this.apply(next, which, outcome)) {
        const { pauses } = this.sides[which].node(outcome.next);
        if (pauses) this.reach(next);
        else this.go(next, which, false);
      }
      this.progress = progress;
      this.text.length = said;
      this.release(next);
    }
    this.text.length = Math.max(0, said - 1);
  }

  /** What a side does. @returns false if something is wrong */
  private apply(state: Int32Array, which: 0 | 1, outcome: Outcome): boolean {
    const { memory } = this;
    for (const effect of outcome.effects) {
      if (effect >= 0) state[BUFFER + which] = memory.append(state[BUFFER + which] ?? 0, effect);
      else if (!this.happen(state, which, (-1 - effect) & 15, (-1 - effect) >> 4)) return false;
    }
    if (this.steps !== undefined) this.tell(outcome, which);
    if (outcome.violation !== undefined) {
      this.fail(outcome.violation);
      return false;
    }
    state[which] = outcome.next;
    return true;
  }

  private happen(state: Int32Array, which: 0 | 1, kind: number, argument: number): boolean {
    const bits = state[BITS] ?? 0;
    const queued = state[QUEUED] ?? 0;
    const count = (bits >> 2) & 15;
    const given = GIVEN_BIT << argument;
    switch (kind) {
      case BEGUN:
      case FENCED:
        state[STALE + which] = 0;
        return true;
      case LOOKED:
        state[BITS] = bits & ~(TOLD << which);
        return true;
      case NOTIFY:
        state[BITS] = bits | (TOLD << DEVICE);
        return true;
      case INTERRUPT:
        if (this.scope.driver !== 'polls') state[BITS] = bits | (TOLD << DRIVER);
        return true;
      case SUBMITTED:
        state[QUEUED] = queued | (argument << (3 * count));
        state[BITS] = bits + COUNT;
        return true;
      case TAKEN:
        if (count === 0 || (queued & 7) !== argument)
          return this.fail(wrongChain(argument, queued & 7, count));
        state[QUEUED] = queued >> 3;
        state[BITS] = bits - COUNT;
        return true;
      case GIVEN:
        state[BITS] = bits | given;
        return (bits & given) === 0 || this.fail(`chain ${argument} is given back twice`);
      case COLLECTED:
        state[BITS] = bits & ~given;
        this.progress = 1;
        return (
          (bits & given) !== 0 || this.fail(`chain ${argument} comes back, and was not given back`)
        );
      case KILLED:
        state[MEMORY] = this.memory.kill(state[MEMORY] ?? 0, argument);
        return true;
      default:
        throw new TypeError(`event ${kind}`);
    }
  }

  private fence(state: Int32Array, which: 0 | 1): void {
    const { memory } = this;
    const buffer = state[BUFFER + which] ?? 0;
    const other = 1 - which;
    const side = this.sides[other] ?? this.sides[0];
    const node = side.node(state[other] ?? 0);
    const hasty =
      node.kind === LOAD ? side.hasty.get(node.operation * 1024 + node.cell) : undefined;
    if (hasty !== undefined) this.remember(state, other, buffer, hasty);
    state[MEMORY] = memory.flush(state[MEMORY] ?? 0, buffer);
    state[BUFFER + which] = 0;
    state[STALE + which] = 0;
  }

  /** The other side may have looked already at what it looks at behind what it waits for. */
  private remember(
    state: Int32Array,
    other: number,
    buffer: number,
    hasty: ReadonlySet<number>,
  ): void {
    const { memory } = this;
    let image = state[MEMORY] ?? 0;
    for (const store of memory.entries(buffer)) {
      const after = memory.write(image, store);
      const first = memory.cellOf(store);
      for (let cell = first; cell < first + memory.widthOf(store); cell += 1) {
        const before = memory.read(image, cell, 1);
        if (!hasty.has(cell) || before === memory.read(after, cell, 1)) continue;
        const old = memory.storeOf(cell, 1, before);
        const stale = state[STALE + other] ?? 0;
        if (!memory.entries(stale).includes(old)) state[STALE + other] = memory.append(stale, old);
      }
      image = after;
    }
  }

  private reach(state: Int32Array): void {
    this.bringBack(state);
    if (this.eventIdx) this.forgetEvents(state);
    const { count } = this.states;
    const id = this.states.add(state);
    if (this.steps !== undefined) {
      this.steps.push({ text: this.text.join(''), target: id });
      return;
    }
    if (id === count) {
      if (id >= this.parents.length) this.parents = grown(this.parents);
      this.parents[id] = this.from + 1;
    }
    if (this.edgeCount >= this.edges.length) this.edges = grown(this.edges);
    this.edges[this.edgeCount] = id * 2 + this.progress;
    this.edgeCount += 1;
  }

  /** Split rings count for ever: what is a lap further is the same. */
  private bringBack(state: Int32Array): void {
    const { cells, memory, sides } = this;
    if (!sides[DRIVER].ahead(state[DRIVER] ?? 0)) return;
    const map = (index: number): number => sides[DRIVER].lapBefore(index);
    state[DRIVER] = sides[DRIVER].earlier(state[DRIVER] ?? 0);
    state[DEVICE] = sides[DEVICE].earlier(state[DEVICE] ?? 0);
    state[MEMORY] = memory.mapped(state[MEMORY] ?? 0, cells.indices, map);
    for (const place of [BUFFER, BUFFER + 1, STALE, STALE + 1]) {
      const stores = memory.entries(state[place] ?? 0).map((store) => {
        const cell = memory.cellOf(store);
        const isIndex = cells.indices.includes(cell);
        return isIndex ? memory.storeOf(cell, 1, map(memory.valueOf(store))) : store;
      });
      state[place] = memory.bufferOf(stores);
    }
  }

  /** An event that was passed before the last look at it is as good as any other such event. */
  private forgetEvents(state: Int32Array): void {
    const { memory, sides, cells } = this;
    const [driver, device] = sides;
    const driverId = state[DRIVER] ?? 0;
    const deviceId = state[DEVICE] ?? 0;
    let image = state[MEMORY] ?? 0;
    if (this.isPacked) {
      image = this.forgetPlace(image, cells.driverEvent, device.untold(deviceId));
      image = this.forgetPlace(image, cells.deviceEvent, driver.untold(driverId));
    } else {
      image = memory.forget(image, cells.driverEvent, device.asked(deviceId), this.passed);
      image = memory.forget(image, cells.deviceEvent, driver.usedIndex(driverId), this.passed);
    }
    state[MEMORY] = image;
  }

  /** On a packed ring a place that was passed would come again after two laps: it is kept behind. */
  private forgetPlace(image: number, cell: number, next: number): number {
    const { memory } = this;
    const { queueSize } = this.scope;
    const event = memory.read(image, cell, 1);
    const place = (event & 0x7fff) + (event >= 0x8000 ? 0 : queueSize);
    const ahead = (place - next + 4 * queueSize) % (2 * queueSize);
    if (ahead <= queueSize) return image;
    const behind = (next - 1) % (2 * queueSize);
    const value = behind < queueSize ? behind | 0x8000 : behind - queueSize;
    return memory.write(image, memory.storeOf(cell, 1, value));
  }

  /** From each state it must be possible that one more chain comes back. */
  private findStuck(expanded: number): void {
    const { states, edges, edgeCount, firstEdges } = this;
    const stuck = progressless({ states: states.count, expanded, edges, edgeCount, firstEdges });
    if (stuck < 0) return;
    this.from = stuck;
    this.violation = 'from here on no chain ever comes back';
  }

  private fail(what: string): false {
    this.violation ??= what;
    if (this.steps !== undefined) this.steps.push({ text: this.text.join(''), target: -1 });
    return false;
  }

  /** Goes the way to the violation once more, and says what is done. */
  private trace(): string[] {
    const way: number[] = [];
    for (let id = this.from; id >= 0; id = (this.parents[id] ?? 0) - 1) way.unshift(id);
    const stuck = this.violation?.startsWith('from here') === true;
    const lines: string[] = [];
    const state = new Int32Array(WIDTH);
    for (const [place, id] of way.entries()) {
      const next = way[place + 1] ?? -1;
      if (next < 0 && stuck) break;
      this.steps = [];
      this.states.read(id, state);
      this.go(state, DRIVER, true);
      this.go(state, DEVICE, true);
      // where both sides wait there is no last step
      const step = this.steps.find(({ target }) => target === next);
      if (step !== undefined) lines.push(step.text);
    }
    this.steps = undefined;
    return lines;
  }

  /** @param text what the side does; of what it does behind that, only what is unexpected */
  private say(which: 0 | 1, node: Node, text: string): void {
    if (this.steps === undefined) return;
    const side: Side = this.sides[which];
    const begin = `${SIDES[which] ?? ''}, ${side.describe(node.operation)}: ${text}`;
    const other = text.includes(', ') ? `, ${text}` : '';
    this.text.push(this.text.length === 0 ? begin : other);
  }

  private tell(outcome: Outcome, which: 0 | 1): void {
    const names = new Set<string>();
    for (const effect of outcome.effects) {
      const name =
        effect >= 0
          ? this.nameStore(effect)
          : nameEvent((-1 - effect) & 15, (-1 - effect) >> 4, which);
      if (name !== '') names.add(name);
    }
    this.text.push(names.size > 0 ? `; ${[...names].join(', ')}` : '');
  }

  private nameStore(store: number): string {
    const { memory, cells } = this;
    const cell = memory.cellOf(store);
    const name = cells.names[cell] ?? '';
    const isSignal = cells.signals[cell] === true || memory.widthOf(store) === 1;
    return isSignal
      ? `stores ${name} = ${hex(memory.valueOf(store))}`
      : `stores ${name.split('.')[0] ?? ''}`;
  }

  private copy(state: Int32Array): Int32Array {
    const copy = this.take();
    copy.set(state);
    return copy;
  }

  private take(): Int32Array {
    return this.pool.pop() ?? new Int32Array(WIDTH);
  }

  private release(state: Int32Array): void {
    this.pool.push(state);
  }
}

/** Explores a scope; anew if it is found out only then which loads can overtake others. */
export function explore(scope: Scope, sides: BothSides): Explored {
  let explorer = new Explorer(scope, sides);
  for (;;) {
    const explored = explorer.explore();
    if (explorer.learned === 0 || explored.violation !== undefined) return explored;
    const again = new Explorer(scope, sides);
    again.adopt(explorer);
    explorer = again;
  }
}

function wrongChain(taken: number, next: number, count: number): string {
  const expected = count === 0 ? 'none is there' : `chain ${next} is next`;
  return `the device takes chain ${taken}, and ${expected}`;
}

function nameEvent(kind: number, argument: number, which: number): string {
  switch (kind) {
    case NOTIFY:
      return 'notifies';
    case INTERRUPT:
      return 'interrupts';
    case SUBMITTED:
      return `submits chain ${argument}`;
    case TAKEN:
      return `takes chain ${argument}`;
    case GIVEN:
      return `gives chain ${argument} back`;
    case COLLECTED:
      return `collects chain ${argument}`;
    default:
      return which < 0 ? '?' : '';
  }
}

function hex(value: number): string {
  return value < 10 ? String(value) : `0x${value.toString(16)}`;
}
