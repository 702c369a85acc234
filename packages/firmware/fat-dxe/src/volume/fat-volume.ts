import { LATIN_1_LETTERS, UNICODE_LETTERS } from '@dxelab/english-dxe';
import type { EfiBlockIo, EfiDiskIo, EfiFileSystemInfo, EfiTime } from '@dxelab/uefi';
import { EfiError, isEfiFailure } from '@dxelab/uefi';
import type { FatPolicy } from '../fat-policy.ts';
import { BOOT_SECTOR_SIZE, readBiosParameterBlock } from '../layout/bpb.ts';
import { judgeGeometry } from '../layout/geometry.ts';
import { ClusterSpace } from '../space/cluster-space.ts';
import { VolumeDisk } from '../space/volume-disk.ts';
import type { FatNode } from './fat-node.ts';
import { NodeTree } from './node-tree.ts';
import type { VolumeLock } from './volume-lock.ts';
import { volumeLabel } from './volume-label.ts';

/** What a volume needs besides its disk. */
export interface FatEnvironment {
  readonly policy: FatPolicy;
  readonly lock: VolumeLock;
  /** Of names: StrUpr of a EFI_UNICODE_COLLATION_PROTOCOL. Default: that of English, as linked in. */
  readonly upperCase?: (name: string) => string;
  /** The time that is written to what is created or changed. */
  now(): EfiTime;
  /** Tells of a failure that no caller can be told of. */
  warn(message: string): void;
}

/**
 * A mounted FAT volume: FatPkg/EnhancedFatDxe's FAT_VOLUME.
 *
 * Data of files is not cached: it goes straight between the caller's buffer and the disk. The FAT and the
 * records of files that grow are kept back until `commit`, which flush, close and every change of a
 * directory call. It brings them to the disk in this order: the FAT's entries for new clusters, to which
 * nothing leads yet; what leads to them; the records. What is deleted goes the other way round. So a write
 * that fails, or power that does, can lose clusters, but never leaves two files with one.
 */
export class FatVolume {
  readonly disk: VolumeDisk;
  readonly space: ClusterSpace;
  readonly tree: NodeTree;
  readonly policy: FatPolicy;
  readonly lock: VolumeLock;
  readonly #environment: FatEnvironment;
  /** Whose records differ from the medium. */
  readonly #changed = new Set<FatNode>();

  /** @throws EFI_UNSUPPORTED if this is no FAT volume, EFI_VOLUME_CORRUPTED, and what DiskIo throws */
  constructor(diskIo: EfiDiskIo, blockIo: EfiBlockIo, environment: FatEnvironment) {
    const { blockSize } = blockIo.media;
    if (blockSize < 512 || blockSize > 4096) {
      throw new EfiError(
        'EFI_UNSUPPORTED',
        `FAT needs blocks of 512 to 4096 bytes, not ${blockSize}`,
      );
    }
    this.disk = new VolumeDisk(diskIo, blockIo);
    const sector = new Uint8Array(BOOT_SECTOR_SIZE);
    this.disk.read(0, sector);
    const geometry = judgeGeometry(readBiosParameterBlock(sector), {
      mediumSize: this.disk.mediumSize,
      trusting: environment.policy.bootSectorTrusted,
    });
    this.disk.confine(geometry.volumeSize);
    this.#environment = environment;
    this.policy = environment.policy;
    this.lock = environment.lock;
    this.space = new ClusterSpace(
      this.disk,
      geometry,
      environment.policy,
      upperCaseOf(environment),
    );
    this.tree = new NodeTree(this.space, (node) => this.#changed.has(node));
  }

  now(): EfiTime {
    return this.#environment.now();
  }

  /** Notes that a node's record has to be written. */
  touch(node: FatNode): void {
    this.#changed.add(node);
  }

  /** Nothing of a node has to be written any more. */
  forget(node: FatNode): void {
    this.#changed.delete(node);
  }

  /** Brings everything to the disk and has the disk keep it. What fails is tried again the next time. */
  commit(): void {
    this.space.flush();
    if (this.#changed.size > 0) {
      for (const node of this.#changed) node.stream.link();
      this.space.flush();
      for (const node of this.#changed) {
        node.store();
        this.#changed.delete(node);
        this.tree.loosen(node);
      }
    }
    this.space.settle();
    this.disk.flush(this.policy.flushesOnEveryCall);
  }

  /** For what must be tried where nobody can be told that it failed. */
  attempt(body: () => void): void {
    try {
      body();
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      this.#environment.warn(caught.message);
    }
  }

  /** A call that changed nothing is over: EDK II lets the disk flush all the same (Flush.c: FatCleanupVolume). */
  finishCall(): void {
    if (this.policy.flushesOnEveryCall) this.disk.flush(true);
  }

  /** The driver is stopped: every handle that is still open has lost its medium. */
  abandon(): void {
    if (!this.policy.stopLosesUnflushed && !this.disk.isAbandoned)
      this.attempt(() => this.commit());
    this.disk.abandon();
  }

  fileSystemInfo(): EfiFileSystemInfo {
    const { geometry } = this.space;
    return {
      readOnly: this.disk.readOnly,
      volumeSize: geometry.clusterCount * geometry.clusterSize,
      freeSpace: this.space.freeClusters() * geometry.clusterSize,
      blockSize: geometry.clusterSize,
      volumeLabel: volumeLabel(this.tree.root.directory, this.policy),
    };
  }
}

function upperCaseOf({ policy, upperCase }: FatEnvironment): (name: string) => string {
  return upperCase ?? (policy.latin1Names ? LATIN_1_LETTERS : UNICODE_LETTERS).upper;
}
