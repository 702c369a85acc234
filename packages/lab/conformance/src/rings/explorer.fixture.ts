import type { BothSides } from './interleaving.fixture.ts';
import { Interleaving } from './interleaving.fixture.ts';
import { DEVICE, DRIVER, WIDTH } from './joint-state.fixture.ts';
import { progressless } from './progress.fixture.ts';
import type { Scope } from './scope.fixture.ts';
import { grown, TupleTable } from './tuple-table.fixture.ts';

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

/**
 * Goes through every state that a driver and a device can come to together, the nearest ones first, so that
 * the way to what is wrong is the shortest.
 */
export class Explorer extends Interleaving {
  private readonly states = new TupleTable(WIDTH);
  private readonly state: Int32Array = new Int32Array(WIDTH);
  private parents: Int32Array = new Int32Array(1024);
  /** By state where its edges begin; an edge is a state, and whether a chain came back on the way. */
  private firstEdges: Int32Array = new Int32Array(1024);
  private edges: Int32Array = new Int32Array(4096);
  private edgeCount = 0;
  private violation: string | undefined;
  /** The state that is looked at, and in the end the one in which something is wrong. */
  private from = -1;
  /** At a replay: where the steps from it lead. */
  private steps: { text: string; target: number }[] = [];

  constructor(scope: Scope, sides: BothSides) {
    super(scope, sides);
    this.begin();
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

  protected override reach(state: Int32Array): void {
    const { count } = this.states;
    const id = this.states.add(state);
    if (this.narrator.isListenedTo) {
      this.steps.push({ text: this.narrator.step, target: id });
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

  protected override fail(what: string): false {
    this.violation ??= what;
    if (this.narrator.isListenedTo) this.steps.push({ text: this.narrator.step, target: -1 });
    return false;
  }

  private expand(id: number): void {
    if (id >= this.firstEdges.length) this.firstEdges = grown(this.firstEdges);
    this.firstEdges[id] = this.edgeCount;
    this.goOn(id);
    const isLast = this.edgeCount === this.firstEdges[id];
    if (isLast) this.fail('both sides wait, and nobody will end it');
  }

  private goOn(id: number): void {
    this.states.read(id, this.state);
    this.go(this.state, DRIVER, true);
    this.go(this.state, DEVICE, true);
  }

  /** From each state it must be possible that one more chain comes back. */
  private findStuck(expanded: number): void {
    const { states, edges, edgeCount, firstEdges } = this;
    const stuck = progressless({ states: states.count, expanded, edges, edgeCount, firstEdges });
    if (stuck < 0) return;
    this.from = stuck;
    this.violation = 'from here on no chain ever comes back';
  }

  /** Goes the way to the violation once more, and says what is done. */
  private trace(): string[] {
    const way: number[] = [];
    for (let id = this.from; id >= 0; id = (this.parents[id] ?? 0) - 1) way.unshift(id);
    const stuck = this.violation?.startsWith('from here') === true;
    const lines: string[] = [];
    this.narrator.isListenedTo = true;
    for (const [place, id] of way.entries()) {
      const next = way[place + 1] ?? -1;
      if (next < 0 && stuck) break;
      this.steps = [];
      this.goOn(id);
      // where both sides wait there is no last step
      const step = this.steps.find(({ target }) => target === next);
      if (step !== undefined) lines.push(step.text);
    }
    return lines;
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
