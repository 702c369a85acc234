/** One run of a workload: how many operations it did and how long that took. */
interface Run {
  readonly operations: number;
  /** In milliseconds. */
  readonly duration: number;
}

/** Runs `batch` until `duration` milliseconds are over. @param batch returns how many operations it did */
function run(batch: () => number, duration: number): Run {
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
function rate({ operations, duration }: Run): number {
  return (operations * 1000) / duration;
}

/** The value in the middle, by what `key` says of each. */
export function medianBy<Value>(values: readonly Value[], key: (value: Value) => number): Value {
  const sorted = values.toSorted((left, right) => key(left) - key(right));
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('the median of nothing');
  return middle;
}

export function median(values: readonly number[]): number {
  return medianBy(values, (value) => value);
}

/** How long `body` takes, in milliseconds. */
export function timed(body: () => void): number {
  const start = performance.now();
  body();
  return performance.now() - start;
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

/**
 * Runs two workloads in turn, after a warm-up of both, and compares their rates pair by pair. A pair is
 * short, so that whoever else uses the machine disturbs whole pairs and not one half of many.
 * Durations are in milliseconds.
 */
export function compare(
  workload: () => number,
  baseline: () => number,
  { rounds = 61, duration = 15, warmUp = 600 } = {},
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
