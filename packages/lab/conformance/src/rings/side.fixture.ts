import { firstIndex } from './layout.fixture.ts';
import type { RingCells } from './ring-cells.fixture.ts';
import type { Snapshot } from './snapshot.fixture.ts';
import type { WeakMemory } from './weak-memory.fixture.ts';

/** What a side waits to do: look at memory, see its stores through, or be told of something. */
export const LOAD = 0;
export const FENCE = 1;
export const WAIT = 2;

// What happens besides stores, as -1 - kind - 16 * argument.
export const FENCED = 0;
export const NOTIFY = 1;
export const INTERRUPT = 2;
export const SUBMITTED = 3;
export const TAKEN = 4;
export const GIVEN = 5;
export const COLLECTED = 6;
export const KILLED = 7;
/** A method of the queue begins. */
export const BEGUN = 8;
/** A side looks: whatever it was told of before is served by that. */
export const LOOKED = 9;

export function event(kind: number, argument = 0): number {
  return -1 - kind - 16 * argument;
}

// What was stored since the last fence, if anything.
const STORED = 1;
const SIGNALLED = 2;

export class Violation extends Error {}

/** Thrown into the code under test where it has to wait for what the other side does. */
const PAUSE = new Error('paused');

/** Where a side stands: it has begun `operation` in `state`, has had `inputs`, and wants to do `kind`. */
export interface Node {
  readonly state: number;
  readonly operation: number;
  readonly inputs: readonly number[];
  /** From which cell each input is; -1: from none. */
  readonly sources: readonly number[];
  readonly kind: number;
  /** What it wants to load; of a WAIT, how many things it can do of its own. */
  readonly cell: number;
  readonly width: number;
  /** Whether the other side may do something before it. */
  readonly pauses: boolean;
  readonly outcomes: Map<number, readonly Outcome[]>;
}

/** What a side does next: stores and events in their order, and where it stands then. */
export interface Outcome {
  readonly next: number;
  readonly effects: Int32Array;
  /** What the side did wrong, or saw going wrong. */
  readonly violation: string | undefined;
}

export interface SideOptions {
  /** Memory before anything is explored: what is set up is there at once. */
  readonly ram: DataView;
  readonly queueSize: number;
  /** Whether each access is a point at which the other side may go on, not only those to signals. */
  readonly everyAccess: boolean;
}

/** What there is as soon as both sides are set up. */
interface World {
  readonly cells: RingCells;
  readonly memory: WeakMemory;
  readonly snapshot: Snapshot;
}

/**
 * One side of a queue, and the real code of it, as an automaton: where it can stand, and what it does there
 * for each thing that it can see. The code runs once for each, and what it does then is remembered. So
 * everything that it can do together with the other side is found by looking up.
 *
 * The code is interrupted by an exception where it looks at memory, and is run again from the beginning of
 * the method, with what it has seen so far, when it goes on.
 */
export abstract class Side {
  readonly nodes: Node[] = [];
  /** Of a load: which cells are looked at behind it with no fence between. A processor may look there first. */
  readonly hasty = new Map<number, Set<number>>();
  /** Grows with `hasty`. */
  learned = 0;
  /** What the program around the queue remembers; what was stored since the last fence is at 0. */
  protected readonly own: Int32Array = new Int32Array(32);
  private readonly options: SideOptions;
  private world: World | undefined;
  private readonly states: Int32Array[] = [];
  private readonly stateIds = new Map<string, number>();
  private readonly earlierIds = new Map<number, number>();
  private readonly nodeIds = new Map<string, number>();
  private inputs: readonly number[] = [];
  private sources: number[] = [];
  private at = 0;
  private effects: number[] = [];
  private readonly paused = { kind: 0, cell: 0, width: 0, pauses: true };
  private loads: number[] = [];
  private operation = 0;

  constructor(options: SideOptions) {
    this.options = options;
  }

  /** Takes over what another exploration has learned. */
  adopt({ hasty }: Side): void {
    for (const [load, cells] of hasty) {
      this.hasty.set(load, new Set([...cells, ...(this.hasty.get(load) ?? [])]));
    }
    this.learned = 0;
  }

