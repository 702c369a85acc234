import { EfiError, efiStatusOf } from '@dxelab/uefi';
import type { FatPolicy } from '../fat-policy.ts';
import { FAT_BAD, FAT_END, FAT_END_MIN, FAT_FREE } from '../layout/fat-entry.ts';
import type { FatGeometry } from '../layout/geometry.ts';
import { ClusterCensus } from './cluster-census.ts';
import type { ClusterRun } from './extent-list.ts';
import { ExtentList } from './extent-list.ts';
import { FatTable } from './fat-table.ts';
import { FreeSpaceHints } from './free-space.ts';
import type { VolumeDisk } from './volume-disk.ts';

/** Who a chain belongs to, for messages; identity is the object. */
export interface ChainOwner {
  readonly path: string;
}

/** The clusters of a volume: whose they are, which are free, and in which order that gets to the medium. */
export class ClusterSpace {
  readonly disk: VolumeDisk;
  readonly geometry: FatGeometry;
  readonly policy: FatPolicy;
  /** Makes two names equal that are the same without regard to case. */
  readonly upperCase: (name: string) => string;
  readonly #fat: FatTable;
  readonly #hints: FreeSpaceHints;
  #census: ClusterCensus | undefined;
  /** With a quirk in force: the count that FSInfo began with. */
  #counted: number | undefined;
  /** Whether FSInfo is to be written. */
  #changed = false;
  /** Who holds the chain that begins with a cluster. */
  readonly #claims = new Map<number, ChainOwner>();

  constructor(
    disk: VolumeDisk,
    geometry: FatGeometry,
    policy: FatPolicy,
    upperCase: (name: string) => string,
  ) {
    this.disk = disk;
    this.geometry = geometry;
    this.policy = policy;
    this.upperCase = upperCase;
    this.#fat = new FatTable(disk, geometry);
    this.#hints = new FreeSpaceHints(disk, geometry);
    this.#counted = policy.freeSpaceFromFsInfo ? this.#hints.claimedFree : undefined;
  }

  /** How many clusters are free. Looks through the whole FAT the first time. */
  freeClusters(): number {
    return this.#counted ?? this.#count().free;
  }

  /**
   * Follows a chain to its end.
   * @throws EFI_VOLUME_CORRUPTED at a cluster that is not one, is free or bad, at a loop, and at a cluster
   *   that belongs to another chain as well
   */
  follow(first: number, owner: ChainOwner): ExtentList {
    const { geometry } = this;
    const strict = !this.policy.crossLinksUnseen;
    if (strict) this.#judgeFirst(first, owner);
    const extents = new ExtentList();
    for (let cluster = first; cluster < FAT_END_MIN; cluster = this.#fat.get(cluster)) {
      if (!geometry.isCluster(cluster)) {
        throw corrupted(owner, `cluster ${extents.total} of its chain: ${this.#nameOf(cluster)}`);
      }
      if (extents.total === geometry.clusterCount) {
        throw corrupted(owner, `its chain does not end within ${extents.total} clusters: a loop`);
      }
      if (strict && this.#count().isReachedTwice(cluster)) {
        throw corrupted(owner, `two chains meet at cluster ${cluster}`);
      }
      extents.append(cluster, 1);
    }
    return extents;
  }

  /** How many bytes a chain holds; 0 for one that is broken, so that a listing need not fail for it. */
  measure(first: number): number {
    if (first === 0) return 0;
    try {
      return this.follow(first, { path: '' }).total * this.geometry.clusterSize;
    } catch (caught) {
      if (efiStatusOf(caught) !== 'EFI_VOLUME_CORRUPTED') throw caught;
      return 0;
    }
  }

  /** Declares a chain to be a file's own. @throws EFI_VOLUME_CORRUPTED if another file has it */
  claim(first: number, owner: ChainOwner): void {
    const other = this.#claims.get(first);
    if (other !== undefined && other !== owner && !this.policy.crossLinksUnseen) {
      throw corrupted(owner, `its first cluster ${first} is also that of ${other.path}`);
    }
    this.#claims.set(first, owner);
  }

