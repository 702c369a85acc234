import type { Measurement } from './figure.ts';
import { median } from './measure.ts';

const ROUNDS = 9;

/** How the cost of an operation grows with what is already there. */
export interface Growth {
  /** The smallest size; it is measured at ten and a hundred times as much, too. */
  readonly size: number;
  /** What there are so many of, in the plural. */
  readonly of: string;
  /** What the operation has to list or to search however little it wants, or why it need not. */
  readonly mustDo: string;
  /**
   * Makes a world of that size, and returns a round of operations, which says how many they were and
   * how long they took, in milliseconds.
   */
  readonly world: (
    size: number,
  ) => () => { readonly operations: number; readonly duration: number };
}

/** The cost at one, ten and a hundred times the size; the ratio is that of a hundred to one. */
export function measureGrowth({ size, of, mustDo, world }: Growth): Measurement {
  // First a world that nobody measures: what V8 has not compiled yet must not count.
  for (const round of [world(size), world(10 * size)]) round();
  const costs = [1, 10, 100].map((factor) => {
    const round = world(factor * size);
    round();
    const each = Array.from({ length: ROUNDS }, () => {
      const { operations, duration } = round();
      return (duration * 1e6) / operations;
    });
    return { size: factor * size, cost: median(each) };
  });
  const [base, , hundredfold] = costs;
  if (base === undefined || hundredfold === undefined) throw new RangeError('three sizes');
  return {
    value: 1e9 / base.cost,
    unit: '1/s',
    ratio: hundredfold.cost / base.cost,
    notes: [
      ...costs.map((one) => `${one.size} ${of}: ${one.cost.toFixed(0)} ns each`),
      `what it must do: ${mustDo}`,
    ],
  };
}
