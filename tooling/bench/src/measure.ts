/** One run of a workload: how many operations it did and how long that took. */
export interface Run {
  readonly operations: number;
  /** In milliseconds. */
  readonly duration: number;
}

/** Runs `batch` until `duration` milliseconds are over. @param batch returns how many operations it did */
export function run(batch: () => number, duration: number): Run {
  const start = performance.now();
  let operations = 0;
  let elapsed = 0;
  while (elapsed < duration) {
    operations += batch();
    elapsed = performance.now() - start;
  }
  return { operations, duration: elapsed };
}

/** Operations a second. */
export function rate({ operations, duration }: Run): number {
  return (operations * 1000) / duration;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('the median of nothing');
  return middle;
}

/** What came of running two workloads in turn. */
export interface Comparison {
  /** Operations a second, median. */
  readonly rate: number;
  /** Of the second workload. */
  readonly baseline: number;
  /** Median of the ratios, pair by pair: the machine's speed drifts, but within a pair hardly. */
  readonly ratio: number;
}

/** Runs two workloads in turn, after a warm-up of both, and compares their rates pair by pair. */
export function compare(
  workload: () => number,
  baseline: () => number,
  { rounds = 9, duration = 250, warmUp = 500 } = {},
): Comparison {
  run(workload, warmUp);
  run(baseline, warmUp);
  const pairs = Array.from({ length: rounds }, () => ({
    rate: rate(run(workload, duration)),
    baseline: rate(run(baseline, duration)),
  }));
  return {
    rate: median(pairs.map((pair) => pair.rate)),
    baseline: median(pairs.map((pair) => pair.baseline)),
    ratio: median(pairs.map((pair) => pair.rate / pair.baseline)),
  };
}
