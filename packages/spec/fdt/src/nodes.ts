import type { FdtNode } from './device-tree.ts';
import { readFdtStrings } from './property-values.ts';

/** A node and all that it stands in: the root first, the node last. */
export type FdtPath = readonly [...FdtNode[], FdtNode];

/** Every node of a tree with its path, each before its children. */
export function* fdtPaths(root: FdtNode): Generator<FdtPath> {
  yield* pathsBelow([root]);
}

function* pathsBelow(path: FdtPath): Generator<FdtPath> {
  yield path;
  for (const child of nodeOf(path).children) yield* pathsBelow([...path, child]);
}

/** The node that a path leads to. */
export function nodeOf(path: FdtPath): FdtNode {
  const [root] = path;
  return path.at(-1) ?? root;
}

/** A path as the specification writes it: `/soc/serial@10000` (Devicetree Specification §2.2.3). */
export function fdtPathText(path: FdtPath): string {
  return `/${path
    .slice(1)
    .map(({ name }) => name)
    .join('/')}`;
}

/** Whether a node is, among others, a device of this kind (§2.3.1). */
export function isFdtCompatible({ properties }: FdtNode, kind: string): boolean {
  const compatible = properties.get('compatible');
  return compatible !== undefined && readFdtStrings(compatible).includes(kind);
}

/** Whether a device can be used: its status is absent or "okay", or "ok" as older trees have it (§2.3.4). */
export function isFdtEnabled({ properties }: FdtNode): boolean {
  const status = properties.get('status');
  if (status === undefined) return true;
  const [text] = readFdtStrings(status);
  return text === 'okay' || text === 'ok';
}
