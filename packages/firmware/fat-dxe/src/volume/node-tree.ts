import type { DirectoryRecord } from '../layout/directory-record.ts';
import { ATTRIBUTE_DIRECTORY } from '../layout/directory-record.ts';
import type { ClusterSpace } from '../space/cluster-space.ts';
import type { DirectoryEntry } from './directory-entry.ts';
import { FatNode } from './fat-node.ts';

/** How many directories that nobody uses are kept, read and indexed, for the next path that leads through. */
const MAX_IDLE = 16;

/** The nodes in use, from the root down. FatPkg/EnhancedFatDxe/DirectoryCache.c, Flush.c: FatCheckVolumeRef. */
export class NodeTree {
  readonly root: FatNode;
  readonly #space: ClusterSpace;
  readonly #isNeeded: (node: FatNode) => boolean;
  /** Oldest first. */
  readonly #idle = new Set<FatNode>();
  /** What a path led through, or a handle was closed on: perhaps nobody uses it. */
  readonly #loose = new Set<FatNode>();

  /** @param isNeeded whether a node without handles has to stay, for what is still to be written */
  constructor(space: ClusterSpace, isNeeded: (node: FatNode) => boolean) {
    this.#space = space;
    this.#isNeeded = isNeeded;
    this.root = new FatNode(space, undefined, '', {
      ...EMPTY_RECORD,
      attributes: ATTRIBUTE_DIRECTORY,
      firstCluster: space.geometry.rootCluster,
    });
  }

  /** The node of an entry. */
  child(parent: FatNode, entry: DirectoryEntry): FatNode {
    let node = parent.children.get(entry.slot);
    if (node === undefined) {
      node = new FatNode(this.#space, parent, entry.name, parent.directory.record(entry));
      this.attach(node, parent, entry);
    }
    this.#loose.add(node);
    return node;
  }

  /** Puts a node to its place. */
  attach(node: FatNode, parent: FatNode, entry: DirectoryEntry): void {
    node.parent = parent;
    node.entry = entry;
    node.name = entry.name;
    parent.children.set(entry.slot, node);
  }

  /** Takes a node from its place. */
  detach(node: FatNode): void {
    this.#idle.delete(node);
    if (node.entry !== undefined) node.parent?.children.delete(node.entry.slot);
  }

  /** Asks `tidy` to look at a node. */
  loosen(node: FatNode): void {
    this.#loose.add(node);
  }

  /** Lets go of the nodes that nobody uses any more. */
  tidy(): void {
    for (const node of this.#loose) this.#settle(node);
    this.#loose.clear();
  }

  #settle(node: FatNode): void {
    this.#idle.delete(node);
    if (node.parent === undefined || node.handles > 0 || node.children.size > 0) return;
    if (this.#isNeeded(node)) return;
    if (!node.isDirectory || node.isDeleted) {
      this.#drop(node);
      return;
    }
    this.#idle.add(node);
    const [oldest] = this.#idle;
    if (this.#idle.size > MAX_IDLE && oldest !== undefined) this.#drop(oldest);
  }

  #drop(node: FatNode): void {
    this.detach(node);
    node.stream.dispose();
    if (node.parent !== undefined) this.#settle(node.parent);
  }
}

export const EMPTY_RECORD: DirectoryRecord = {
  shortName: ' '.repeat(11),
  attributes: 0,
  caseFlags: 0,
  createTenths: 0,
  createTime: 0,
  createDate: 0,
  accessDate: 0,
  modifyTime: 0,
  modifyDate: 0,
  firstCluster: 0,
  size: 0,
};
