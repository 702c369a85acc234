/** Clusters that follow each other on the medium. */
export interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

/**
 * The clusters of a chain as runs, built once, so that reading does not ask the FAT again. `seek` leaves
 * its answer in fields: reading a file allocates nothing per cluster.
 */
export class ExtentList {
  /** How many clusters come before each run; ascending. */
  readonly #before: number[] = [];
  readonly #first: number[] = [];
  readonly #count: number[] = [];
  #total = 0;
  #run = 0;

  /** Where `seek` went. */
  cluster = 0;
  /** How many clusters follow each other from there on, itself included. */
  left = 0;

  /** In clusters. */
  get total(): number {
    return this.#total;
  }

  /** The number of the last cluster; 0 if there is none. */
  get last(): number {
    const run = this.#first.length - 1;
    return run < 0 ? 0 : this.#firstOf(run) + this.#countOf(run) - 1;
  }

  append(first: number, count: number): void {
    const run = this.#first.length - 1;
    if (run >= 0 && this.last + 1 === first) {
      this.#count[run] = this.#countOf(run) + count;
    } else {
      this.#before.push(this.#total);
      this.#first.push(first);
      this.#count.push(count);
    }
    this.#total += count;
  }

  /** Goes to the cluster with this index in the chain, which must be less than `total`. */
  seek(index: number): void {
    let run = this.#run;
    if (!this.#holds(run, index)) {
      // The usual way is forwards, to the next run.
      run = this.#holds(run + 1, index) ? run + 1 : this.#search(index);
      this.#run = run;
    }
    const within = index - (this.#before[run] ?? 0);
    this.cluster = this.#firstOf(run) + within;
    this.left = this.#countOf(run) - within;
  }

  /** Keeps the first `total` clusters and returns the others. */
  cut(total: number): ClusterRun[] {
    const removed: ClusterRun[] = [];
    while (this.#total > total) {
      const run = this.#first.length - 1;
      const before = this.#before[run] ?? 0;
      const kept = Math.max(total - before, 0);
      const gone = this.#countOf(run) - kept;
      removed.unshift({ first: this.#firstOf(run) + kept, count: gone });
      this.#total -= gone;
      this.#count[run] = kept;
      if (kept === 0) {
        this.#before.pop();
        this.#first.pop();
        this.#count.pop();
      }
    }
    return removed;
  }

  #holds(run: number, index: number): boolean {
    const before = this.#before[run];
    return before !== undefined && index >= before && index < before + this.#countOf(run);
  }

  #search(index: number): number {
    let low = 0;
    let high = this.#before.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#before[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #firstOf(run: number): number {
    return this.#first[run] ?? 0;
  }

  #countOf(run: number): number {
    return this.#count[run] ?? 0;
  }
}
