import type { HostBuffer } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { ByteStream } from './byte-stream.ts';
import { partOf } from './byte-stream.ts';
import type { ChainOwner, ClusterSpace } from './cluster-space.ts';
import type { ClusterRun } from './extent-list.ts';
import { ExtentList } from './extent-list.ts';

/** The content of a file or directory: a chain of clusters, read in runs, a run in one request. */
export class ClusterStream implements ByteStream {
  readonly #space: ClusterSpace;
  readonly #owner: ChainOwner;
  #first: number;
  #extents: ExtentList | undefined;
  /** The end of the chain on the medium, which `link` will let go on. */
  #pending: { readonly from: number; readonly to: number } | undefined;

  constructor(space: ClusterSpace, firstCluster: number, owner: ChainOwner) {
    this.#space = space;
    this.#first = firstCluster;
    this.#owner = owner;
  }

  get firstCluster(): number {
    return this.#first;
  }

  capacity(): number {
    return this.#chain().total * this.#clusterSize;
  }

  read(position: number, buffer: HostBuffer): void {
    const { length } = buffer;
    for (let done = 0; done < length;) {
      const size = this.#seek(position + done, length - done);
      this.#space.disk.read(this.#place(position + done), partOf(buffer, done, size));
      done += size;
    }
  }

  write(position: number, buffer: HostBuffer): void {
    const { length } = buffer;
    for (let done = 0; done < length;) {
      const size = this.#seek(position + done, length - done);
      this.#space.disk.write(this.#place(position + done), partOf(buffer, done, size));
      done += size;
    }
  }

  grow(size: number): void {
    const chain = this.#chain();
    const missing = Math.ceil(size / this.#clusterSize) - chain.total;
    if (missing <= 0) return;
    const { last } = chain;
    const added = this.#space.allocate(missing, last);
    const to = added[0]?.first ?? 0;
    if (last === 0) this.#begin(to);
    // What follows an end that is not on the medium yet can be said at once.
    else if (this.#pending === undefined) this.#pending = { from: last, to };
    else this.#space.link(last, to);
    for (const run of added) chain.append(run.first, run.count);
  }

  link(): void {
    if (this.#pending === undefined) return;
    this.#space.link(this.#pending.from, this.#pending.to);
    this.#pending = undefined;
  }

  cut(size: number): readonly ClusterRun[] {
    const chain = this.#chain();
    const removed = chain.cut(Math.ceil(size / this.#clusterSize));
    const { last } = chain;
    if (last === 0) this.#begin(0);
    else if (removed.length > 0) this.#space.end(last);
    // The link that was to come led into what is gone.
    if (this.#pending?.from === last || last === 0) this.#pending = undefined;
    return removed;
  }

  dispose(): void {
    if (this.#extents !== undefined) this.#space.disclaim(this.#first, this.#owner);
  }

  get #clusterSize(): number {
    return this.#space.geometry.clusterSize;
  }

  #begin(cluster: number): void {
    if (this.#first !== 0) this.#space.disclaim(this.#first, this.#owner);
    this.#first = cluster;
    if (cluster !== 0) this.#space.claim(cluster, this.#owner);
  }

  #chain(): ExtentList {
    this.#extents ??= this.#follow();
    return this.#extents;
  }

  #follow(): ExtentList {
    if (this.#first === 0) return new ExtentList();
    const extents = this.#space.follow(this.#first, this.#owner);
    this.#space.claim(this.#first, this.#owner);
    return extents;
  }

  /** Goes to a position and returns how many bytes follow each other from there, at most `wanted`. */
  #seek(position: number, wanted: number): number {
    const chain = this.#chain();
    const clusterSize = this.#clusterSize;
    const index = Math.floor(position / clusterSize);
    if (index >= chain.total) {
      throw new EfiError(
        'EFI_VOLUME_CORRUPTED',
        `${this.#owner.path}: byte ${position} is wanted, its ${chain.total} clusters hold ${chain.total * clusterSize}`,
      );
    }
    chain.seek(index);
    return Math.min(wanted, chain.left * clusterSize - (position % clusterSize));
  }

  /** Where the position that was sought lies on the volume. */
  #place(position: number): number {
    const { geometry } = this.#space;
    return geometry.offsetOf(this.#chain().cluster) + (position % geometry.clusterSize);
  }
}
