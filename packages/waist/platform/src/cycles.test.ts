import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACCESS_COST, Cycles } from './cycles.ts';

test('whoever waits is asked before the first access at or after the time that is due, and not before', () => {
  const asked: number[] = [];
  const cycles: Cycles = new Cycles(() => {
    asked.push(cycles.now);
    cycles.due = Infinity;
  });
  cycles.due = 2 * ACCESS_COST + 1;
  cycles.access();
  cycles.access();
  expect(asked).toEqual([]);
  cycles.access();
  cycles.access();
  expect(asked).toEqual([3 * ACCESS_COST]);
  cycles.due = cycles.now + 500;
  cycles.spend(500);
  expect(asked).toHaveLength(2);
  expect(cycles.accesses).toBe(4);
});

test('a dead world asks before every access', () => {
  let asked = 0;
  const cycles = new Cycles(() => asked++);
  cycles.due = -Infinity;
  for (let access = 0; access < 3; access++) cycles.access();
  cycles.spend(1);
  expect(asked).toBe(4);
});

/** What `Cycles` promises, said in the plainest way: the three figures, and a comparison each time. */
class PlainCycles {
  now = 0;
  due = Infinity;
  accesses = 0;
  readonly #reached: () => void;

  constructor(reached: () => void) {
    this.#reached = reached;
  }

  access(): void {
    this.accesses++;
    this.spend(ACCESS_COST);
  }

  spend(nanoseconds: number): void {
    this.now += nanoseconds;
    if (this.now >= this.due) this.#reached();
  }
}

type Step = readonly [what: 'access' | 'spend' | 'due' | 'jump', amount: number];

/** Everything that could be seen while the steps are taken; who is asked wants to be asked again. */
function history(make: (reached: () => void) => Cycles | PlainCycles, steps: readonly Step[]) {
  const seen: string[] = [];
  const cycles = make(() => {
    seen.push(`asked at ${cycles.now}, ${cycles.accesses} accesses`);
    cycles.due = cycles.now + 7 * ACCESS_COST + 3;
  });
  for (const [what, amount] of steps) {
    if (what === 'spend') cycles.spend(amount);
    else if (what === 'due') cycles.due = cycles.now + amount;
    else if (what === 'jump') cycles.now += amount;
    else for (let count = 0; count < amount; count++) cycles.access();
    seen.push(`${what}: ${cycles.now} of ${cycles.due}, ${cycles.accesses} accesses`);
  }
  return seen;
}

test('to count down is to compare at each access', () => {
  const step = fc.tuple(
    fc.constantFrom('access', 'access', 'spend', 'due', 'jump'),
    fc.nat({ max: 130 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps: readonly Step[]) => {
      expect(history((reached) => new Cycles(reached), steps)).toEqual(
        history((reached) => new PlainCycles(reached), steps),
      );
    }),
  );
});