  /** The nodes at which the side can begin. */
  begin(cells: RingCells, memory: WeakMemory): readonly Outcome[] {
    const snapshot = this.watch();
    this.world = { cells, memory, snapshot };
    const results: Outcome[] = [];
    this.end([], results);
    return results;
  }

  node(id: number): Node {
    const node = this.nodes[id];
    if (node === undefined) throw new RangeError(`there is no node ${id}`);
    return node;
  }

  /** What the side does if it sees `input`: more than one thing if its program can choose. */
  outcomes(id: number, input: number): readonly Outcome[] {
    const node = this.node(id);
    const known = node.outcomes.get(input);
    if (known !== undefined) return known;
    const results: Outcome[] = [];
    this.run(node.state, node.operation, [...node.inputs, input], [], results);
    node.outcomes.set(input, results);
    return results;
  }

  /** The same node a lap of the ring earlier: the code knows indices by remainders and differences only. */
  earlier(id: number): number {
    const known = this.earlierIds.get(id);
    if (known !== undefined) return known;
    const node = this.node(id);
    const state = Int32Array.from(this.stateOf(node.state));
    for (const place of this.indexPlaces()) state[place] = this.lapBefore(state[place] ?? 0);
    const inputs = node.inputs.map((value, at) =>
      this.explored.cells.indices.includes(node.sources[at] ?? -1) ? this.lapBefore(value) : value,
    );
    const result = this.intern({ ...node, state: this.stateId(state), inputs });
    this.earlierIds.set(id, result);
    return result;
  }

  /**
   * The same index a lap earlier. An event that is two laps behind stays there: it is neither passed again
   * before the indices come round, nor does it differ from one that is further behind.
   */
  lapBefore(index: number): number {
    const { queueSize } = this.options;
    const behind = (firstIndex(queueSize) - index) & 0xffff;
    const isOld = behind > 2 * queueSize && behind < 0x8000;
    return isOld ? index : (index - queueSize) & 0xffff;
  }

  /** What is done in `operation`, for traces. */
  abstract describe(operation: number): string;
  /** What the program can do next. */
  protected abstract choices(): readonly number[];
  protected abstract perform(operation: number): void;
  /** Checks what must hold between two methods, and forgets what nobody will read any more. */
  protected abstract settle(): void;
  /** All that the side remembers. */
  protected abstract watch(): Snapshot;
  /** Where in a snapshot free-running indices are. */
  protected abstract indexPlaces(): readonly number[];

  protected get explored(): World {
    if (this.world === undefined) throw new TypeError('nothing is explored yet');
    return this.world;
  }

  protected stateOf(id: number): Int32Array {
    return this.states[id] ?? new Int32Array(0);
  }

  protected demand(condition: boolean, what: string): void {
    if (!condition) throw new Violation(what);
  }

  protected emit(kind: number, argument = 0): void {
    this.effects.push(event(kind, argument));
  }

  /** Waits until it is told. @param own how many things it can do meanwhile @returns 0, or which of them */
  protected wait(own: number): number {
    if (this.own[0] !== 0) this.fence();
    this.loads = [];
    return this.input(WAIT, own, 1, true);
  }

  /** @param address in memory @param bytes 2 or 4 */
  protected load(address: number, bytes: number): number {
    if (this.world === undefined) {
      const { ram } = this.options;
      return bytes === 2 ? ram.getUint16(address, true) : ram.getUint32(address, true);
    }
    const cell = this.cellAt(address, bytes);
    const width = bytes >> 1;
    this.noteHaste(cell, width);
    const pauses = this.options.everyAccess || this.world.cells.signals[cell] === true;
    const value = this.input(LOAD, cell, width, pauses);
    if (pauses) this.loads.push(this.operation * 1024 + cell);
    return value;
  }

  protected store(address: number, bytes: number, value: number): void {
    if (this.world === undefined) {
      const { ram } = this.options;
      if (bytes === 2) ram.setUint16(address, value, true);
      else ram.setUint32(address, value, true);
      return;
    }
    const cell = this.cellAt(address, bytes);
    this.effects.push(this.world.memory.storeOf(cell, bytes >> 1, value));
    const isSignal = this.options.everyAccess || this.world.cells.signals[cell] === true;
    // of 32 bits the second half may be one: the flags of a packed descriptor
    const isHalf = bytes === 4 && this.world.cells.signals[cell + 1] === true;
    this.own[0] = isSignal || isHalf || this.own[0] === SIGNALLED ? SIGNALLED : STORED;
  }