  disclaim(first: number, owner: ChainOwner): void {
    if (this.#claims.get(first) === owner) this.#claims.delete(first);
  }

  /**
   * Takes free clusters and chains them to each other, with an end. Nothing leads to them yet. All or
   * nothing.
   * @param after the cluster behind which they would best lie; 0: anywhere
   * @throws EFI_VOLUME_FULL
   */
  allocate(count: number, after: number): ClusterRun[] {
    const found = this.#search(
      count,
      this.geometry.isCluster(after) ? after + 1 : this.#hints.nextFree,
    );
    let next = FAT_END;
    for (const run of found.toReversed()) {
      for (let cluster = run.first + run.count - 1; cluster >= run.first; cluster--) {
        this.#set(cluster, next);
        next = cluster;
      }
    }
    const last = found.at(-1);
    if (last !== undefined) this.#hints.nextFree = this.#wrap(last.first + last.count);
    return found;
  }

  /** Lets clusters go; nothing on the medium may lead to them any more. */
  release(runs: readonly ClusterRun[]): void {
    for (const run of runs) {
      for (let cluster = run.first; cluster < run.first + run.count; cluster++) {
        this.#set(cluster, FAT_FREE);
      }
      if (run.first < this.#hints.nextFree) this.#hints.nextFree = run.first;
    }
  }

  /** Continues a chain. */
  link(from: number, to: number): void {
    this.#set(from, to);
  }

  /** Ends a chain after a cluster. */
  end(cluster: number): void {
    if (this.#fat.get(cluster) < FAT_END_MIN) this.#set(cluster, FAT_END);
  }

  /** Brings what was said so far to the medium. */
  flush(): void {
    this.#fat.flush();
  }

  /** The medium is consistent: brings the figures about free space up to date and calls the volume clean. */
  settle(): void {
    if (this.#changed) {
      this.#hints.store(this.freeClusters());
      this.#changed = false;
    }
    this.#fat.settle();
  }

  #set(cluster: number, value: number): void {
    const old = this.#fat.get(cluster);
    this.#fat.set(cluster, value);
    this.#census?.changed(old, value);
    if (this.#counted !== undefined) {
      this.#counted += (value === FAT_FREE ? 1 : 0) - (old === FAT_FREE ? 1 : 0);
    }
    this.#changed = true;
  }

  /** Free clusters in order of their numbers from `start` on, around the end once. Changes nothing. */
  #search(count: number, start: number): ClusterRun[] {
    const { clusterCount } = this.geometry;
    const found: ClusterRun[] = [];
    let missing = count;
    let run = { first: 0, count: 0 };
    for (let step = 0, cluster = this.#wrap(start); step < clusterCount && missing > 0; step++) {
      if (this.#isFree(cluster)) {
        missing--;
        if (run.count > 0 && run.first + run.count === cluster) run.count++;
        else found.push((run = { first: cluster, count: 1 }));
      }
      cluster = this.#wrap(cluster + 1);
    }
    if (missing > 0) {
      throw new EfiError(
        'EFI_VOLUME_FULL',
        `${count} clusters of ${this.geometry.clusterSize} bytes are needed, ${count - missing} are free`,
      );
    }
    return found;
  }

  /** One that is free, but that a broken chain leads to, is left alone. */
  #isFree(cluster: number): boolean {
    if (this.#fat.get(cluster) !== FAT_FREE) return false;
    return this.policy.crossLinksUnseen || !this.#count().isReached(cluster);
  }

  #wrap(cluster: number): number {
    return this.geometry.isCluster(cluster) ? cluster : 2;
  }

  #count(): ClusterCensus {
    this.#census ??= new ClusterCensus(this.#fat, this.geometry);
    return this.#census;
  }

  #judgeFirst(first: number, owner: ChainOwner): void {
    if (this.geometry.isCluster(first) && this.#count().isReached(first)) {
      throw corrupted(owner, `its first cluster ${first} lies within another chain`);
    }
  }

  #nameOf(cluster: number): string {
    const found =
      cluster === FAT_FREE ? '0 (free)' : cluster === FAT_BAD ? 'the mark of a bad one' : cluster;
    return `expected 2 to ${this.geometry.lastCluster} or an end, found ${found}`;
  }
}

function corrupted(owner: ChainOwner, problem: string): EfiError {
  return new EfiError('EFI_VOLUME_CORRUPTED', `${owner.path}: ${problem}`);
}
