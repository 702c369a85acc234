import type { Difference } from '../comparison.ts';

/** Differences in the order in which they came up; the same again is only counted. */
export class DifferenceList {
  readonly #differences = new Map<string, Difference>();

  get all(): readonly Difference[] {
    return [...this.#differences.values()];
  }

  add(difference: Difference): void {
    const { device, kind, name, part, texts } = difference;
    const key = [device, kind, name, part, ...texts].join('\n');
    const before = this.#differences.get(key);
    this.#differences.set(key, { ...difference, count: (before?.count ?? 0) + difference.count });
  }
}