  protected fence(): void {
    if (this.world === undefined) return;
    // nobody looks for data before a signal says so: to see them through is no step of its own
    if (this.own[0] !== 0) this.input(FENCE, 0, 0, this.own[0] === SIGNALLED);
    else this.emit(FENCED);
    this.own[0] = 0;
    this.loads = [];
  }

  /** Interns what the objects hold now. */
  protected stateNow(): number {
    const { snapshot } = this.explored;
    const state = new Int32Array(snapshot.length);
    snapshot.take(state);
    return this.stateId(state);
  }

  protected stateId(state: Int32Array): number {
    const key = state.join();
    const known = this.stateIds.get(key) ?? this.states.length;
    if (known === this.states.length) {
      this.states.push(state);
      this.stateIds.set(key, known);
    }
    return known;
  }

  /** The cells that nobody but the chain's owner looks at. */
  protected dataCells(addresses: readonly number[]): number {
    const { cells, memory } = this.explored;
    const data = addresses.map((address) => cells.at(address));
    return memory.setOf(data.filter((cell) => cells.signals[cell] === false));
  }

  /** A field of a snapshot, as it was when the operation of a node began. */
  protected fieldAt(id: number, place: number | undefined): number {
    return place === undefined ? 0 : (this.stateOf(this.node(id).state)[place] ?? 0);
  }

  /** @returns the number of a node */
  protected intern(node: Omit<Node, 'outcomes'>): number {
    const key = `${node.state}:${node.operation}:${node.inputs.join()}`;
    const known = this.nodeIds.get(key) ?? this.nodes.length;
    if (known === this.nodes.length) {
      this.nodes.push({ ...node, outcomes: new Map() });
      this.nodeIds.set(key, known);
    }
    return known;
  }

  private cellAt(address: number, bytes: number): number {
    const { cells } = this.explored;
    const cell = cells.at(address);
    const end = bytes === 4 ? cells.at(address + 2) : cell;
    this.demand(cell >= 0 && end >= 0, `reaches 0x${address.toString(16)}, where nothing is`);
    return cell;
  }

  private noteHaste(cell: number, width: number): void {
    for (const earlier of this.loads) {
      const cells = this.hasty.get(earlier) ?? new Set();
      const { size } = cells;
      for (let at = cell; at < cell + width; at += 1) cells.add(at);
      this.hasty.set(earlier, cells);
      this.learned += cells.size - size;
    }
  }

  private input(kind: number, cell: number, width: number, pauses: boolean): number {
    const { inputs } = this;
    if (this.at < inputs.length) {
      const value = inputs[this.at] ?? 0;
      this.at += 1;
      this.sources.push(kind === LOAD ? cell : -1);
      // what came before was done when this was waited for
      if (this.at === inputs.length) this.effects = [];
      return value;
    }
    Object.assign(this.paused, { kind, cell, width, pauses });
    throw PAUSE;
  }

  private run(
    state: number,
    operation: number,
    inputs: readonly number[],
    before: readonly number[],
    results: Outcome[],
  ): void {
    this.explored.snapshot.put(this.stateOf(state));
    this.inputs = inputs;
    this.sources = [];
    this.at = 0;
    this.effects = [];
    this.loads = [];
    this.operation = operation;
    try {
      this.perform(operation);
      this.settle();
    } catch (caught) {
      const effects = Int32Array.from([...before, ...this.effects]);
      if (caught === PAUSE) {
        const { sources, paused } = this;
        const next = this.intern({ state, operation, inputs, sources, ...paused });
        results.push({ next, effects, violation: undefined });
        return;
      }
      const violation = caught instanceof Error ? caught.message : String(caught);
      results.push({ next: -1, effects, violation });
      return;
    }
    this.end([...before, ...this.effects], results);
  }

  private end(before: readonly number[], results: Outcome[]): void {
    const state = this.stateNow();
    const effects = [...before, event(BEGUN)];
    for (const choice of this.choices()) this.run(state, choice, [], effects, results);
  }
}
