import { FAT_FREE } from '../layout/fat-entry.ts';
import type { FatGeometry } from '../layout/geometry.ts';
import type { FatTable } from './fat-table.ts';

/**
 * What one pass over the FAT tells: how many clusters are free, and which are continued into, by one
 * entry or by several. A sound chain begins where nothing continues into, and no cluster of it is
 * continued into twice; so loops and cross-links show before a chain is followed, whoever opened first.
 */
export class ClusterCensus {
  #free = 0;
  readonly #reached: Uint8Array;
  readonly #reachedTwice: Uint8Array;
  readonly #geometry: FatGeometry;

  constructor(fat: FatTable, geometry: FatGeometry) {
    const bytes = (geometry.lastCluster >> 3) + 1;
    this.#geometry = geometry;
    this.#reached = new Uint8Array(bytes);
    this.#reachedTwice = new Uint8Array(bytes);
    for (let cluster = 2; cluster <= geometry.lastCluster; cluster++) {
      const next = fat.get(cluster);
      if (next === FAT_FREE) this.#free++;
      else if (geometry.isCluster(next)) this.#reach(next);
    }
  }

  get free(): number {
    return this.#free;
  }

  /** Whether another cluster's entry leads to this one. */
  isReached(cluster: number): boolean {
    return has(this.#reached, cluster);
  }

  isReachedTwice(cluster: number): boolean {
    return has(this.#reachedTwice, cluster);
  }

  /** Follows a change of an entry. */
  changed(from: number, to: number): void {
    if (from === FAT_FREE) this.#free--;
    if (to === FAT_FREE) this.#free++;
    // One of two who lead there has gone; who of them was right is not for a driver to decide.
    if (this.#geometry.isCluster(from) && !this.isReachedTwice(from)) {
      this.#reached[from >> 3] = (this.#reached[from >> 3] ?? 0) & ~(1 << (from & 7));
    }
    if (this.#geometry.isCluster(to)) this.#reach(to);
  }

  #reach(cluster: number): void {
    const map = this.isReached(cluster) ? this.#reachedTwice : this.#reached;
    map[cluster >> 3] = (map[cluster >> 3] ?? 0) | (1 << (cluster & 7));
  }
}

function has(map: Uint8Array, cluster: number): boolean {
  return ((map[cluster >> 3] ?? 0) & (1 << (cluster & 7))) !== 0;
}
