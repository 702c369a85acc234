import type { RingCells } from './ring-cells.fixture.ts';
import type { Node, Outcome, Side } from './side.fixture.ts';
import { COLLECTED, GIVEN, INTERRUPT, NOTIFY, SUBMITTED, TAKEN } from './side.fixture.ts';
import type { WeakMemory } from './weak-memory.fixture.ts';

export const SIDES: readonly string[] = ['driver', 'device'];

/** Says what is done in a step, for whoever follows the way to a mistake. */
export class Narrator {
  /** Only then is anything said: it takes time. */
  isListenedTo = false;
  /** What was said so far: it is cut where something else is tried. */
  readonly text: string[] = [];
  private readonly sides: readonly Side[];
  private readonly cells: RingCells;
  private readonly memory: WeakMemory;

  constructor(sides: readonly Side[], cells: RingCells, memory: WeakMemory) {
    this.sides = sides;
    this.cells = cells;
    this.memory = memory;
  }

  get step(): string {
    return this.text.join('');
  }

  /** @param text what the side does; of what it does behind that, only what is unexpected */
  say(which: 0 | 1, node: Node, text: string): void {
    if (!this.isListenedTo) return;
    const operation = this.sides[which]?.describe(node.operation) ?? '';
    const begin = `${SIDES[which] ?? ''}, ${operation}: ${text}`;
    const other = text.includes(', ') ? `, ${text}` : '';
    this.text.push(this.text.length === 0 ? begin : other);
  }

  tell(outcome: Outcome): void {
    if (!this.isListenedTo) return;
    const names = new Set<string>();
    for (const effect of outcome.effects) {
      const name =
        effect >= 0 ? this.nameStore(effect) : nameEvent((-1 - effect) & 15, (-1 - effect) >> 4);
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
}

function nameEvent(kind: number, argument: number): string {
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
      return '';
  }
}

export function hex(value: number): string {
  return value < 10 ? String(value) : `0x${value.toString(16)}`;
}
