import type { EfiErrorStatus, EfiTime } from '@dxelab/uefi';
import type { DirectoryRecord } from '../layout/directory-record.ts';
import { ATTRIBUTE_ARCHIVE, ATTRIBUTE_DIRECTORY } from '../layout/directory-record.ts';
import { toFatDate, toFatTime } from '../layout/fat-time.ts';
import type { ByteStream } from '../space/byte-stream.ts';
import type { ClusterSpace } from '../space/cluster-space.ts';
import { ClusterStream } from '../space/cluster-stream.ts';
import { FixedRegion } from '../space/fixed-region.ts';
import { Directory } from './directory.ts';
import type { DirectoryEntry } from './directory-entry.ts';

/**
 * A file or directory that somebody uses. All handles on it share it, so that they see one size and one
 * chain. What EDK II calls an OFile (FatPkg/EnhancedFatDxe/Fat.h).
 */
export class FatNode {
  /** `undefined` for the root. */
  parent: FatNode | undefined;
  name: string;
  /** Its place in the parent; `undefined` for the root, and once it is deleted. */
  entry: DirectoryEntry | undefined;
  readonly record: DirectoryRecord;
  readonly stream: ByteStream;
  /** How many handles are open. */
  handles = 0;
  /** The nodes below, by the slots of their entries. */
  readonly children: Map<number, FatNode> = new Map();
  isDeleted = false;
  /** With a quirk in force: the first error, which all later calls meet again. */
  failure: EfiErrorStatus | undefined;
  readonly #space: ClusterSpace;
  #directory: Directory | undefined;

  constructor(
    space: ClusterSpace,
    parent: FatNode | undefined,
    name: string,
    record: DirectoryRecord,
  ) {
    const { geometry } = space;
    this.#space = space;
    this.parent = parent;
    this.name = name;
    this.record = record;
    this.stream =
      parent === undefined && geometry.type !== 'FAT32'
        ? new FixedRegion(space.disk, geometry.rootOffset, geometry.rootSize)
        : new ClusterStream(space, record.firstCluster, this);
  }

  get isDirectory(): boolean {
    return (this.record.attributes & ATTRIBUTE_DIRECTORY) !== 0;
  }

  /** From the root, which is `\`. */
  get path(): string {
    if (this.parent === undefined) return '\\';
    const above = this.parent.path;
    return above === '\\' ? `\\${this.name}` : `${above}\\${this.name}`;
  }

  /** As EDK II counts it: the root is 0, each level a separator and a name. */
  get pathLength(): number {
    return this.parent === undefined ? 0 : this.parent.pathLength + 1 + this.name.length;
  }

  /** What `..` of a directory in this one has to name: FAT writes 0 for the root. */
  get clusterForChildren(): number {
    return this.parent === undefined ? 0 : this.stream.firstCluster;
  }

  /** The entries of a directory, read at the first use. @throws EFI_VOLUME_CORRUPTED */
  get directory(): Directory {
    this.#directory ??= new Directory(this.stream, this.#space, this.path);
    return this.#directory;
  }

  /** Whether a handle is open on something below. */
  get isOpenBelow(): boolean {
    for (const child of this.children.values()) {
      if (child.handles > 0 || child.isOpenBelow) return true;
    }
    return false;
  }

  /** The content was changed. */
  markModified(now: EfiTime): void {
    const { record } = this;
    record.attributes |= ATTRIBUTE_ARCHIVE;
    record.modifyDate = toFatDate(now);
    record.modifyTime = toFatTime(now);
    record.accessDate = record.modifyDate;
  }

  /** Writes the record. */
  store(firstCluster: number = this.stream.firstCluster): void {
    const { entry, parent, record } = this;
    if (entry === undefined || parent === undefined) return;
    parent.directory.store(entry, { ...record, firstCluster });
    record.firstCluster = firstCluster;
  }
}
