/** States and the ways between them. */
export interface Graph {
  readonly states: number;
  /** How many of them, the first ones, were looked at: of the others it is not known where they lead. */
  readonly expanded: number;
  /** Twice a state, and 1 if something was achieved on the way. */
  readonly edges: Int32Array;
  readonly edgeCount: number;
  /** By state. */
  readonly firstEdges: Int32Array;
}

/**
 * Finds a state from which nothing can ever be achieved again, however things come.
 * @returns the one that is reached first; -1 if there is none
 */
export function progressless({ states, expanded, edges, edgeCount, firstEdges }: Graph): number {
  const good = new Uint8Array(states);
  good.fill(1, expanded);
  const work = new Int32Array(states);
  let left = 0;
  for (let state = expanded; state < states; state += 1) work[left++] = state;
  // which states lead to a state, in one list, by counting
  const begins = new Int32Array(states + 1);
  for (let edge = 0; edge < edgeCount; edge += 1) {
    const target = (edges[edge] ?? 0) >> 1;
    begins[target + 1] = (begins[target + 1] ?? 0) + 1;
  }
  for (let state = 0; state < states; state += 1) {
    begins[state + 1] = (begins[state + 1] ?? 0) + (begins[state] ?? 0);
  }
  const fill = begins.slice();
  const sources = new Int32Array(edgeCount);
  for (let state = 0; state < expanded; state += 1) {
    const end = state + 1 < expanded ? (firstEdges[state + 1] ?? 0) : edgeCount;
    for (let edge = firstEdges[state] ?? 0; edge < end; edge += 1) {
      const value = edges[edge] ?? 0;
      const target = value >> 1;
      const place = fill[target] ?? 0;
      sources[place] = state;
      fill[target] = place + 1;
      if ((value & 1) === 1 && good[state] === 0) {
        good[state] = 1;
        work[left++] = state;
      }
    }
  }
  while (left > 0) {
    left -= 1;
    const target = work[left] ?? 0;
    for (let place = begins[target] ?? 0; place < (begins[target + 1] ?? 0); place += 1) {
      const source = sources[place] ?? 0;
      if (good[source] === 1) continue;
      good[source] = 1;
      work[left++] = source;
    }
  }
  return good.indexOf(0);
}
