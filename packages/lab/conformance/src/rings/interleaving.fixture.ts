import type { virtioQueueInit } from '@dxelab/virtio-lib';
import type { MakeVirtqueue } from './device-side.fixture.ts';
import { DeviceSide } from './device-side.fixture.ts';
import { DriverSide } from './driver-side.fixture.ts';
import { dataAddress, QUEUE_BASE, RAM_SIZE } from './layout.fixture.ts';
import { hex, Narrator, SIDES } from './narrator.fixture.ts';
import { RingCells } from './ring-cells.fixture.ts';
import type { Scope } from './scope.fixture.ts';
import { packed, tableLength } from './scope.fixture.ts';
import type { Node, Outcome } from './side.fixture.ts';
import * as kinds from './side.fixture.ts';
import * as places from './joint-state.fixture.ts';
import { Sameness } from './joint-state.fixture.ts';
import { WeakMemory } from './weak-memory.fixture.ts';

/** The two sides of a queue: those that are shipped, or copies with a mistake. */
export interface BothSides {
  readonly virtioQueueInit: typeof virtioQueueInit;
  readonly makeVirtqueue: MakeVirtqueue;
}

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

const { BITS, BUFFER, DEVICE, DRIVER, MEMORY, QUEUED, STALE, WIDTH } = places;

// Of the rest: who is told of something, how many chains wait to be taken, and which were given back.
const TOLD = 1;
const COUNT = 4;
const GIVEN_BIT = 64;

/**
 * A driver and a device at one queue: what each of them can do next in a state, and which state is then.
 *
 * Two things are left out, because they cannot matter. Data is looked at, and seen through by a fence, with no
 * step between: whoever does it without a signal that allows it sees what it must not in other orders, too,
 * for every load can see each of the stores that are on their way. And a load that overtakes another one
 * needs that the other waits: what it could have seen is kept only while it waits, for the cells that the
 * code does look at behind it with no fence between (`Side.hasty`).
 */
export abstract class Interleaving {
  protected readonly scope: Scope;
  protected readonly narrator: Narrator;
  /** Whether a chain has come back in this step. */
  protected progress = 0;
  private readonly sides: readonly [DriverSide, DeviceSide];
  private readonly cells: RingCells;
  private readonly memory: WeakMemory;
  private readonly ram: DataView;
  private readonly sameness: Sameness;
  private readonly pool: Int32Array[] = [];

  constructor(scope: Scope, { virtioQueueInit: init, makeVirtqueue }: BothSides) {
    const { queueSize, everyAccess } = scope;
    this.scope = scope;
    this.ram = new DataView(new ArrayBuffer(RAM_SIZE));
    const options = { ram: this.ram, queueSize, everyAccess };
    const driver = new DriverSide(scope, options, init);
    const device = new DeviceSide(scope, options, driver.areas, makeVirtqueue);
    this.sides = [driver, device];
    this.cells = new RingCells({
      packed: packed(scope),
      size: queueSize,
      desc: driver.areas.descriptor,
      driver: driver.areas.driver,
      device: driver.areas.device,
      tables: QUEUE_BASE + (packed(scope) ? 0x1000 : 0x2000),
      tableLength: tableLength(scope),
      data: dataAddress(0),
      tokens: queueSize,
    });
    this.memory = new WeakMemory(this.cells.count);
    this.sameness = new Sameness(scope, this.sides, this.cells, this.memory);
    this.narrator = new Narrator(this.sides, this.cells, this.memory);
  }

  /** How often a load was found to be overtaken by another one: then states before it may lack something. */
  get learned(): number {
    return this.sides[DRIVER].learned + this.sides[DEVICE].learned;
  }

  /** What another exploration of the same sides has learned. */
  adopt({ sides }: Interleaving): void {
    this.sides[DRIVER].adopt(sides[DRIVER]);
    this.sides[DEVICE].adopt(sides[DEVICE]);
  }

  /** A step leads to this state. */
  protected abstract reach(state: Int32Array): void;
  /** A step shows a mistake. @returns false */
  protected abstract fail(what: string): false;

  /** The states in which the two can begin. */
  protected begin(): void {
    const { cells, memory, sides, ram } = this;
    const image = new Int32Array(cells.count);
    for (const [address, cell] of cells.places) image[cell] = ram.getUint16(address, true);
    const state = new Int32Array(WIDTH);
    state[MEMORY] = memory.image(image);
    const devices = sides[DEVICE].begin(cells, memory);
    for (const driver of sides[DRIVER].begin(cells, memory)) {
      for (const device of devices) {
        const both = this.copy(state);
        if (this.apply(both, DRIVER, driver) && this.apply(both, DEVICE, device)) {
          this.reachFrom(both);
        }
      }
    }
  }

  /** All that a side can do next. @param pausing whether that is a step of its own */
  protected go(state: Int32Array, which: 0 | 1, pausing: boolean): void {
    const side = this.sides[which];
    const id = state[which] ?? 0;
    const node = side.node(id);
    if (pausing) this.progress = 0;
    if (node.kind === LOAD) this.load(state, which, node);
    else if (node.kind === FENCE) {
      const next = this.copy(state);
      this.fence(next, which);
      this.narrator.say(which, node, 'sees its stores through');
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
      this.narrator.say(which, node, which === DRIVER ? 'is interrupted' : 'is notified');
      this.follow(next, which, side.outcomes(id, 0));
      this.release(next);
    }
    // of a waiting side, `cell` is how many things it can do by itself
    for (let own = 1; own <= node.cell; own += 1) {
      this.narrator.say(which, node, 'goes on by itself');
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
    this.narrator.say(
      which,
      node,
      `sees ${this.cells.names[node.cell] ?? ''} = ${hex(value)}${how}`,
    );
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
    const { text } = this.narrator;
    const said = text.length;
    for (const outcome of outcomes) {
      const next = this.copy(state);
      const { progress } = this;
      if (this.apply(next, which, outcome)) {
        const { pauses } = this.sides[which].node(outcome.next);
        if (pauses) this.reachFrom(next);
        else this.go(next, which, false);
      }
      this.progress = progress;
      text.length = said;
      this.release(next);
    }
    text.length = Math.max(0, said - 1);
  }

  /** What a side does. @returns false if something is wrong */
  private apply(state: Int32Array, which: 0 | 1, outcome: Outcome): boolean {
    const { memory } = this;
    for (const effect of outcome.effects) {
      if (effect >= 0) state[BUFFER + which] = memory.append(state[BUFFER + which] ?? 0, effect);
      else if (!this.happen(state, which, (-1 - effect) & 15, (-1 - effect) >> 4)) return false;
    }
    this.narrator.tell(outcome);
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

  private reachFrom(state: Int32Array): void {
    this.sameness.reduce(state);
    this.reach(state);
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

function wrongChain(taken: number, next: number, count: number): string {
  const expected = count === 0 ? 'none is there' : `chain ${next} is next`;
  return `the device takes chain ${taken}, and ${expected}`;
}
